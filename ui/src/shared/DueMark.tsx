import type { TFunction } from "i18next";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { DueState } from "../api/types";
import { span } from "./time";

interface Due { due_at: string | null; due_state: DueState; state?: string }

/** The server's word, moved on when the deadline has passed since. */
export function dueNow(row: Due, now: number): DueState {
  const open = row.due_state === "ok" || row.due_state === "soon" || row.due_state === "none";
  if (open && row.due_at && Date.parse(row.due_at) < now) return "overdue";
  return row.due_state;
}

export function dueWords(t: TFunction, row: Due, now: number): string {
  const state = dueNow(row, now);
  if (state === "done") return t("due.done");
  if (state === "done_late") return t("due.done_late");
  if (!row.due_at) return t(row.state === "suspended" ? "due.still" : "due.none");
  const left = Date.parse(row.due_at) - now;
  return state === "overdue" ? t("due.over", { span: span(t, left) }) : t("due.left", { span: span(t, left) });
}

const tones: Record<DueState, string> = {
  none: "sw-neutral", ok: "", soon: "sw-amber", overdue: "sw-red", done: "sw-green", done_late: "sw-neutral",
};

/** The shapes of the map: a diamond is overdue, a triangle due soon. */
function DueGlyph({ state }: { state: DueState }) {
  const common = { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": true, fill: "none", stroke: "currentColor" } as const;
  if (state === "overdue")
    return (
      <svg {...common} strokeWidth="1.4">
        <path d="M7 .9 13.1 7 7 13.1.9 7z" strokeLinejoin="round" />
        <path d="M7 4v3.6M7 9.1v1" />
      </svg>
    );
  if (state === "soon")
    return (
      <svg {...common} strokeWidth="1.4">
        <path d="M7 1.6 13 12.2H1z" strokeLinejoin="round" />
        <path d="M7 5.4v3.2M7 9.9v1.1" />
      </svg>
    );
  if (state === "done" || state === "done_late")
    return (
      <svg {...common} strokeWidth="1.6">
        <path d="M2.4 7.4 5.6 10.6 11.8 3.8" />
      </svg>
    );
  return null;
}

/** A deadline as time left: "2 h 10 min left", "3 days over". */
export const DueMark = memo(function DueMark({ row, now }: { row: Due; now: number }) {
  const { t } = useTranslation();
  const state = dueNow(row, now);
  return (
    <span className={`sw-mark sw-num ${tones[state]}`} data-due={state}>
      <DueGlyph state={state} />
      {dueWords(t, row, now)}
    </span>
  );
});
