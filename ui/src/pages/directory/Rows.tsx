import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DirectoryRecord, Kind } from "../../api/directory";
import { useShortcut } from "../../shared/keyboard";
import { useWindow } from "../cases/window";
import type { ListColumn } from "./columns";
import { itemOf, useDraft, type DraftItem } from "./draft";
import { kindName } from "./kinds";
import type { Looking } from "./params";
import type { RecordList } from "./useRecords";

const ROW = 34;
const HEAD = 32;
const INDENT_PX = 20;

interface Props {
  kind: Kind; columns: ListColumn[]; list: RecordList; looking: Looking;
  look: (change: Partial<Looking>, replace?: boolean) => void;
  /** The line that a question was decided by. */
  marked: string | null;
}

export function Rows({ kind, columns, list, looking, look, marked }: Props) {
  const { t, i18n } = useTranslation();
  const { items } = useDraft();
  const { rows, hasMore, loadingMore, moreFailed, more } = list;
  const { scroller, from, to, onScroll, reveal } = useWindow(`directory ${kind.kind} ${looking.q}`, rows.length, ROW);
  const [active, setActive] = useState<string | null>(looking.code);
  const index = rows.findIndex(({ code }) => code === active);

  useEffect(() => {
    if (hasMore && !loadingMore && !moreFailed && to > rows.length - 30) more();
  }, [hasMore, loadingMore, moreFailed, to, rows.length, more]);
  const markedIndex = rows.findIndex(({ code }) => code === marked);
  useEffect(() => {
    if (markedIndex >= 0) reveal(markedIndex, HEAD);
  }, [markedIndex, reveal]);

  const open = (record: DirectoryRecord, replace = false): void => {
    setActive(record.code);
    look({ code: record.code, mode: null, item: null }, replace);
  };
  function move(step: number): void {
    const next = index < 0 ? from : Math.min(Math.max(index + step, 0), rows.length - 1);
    const row = rows[next];
    if (!row) return;
    setActive(row.code);
    reveal(next, HEAD);
    // a record that is open follows; a form that is being filled in stays
    if (looking.code && looking.mode === null) open(row, true);
  }
  useShortcut("j", () => move(1));
  useShortcut("k", () => move(-1));
  useShortcut("ArrowDown", () => move(1));
  useShortcut("ArrowUp", () => move(-1));
  useShortcut("Enter", () => {
    const row = rows[index];
    if (row) open(row);
  });
  const template = columns.map(({ width }) => width).join(" ");
  const row = rows[index];
  return (
    <div className={`di-table ${list.stale ? "di-stale" : ""}`} role="grid" aria-label={kindName(kind, i18n.language)} tabIndex={0}
      aria-rowcount={hasMore ? -1 : rows.length + 1} aria-activedescendant={row ? rowId(row) : undefined}>
      <div className="di-scroll" ref={scroller} onScroll={onScroll}>
        <div className="di-row di-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {columns.map(({ key, label }) => <div key={key} role="columnheader" className="sw-cut">{label}</div>)}
        </div>
        <div className="di-body" role="rowgroup" style={{ height: rows.length * ROW }}>
          {rows.slice(from, to).map((record, offset) => (
            <Row key={record.code} record={record} columns={columns} template={template} index={from + offset}
              depth={list.depth.get(record.code) ?? 0} item={itemOf(items, kind.kind, record.code)}
              active={record.code === active} open={record.code === looking.code} marked={record.code === marked} onOpen={open} />
          ))}
        </div>
        <div className="di-foot sw-small sw-quiet">
          {moreFailed ? <>{t("dir.more_failed")} <Button size="small" onClick={more}>{t("common.retry")}</Button></> : hasMore ? t("common.loading") : null}
        </div>
      </div>
    </div>
  );
}

const rowId = (record: DirectoryRecord): string => `record-${encodeURIComponent(record.code)}`;

interface RowProps {
  record: DirectoryRecord; columns: ListColumn[]; template: string; index: number; depth: number; item: DraftItem | undefined;
  active: boolean; open: boolean; marked: boolean; onOpen: (record: DirectoryRecord) => void;
}

function Row({ record, columns, template, index, depth, item, active, open, marked, onOpen }: RowProps) {
  const { t } = useTranslation();
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- Enter opens the active row
    <div id={rowId(record)} role="row" tabIndex={-1} className="di-row" data-testid="record-row" data-code={record.code} data-active={active || undefined}
      data-ended={record.ended_at !== null || undefined} data-marked={marked || undefined} aria-selected={open} aria-rowindex={index + 2}
      style={{ top: index * ROW, height: ROW, gridTemplateColumns: template }} onClick={() => onOpen(record)}>
      {columns.map(({ key, cell }, position) => (
        <div key={key} role="gridcell" className="sw-cut" style={position === 0 && depth > 0 ? { paddingLeft: depth * INDENT_PX } : undefined}>
          {cell(record)}
          {position === 0 && record.ended_at ? <span className="di-mark sw-small">{t("dir.ended")}</span> : null}
          {position === 0 && item ? <span className="di-mark di-mark-draft sw-small">{t("dir.in_draft")}</span> : null}
        </div>
      ))}
    </div>
  );
}
