import type { CallForm } from "../../api/types";

export type AnswerBy = NonNullable<CallForm["answer_by"]>;
export const ANSWERS: AnswerBy[] = ["phone", "message", "letter", "none"];

/** What is typed of a call. Kept in memory only: it holds a caller's name and number. */
export interface Draft {
  requestId: string; text: string; place: string; placeCode: string | null; where: string;
  /** null: follows the suggestion */
  category: string | null;
  contact: string; caller: string; answerBy: AnswerBy; urgent: boolean;
  join: { id: string; number: string } | null;
}

export function blank(): Draft {
  return {
    requestId: crypto.randomUUID?.() ?? fallbackId(), text: "", place: "", placeCode: null, where: "", category: null,
    contact: "", caller: "", answerBy: "phone", urgent: false, join: null,
  };
}

/** randomUUID is there on https and localhost only; a street's server may have neither. */
function fallbackId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

let kept: { staff: string; draft: Draft } | null = null;

/** What this officer had typed when they left the page; another officer's is thrown away. */
export function recall(staff: string): Draft {
  if (kept?.staff !== staff) kept = null;
  return kept?.draft ?? blank();
}

export function keep(staff: string, draft: Draft): void {
  kept = { staff, draft };
}

export function forget(): void {
  kept = null;
}
