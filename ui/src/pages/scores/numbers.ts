import type { Scores } from "../../api/types";

/** 0.8667 is 86.7 %; nothing to count is a dash. */
export const percent = (rate: number | null): string => (rate === null ? "—" : `${(rate * 100).toFixed(1)}%`);

/** The months that can be chosen: the shown one, those before it, and the two after it. */
export function monthsUntil({ month, before }: Scores): string[] {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const after = [2, 1].map((more) => new Date(Date.UTC(year, number - 1 + more, 1)).toISOString().slice(0, 7));
  return [...after, month, ...before.map((one) => one.name ?? "").reverse()];
}
