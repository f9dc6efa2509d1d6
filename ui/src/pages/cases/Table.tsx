import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseRow } from "../../api/types";
import { useNow } from "../../shared/clock";
import { useShortcut } from "../../shared/keyboard";
import { usePhone } from "../../shared/media";
import { useTimes } from "../../shared/time";
import { Row } from "./Row";
import type { Selection } from "./selection";
import { useWindow } from "./window";

const HEAD = 32;

interface Props {
  listKey: string; rows: CaseRow[]; stale: boolean; selection: Selection;
  hasMore: boolean; loadingMore: boolean; moreFailed: boolean; onMore: () => void; onOpen: (row: CaseRow) => void;
}

/** The row where each list was left. */
const lastActive = new Map<string, string>();

export function rememberActive(listKey: string, id: string): void {
  lastActive.set(listKey, id);
}

export function Table({ listKey, rows, stale, selection, hasMore, loadingMore, moreFailed, onMore, onOpen }: Props) {
  const { t } = useTranslation();
  const phone = usePhone();
  const height = phone ? 64 : 34;
  const now = useNow(20_000);
  const times = useTimes();
  const { scroller, from, to, onScroll, reveal } = useWindow(listKey, rows.length, height);
  const [activeId, setActiveId] = useState(() => lastActive.get(listKey));
  const activeIndex = rows.findIndex((row) => row.id === activeId);
  const active = rows[activeIndex];

  // a screenful before the end, the next page is asked for
  useEffect(() => {
    if (hasMore && !loadingMore && !moreFailed && to > rows.length - 30) onMore();
  }, [hasMore, loadingMore, moreFailed, to, rows.length, onMore]);

  function activate(row: CaseRow | undefined): void {
    if (!row) return;
    lastActive.set(listKey, row.id);
    setActiveId(row.id);
  }
  function move(step: number): void {
    const index = activeIndex < 0 ? from + (from > 0 ? 12 : 0) : Math.min(Math.max(activeIndex + step, 0), rows.length - 1);
    activate(rows[index]);
    reveal(index, HEAD);
  }
  useShortcut("j", () => move(1));
  useShortcut("k", () => move(-1));
  useShortcut("ArrowDown", () => move(1));
  useShortcut("ArrowUp", () => move(-1));
  useShortcut("Enter", () => active && onOpen(active));
  useShortcut("x", () => active && selection.toggle(active.id));
  useShortcut("a", () => selection.setAll(rows.map((row) => row.id)));
  useShortcut("Escape", selection.clear, { off: selection.ids.size === 0 });

  const all = rows.length > 0 && selection.ids.size >= rows.length;
  return (
    <div className={`cs-table ${stale ? "cs-stale" : ""}`} role="grid" aria-label={t("cases.table")} aria-rowcount={hasMore ? -1 : rows.length + 1}
      tabIndex={0} aria-activedescendant={active ? `case-${active.id}` : undefined}>
      <div className="cs-scroll" ref={scroller} onScroll={onScroll}>
        {phone ? null : (
          <div className="cs-row cs-head" role="row" aria-rowindex={1}>
            <div role="columnheader" className="cs-check">
              <input type="checkbox" checked={all} aria-label={t("cases.select_all")}
                onChange={() => (all ? selection.clear() : selection.setAll(rows.map((row) => row.id)))} />
            </div>
            {(["number", "state", "title", "category", "place", "unit", "voices", "opened", "due"] as const).map((column) => (
              <div key={column} role="columnheader" className={column === "voices" || column === "opened" ? "cs-right" : undefined}
                title={column === "voices" ? t("cases.col_voices_hint") : undefined}>
                {t(`cases.col_${column}`)}
              </div>
            ))}
          </div>
        )}
        <div className="cs-body" role="rowgroup" style={{ height: rows.length * height }}>
          {rows.slice(from, to).map((row, index) => (
            <Row key={row.id} row={row} index={from + index} top={(from + index) * height} height={height} now={now} times={times} phone={phone}
              active={row.id === activeId} selected={selection.ids.has(row.id)} onOpen={onOpen} onActive={activate}
              onSelect={(each) => {
                activate(each);
                selection.toggle(each.id);
              }} />
          ))}
        </div>
        <div className="cs-foot sw-small sw-quiet">
          {moreFailed ? (
            <>
              {t("cases.more_failed")} <Button size="small" onClick={onMore}>{t("common.retry")}</Button>
            </>
          ) : hasMore ? t("common.loading") : rows.length > 30 ? t("cases.end") : null}
        </div>
      </div>
    </div>
  );
}
