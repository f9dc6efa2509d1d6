import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { conditionsQuery } from "../../api/dispatch";
import type { Condition, DeskItem, RankedClass } from "../../api/types";
import { ClassSearch } from "./ClassSearch";
import { Conditions } from "./Conditions";
import type { Decision } from "./decide";
import { useDeskKeys } from "./keys";

type Cls = Pick<RankedClass, "scheme" | "code" | "name">;

/** Whether the officer wants to be asked for the condition too; it stays for the next case. */
let kept = false;

/** What class? The three likeliest by number, any other by searching, or none; and its condition, if wanted. */
export function Category({ item, onDecide }: { item: DeskItem; onDecide: (decision: Decision) => void }) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState(kept);
  const [asked, setAsked] = useState<{ cls: Cls; conditions: Condition[] } | null>(null);
  const decide = (cls: Cls, condition?: string): void => onDecide({ kind: "class", cls, condition });
  const pick = (cls: Cls): void => {
    if (!wanted) return decide(cls);
    // One condition is no question; and where they cannot be read, the class is what matters.
    void client.fetchQuery(conditionsQuery(`${cls.scheme}:${cls.code}`)).then(
      (conditions) => (conditions.length > 1 ? setAsked({ cls, conditions }) : decide(cls)),
      () => decide(cls),
    );
  };
  const toggle = (): void => {
    kept = !wanted;
    setWanted(kept);
  };
  if (asked) return <Conditions name={asked.cls.name} conditions={asked.conditions} onPick={(code) => decide(asked.cls, code)} onBack={() => setAsked(null)} />;
  return <Classes item={item} wanted={wanted} onToggle={toggle} onPick={pick} onStay={() => onDecide({ kind: "stay", doubt: "category" })} />;
}

interface Props { item: DeskItem; wanted: boolean; onToggle: () => void; onPick: (cls: Cls) => void; onStay: () => void }

function Classes({ item, wanted, onToggle, onPick, onStay }: Props) {
  const { t } = useTranslation();
  const best = item.understanding.categories.slice(0, 3);
  const [searching, setSearching] = useState(best.length === 0);
  const take = (index: number) => {
    const cls = best[index];
    return cls ? () => onPick(cls) : undefined;
  };
  useDeskKeys({ 1: take(0), 2: take(1), 3: take(2), "/": () => setSearching(true), 0: onStay, c: onToggle });
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
      {searching ? <ClassSearch autoFocus onPick={onPick} onCancel={() => setSearching(false)} /> : (
        <button type="button" className="sw-plain dk-option" onClick={() => setSearching(true)}><kbd>/</kbd><span className="dk-option-words">{t("desk.search_class")}</span></button>
      )}
      <button type="button" className="sw-plain dk-option" data-testid="desk-stay" onClick={onStay}><kbd>0</kbd><span className="dk-option-words">{t("desk.stay_category")}</span></button>
      <button type="button" className="sw-plain dk-option" role="switch" aria-checked={wanted} data-testid="desk-condition-switch" onClick={onToggle}>
        <kbd>c</kbd><span className="dk-option-words">{t(wanted ? "desk_condition.on" : "desk_condition.off")}</span>
      </button>
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
