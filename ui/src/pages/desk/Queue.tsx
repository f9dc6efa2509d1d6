import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DeskItem } from "../../api/types";
import { useNow } from "../../shared/clock";
import { useTimes } from "../../shared/time";
import { ORDER } from "./decide";

interface Props { items: readonly DeskItem[]; activeId: string; onPick: (item: DeskItem) => void; foot: ReactNode }

/** One line for each case that waits: urgent ones first, and what is asked of each. */
export function Queue({ items, activeId, onPick, foot }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(30_000);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [activeId]);
  return (
    <nav className="dk-queue" aria-label={t("desk.queue")}>
      <ol ref={list}>
        {items.map((item) => (
          <li key={item.case.id}>
            <button type="button" className="sw-plain dk-line" tabIndex={-1} aria-current={item.case.id === activeId || undefined} data-testid="desk-item" data-id={item.case.id} data-number={item.case.number}
              onClick={() => onPick(item)}>
              <span className="dk-line-head">
                {item.case.priority === "high" ? <span className="dk-high sw-small">{t("cases.high")}</span> : null}
                <span className="sw-cut" title={`${item.case.title} · ${times.short(item.case.opened_at, now)}`}>{item.case.title}</span>
                <Asked doubts={ORDER.filter((doubt) => item.understanding.doubts.includes(doubt))} />
              </span>
            </button>
          </li>
        ))}
      </ol>
      {foot}
    </nav>
  );
}

/** What is asked first and how much more: three words would leave the title no room. */
function Asked({ doubts }: { doubts: readonly (typeof ORDER)[number][] }) {
  const { t } = useTranslation();
  const words = doubts.map((doubt) => t(`desk.doubt.${doubt}`));
  if (!words.length) return null;
  return (
    <span className="dk-chips" title={words.join(" · ")}>
      <span className="dk-chip sw-small">{words[0]}</span>
      {words.length > 1 ? <span className="dk-chip sw-small">+{words.length - 1}</span> : null}
    </span>
  );
}
