import { Button } from "antd";
import { useEffect, useState, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import type { OrderLine } from "../../api/types";
import { useNow } from "../../shared/clock";
import { useShortcut } from "../../shared/keyboard";
import { OrderDue, OrderMark, useCallBackWords } from "../../shared/OrderMark";
import { StateMark } from "../../shared/StateMark";

interface Props {
  rows: OrderLine[]; stale: boolean; hasMore: boolean; loadingMore: boolean;
  onOpen: (row: OrderLine) => void; onMore: () => void;
}

const COLUMNS = ["number", "state", "due", "title", "case_state", "unit", "call_back", "exclusion"] as const;

/** One order is one line; j, k and Enter as in the list of cases. */
export function List({ rows, stale, hasMore, loadingMore, onOpen, onMore }: Props) {
  const { t } = useTranslation();
  const now = useNow(20_000);
  const callBack = useCallBackWords();
  const [activeId, setActiveId] = useState<string | null>(null);
  const index = rows.findIndex(({ id }) => id === activeId);
  const move = (step: number): void => {
    const next = rows[index < 0 ? 0 : Math.min(Math.max(index + step, 0), rows.length - 1)];
    if (next) setActiveId(next.id);
  };
  useEffect(() => {
    if (activeId) document.getElementById(`order-${activeId}`)?.scrollIntoView({ block: "nearest" });
  }, [activeId]);
  useShortcut("j", () => move(1));
  useShortcut("k", () => move(-1));
  useShortcut("ArrowDown", () => move(1));
  useShortcut("ArrowUp", () => move(-1));
  useShortcut("Enter", () => {
    const row = rows[index];
    if (row) onOpen(row);
  });
  const click = (event: MouseEvent, row: OrderLine): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(row);
  };
  return (
    <div className={`or-scroll ${stale ? "or-stale" : ""}`} role="grid" aria-label={t("orders.table")} tabIndex={0}
      aria-activedescendant={activeId ? `order-${activeId}` : undefined}>
      <div className="or-row or-head" role="row">
        {COLUMNS.map((column) => <div key={column} role="columnheader">{t(`orders.col_${column}`)}</div>)}
      </div>
      {rows.map((row) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- Enter opens the active row
        <div key={row.id} id={`order-${row.id}`} className="or-row" role="row" tabIndex={-1} data-testid="order-row" data-number={row.number}
          data-active={row.id === activeId || undefined} onClick={(event) => click(event, row)}>
          <div role="gridcell" className="sw-num sw-cut" title={row.number}>{row.number}</div>
          <div role="gridcell" className="sw-cut"><OrderMark order={row} /></div>
          <div role="gridcell"><OrderDue order={row} now={now} /></div>
          <div role="gridcell" className="or-title">
            <a href={`/cases/${row.case.id}`} className="sw-cut" title={row.case.title} tabIndex={-1}
              onClick={(event) => {
                event.stopPropagation();
                click(event, row);
              }}>
              {row.case.title}
            </a>
          </div>
          <div role="gridcell" title={row.state === "closed" && row.case.state !== "closed" ? t("orders.case_open_hint") : undefined}>
            <StateMark state={row.case.state} />
          </div>
          <div role="gridcell" className="sw-cut sw-quiet">{row.case.unit?.name ?? t("cases.no_unit")}</div>
          <div role="gridcell" className={`sw-cut ${row.call_back?.resolved === false ? "sw-amber" : "sw-quiet"}`}>{callBack(row) || "—"}</div>
          <div role="gridcell" className="sw-cut sw-quiet">{row.exclusion === "none" ? "—" : t(`orders.exclusion.${row.exclusion}`)}</div>
        </div>
      ))}
      {hasMore ? <div className="or-foot"><Button size="small" loading={loadingMore} onClick={onMore}>{t("orders.more")}</Button></div> : null}
    </div>
  );
}
