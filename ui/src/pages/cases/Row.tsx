import { memo, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CaseRow } from "../../api/types";
import { DueMark } from "../../shared/DueMark";
import { StateMark } from "../../shared/StateMark";
import type { Times } from "../../shared/time";

interface Props {
  row: CaseRow; index: number; top: number; height: number; now: number; times: Times;
  active: boolean; selected: boolean; phone: boolean;
  onOpen: (row: CaseRow) => void; onSelect: (row: CaseRow) => void; onActive: (row: CaseRow) => void;
}

function High() {
  const { t } = useTranslation();
  return <span className="cs-high sw-small">{t("cases.high")}</span>;
}

/** It goes to and fro between units. */
function Bounces() {
  const { t } = useTranslation();
  return <span className="cs-high sw-amber sw-small" title={t("back.bounces_why")} data-testid="row-bounces">{t("back.bounces")}</span>;
}

export const Row = memo(function Row(props: Props) {
  const { row, index, top, height, now, times, active, selected, phone, onOpen, onSelect, onActive } = props;
  const { t } = useTranslation();
  const place = row.place_text ?? row.grid?.name ?? t("cases.place_unknown");
  const box = (
    <input type="checkbox" checked={selected} tabIndex={-1} aria-label={t("cases.select", { number: row.number })}
      onClick={(event) => event.stopPropagation()} onChange={() => onSelect(row)} />
  );
  const open = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onActive(row);
    onOpen(row);
  };
  const link = (
    <a href={`/cases/${row.id}`} className="sw-cut cs-title" title={row.title} tabIndex={-1} onClick={open}>{row.title}</a>
  );
  const common = {
    id: `case-${row.id}`, role: "row", "aria-rowindex": index + 2, "aria-selected": selected, "data-testid": "case-row", "data-id": row.id,
    "data-active": active || undefined, style: { top, height },
    onClick: open,
  } as const;
  if (phone)
    return (
      <div {...common} className="cs-row cs-row-phone">
        <div role="gridcell" className="cs-phone-line">
          {row.priority === "high" ? <High /> : null}
          {row.bounces && row.state !== "closed" ? <Bounces /> : null}
          {link}
        </div>
        <div role="gridcell" className="cs-phone-line sw-small">
          <StateMark state={row.state} />
          <DueMark row={row} now={now} />
          <span className="sw-quiet sw-cut">{place}</span>
        </div>
      </div>
    );
  return (
    <div {...common} className="cs-row">
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- "x" selects */}
      <div role="gridcell" tabIndex={-1} className="cs-check" onClick={(event) => event.stopPropagation()}>{box}</div>
      <div role="gridcell" className="sw-num sw-quiet">{row.number}</div>
      <div role="gridcell"><StateMark state={row.state} /></div>
      <div role="gridcell" className="cs-title-cell">
        {row.priority === "high" ? <High /> : null}
        {row.bounces && row.state !== "closed" ? <Bounces /> : null}
        {link}
      </div>
      <div role="gridcell" className="sw-cut sw-quiet" title={row.category?.name}>{row.category?.name ?? "—"}</div>
      <div role="gridcell" className={`sw-cut ${row.place_text ? "" : "sw-quiet"}`} title={place}>{place}</div>
      <div role="gridcell" className="sw-cut" title={row.unit?.name}>{row.unit?.name ?? <span className="sw-quiet">{t("cases.no_unit")}</span>}</div>
      <div role="gridcell" className={`cs-right sw-num ${row.voices > 1 ? "" : "sw-quiet"}`}>{row.voices}</div>
      <div role="gridcell" className="sw-num sw-quiet cs-right">{times.short(row.opened_at, now)}</div>
      <div role="gridcell"><DueMark row={row} now={now} /></div>
    </div>
  );
});
