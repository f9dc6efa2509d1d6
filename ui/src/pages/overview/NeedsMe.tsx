import { memo, useEffect, useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CaseRow } from "../../api/types";
import { CaseGlyph } from "../../map/CaseGlyph";
import { Blank } from "../../shared/Blank";
import { dueNow, dueWords } from "../../shared/DueMark";
import { useNow } from "../../shared/clock";
import { useHeld } from "./useHeld";
import { useHold } from "./useHold";

interface Props {
  rows: readonly CaseRow[];
  selectedId: string | null;
  hoverId: string | null;
  onHover: (id: string | null) => void;
}

const TONES: Record<string, string> = { overdue: "sw-red", soon: "sw-amber" };
const MINUTE_PARTS = 15_000;

/** What goes wrong first if nobody acts, in the server's order. */
export function NeedsMe({ rows, selectedId, hoverId, onHover }: Props) {
  const { t } = useTranslation();
  const hold = useHold();
  const { shown, waiting, release } = useHeld(rows, hold.held);
  const now = useNow(MINUTE_PARTS);
  const list = useRef<HTMLOListElement>(null);
  const moved = waiting && !sameOrder(shown, rows);
  useEffect(() => {
    if (selectedId) list.current?.querySelector(`[data-id="${CSS.escape(selectedId)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selectedId]);
  // What is shown stays in its place, but says what is true now.
  const latest = new Map(rows.map((row) => [row.id, row]));

  return (
    <section className="ov-panel ov-needs sw-panel sw-map-colors" aria-label={t("overview.needs_me")}>
      <header className="ov-head">
        <h2>{t("overview.needs_me")}</h2>
        {moved ? (
          <button type="button" className="ov-more" onClick={release}>
            {t("overview.list_changed")}
          </button>
        ) : (
          <span className="sw-small sw-quiet">{t("overview.needs_me_order")}</span>
        )}
      </header>
      {shown.length === 0 ? (
        <Blank title={t("overview.needs_none")} text={t("overview.needs_none_text")} />
      ) : (
        <ol ref={list} className="ov-list" {...hold.handlers}>
          {shown.map((row) => (
            <Row
              key={row.id}
              row={latest.get(row.id) ?? row}
              now={now}
              gone={waiting && !latest.has(row.id)}
              marked={row.id === selectedId ? "selected" : row.id === hoverId ? "hover" : undefined}
              onHover={onHover}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function sameOrder(a: readonly CaseRow[], b: readonly CaseRow[]): boolean {
  return a.length === b.length && a.every((row, i) => row.id === b[i]!.id);
}

interface RowProps {
  row: CaseRow;
  now: number;
  gone: boolean;
  marked: "selected" | "hover" | undefined;
  onHover: (id: string | null) => void;
}

const Row = memo(function Row({ row, now, gone, marked, onHover }: RowProps) {
  const { t } = useTranslation();
  const due = dueNow(row, now);
  const place = row.place_text ?? row.grid?.name ?? t("overview.place_unknown");
  return (
    <li>
      <Link
        className="ov-row"
        to={`/cases/${row.id}`}
        data-testid="needs-me-row"
        data-id={row.id}
        data-marked={marked}
        data-gone={gone || undefined}
        onMouseEnter={() => onHover(row.id)}
        onMouseLeave={() => onHover(null)}
        onFocus={() => onHover(row.id)}
        onBlur={() => onHover(null)}
        onKeyDown={moveFocus}
      >
        <CaseGlyph item={{ state: row.state, due_state: due }} size={16} />
        <span className="ov-line">
          <span className="ov-row-title sw-cut" title={row.title}>
            {row.title}
          </span>
          <span className={`ov-row-due sw-num ${TONES[due] ?? "sw-quiet"}`}>{dueWords(t, row, now)}</span>
        </span>
        <span className="ov-line sw-small sw-quiet">
          <span className="sw-cut" title={place}>
            {row.order_attention ? <span className="sw-amber">{t(`orders.attention.${row.order_attention}`)} · </span> : null}
            {t(`state.${row.state}`)} · {place}
          </span>
          {row.voices > 1 ? <span className="sw-num">{t("overview.voices", { count: row.voices })}</span> : null}
        </span>
      </Link>
    </li>
  );
});

/** Arrows and j, k walk through the rows; Enter is the link's own. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const down = event.key === "ArrowDown" || event.key === "j";
  if (!down && event.key !== "ArrowUp" && event.key !== "k") return;
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const rows = [...(event.currentTarget.closest("ol")?.querySelectorAll<HTMLElement>("a") ?? [])];
  const at = rows.indexOf(event.currentTarget);
  const next = rows[at + (down ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
