import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeskItem } from "../../api/types";
import { ClassSearch } from "./ClassSearch";
import type { Decision } from "./decide";
import { useDeskKeys } from "./keys";

/** What class? The three likeliest by number, any other by searching, or none. */
export function Category({ item, onDecide }: { item: DeskItem; onDecide: (decision: Decision) => void }) {
  const { t } = useTranslation();
  const best = item.understanding.categories.slice(0, 3);
  const [searching, setSearching] = useState(best.length === 0);
  const take = (index: number) => {
    const cls = best[index];
    return cls ? () => onDecide({ kind: "class", cls }) : undefined;
  };
  const stay = (): void => onDecide({ kind: "stay", doubt: "category" });
  useDeskKeys({ 1: take(0), 2: take(1), 3: take(2), "/": () => setSearching(true), 0: stay });
  return (
    <div className="dk-question">
      <h2>{t("desk.ask.category")}</h2>
      {best.length > 0 ? (
        <ol className="dk-options">
          {best.map((cls, index) => (
            <li key={`${cls.scheme}:${cls.code}`}>
              <button type="button" className="sw-plain dk-option" data-testid="desk-class" onClick={take(index)}>
                <kbd>{index + 1}</kbd>
                <span className="dk-option-words">{cls.name}</span>
                <Bar share={cls.confidence} />
              </button>
            </li>
          ))}
        </ol>
      ) : <p className="sw-quiet">{t("desk.no_classes")}</p>}
      {searching ? <ClassSearch autoFocus onPick={(cls) => onDecide({ kind: "class", cls })} onCancel={() => setSearching(false)} /> : (
        <button type="button" className="sw-plain dk-option" onClick={() => setSearching(true)}><kbd>/</kbd><span className="dk-option-words">{t("desk.search_class")}</span></button>
      )}
      <button type="button" className="sw-plain dk-option" data-testid="desk-stay" onClick={stay}><kbd>0</kbd><span className="dk-option-words">{t("desk.stay_category")}</span></button>
      <p className="sw-small sw-quiet">{t("desk.teaches.category")}</p>
    </div>
  );
}

/** How sure the engine is, as a bar and a number. */
export function Bar({ share }: { share: number }) {
  const percent = Math.round(share * 100);
  return (
    <span className="dk-bar-box">
      <span className="dk-bar" aria-hidden="true"><span style={{ width: `${percent}%` }} /></span>
      <span className="sw-small sw-quiet sw-num">{percent}%</span>
    </span>
  );
}
