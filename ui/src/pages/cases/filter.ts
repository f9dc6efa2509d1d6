import type { CaseFilter } from "../../api/queries";
import type { CaseState } from "../../api/types";

export const STATES: CaseState[] = ["received", "accepted", "dispatched", "handling", "reported", "verified", "closed"];
export const OPEN_STATES = STATES.filter((state) => state !== "closed");
export const SORTS = ["due", "-opened", "opened", "number"] as const;
export const DUES = ["soon", "overdue", "none"] as const;
export const BACKS = ["returned", "bounces", "appealed"] as const;
export type Tab = "mine" | "open" | "overdue" | "all";
export const TABS: Tab[] = ["mine", "open", "overdue", "all"];

const one = (params: URLSearchParams, key: string): string | undefined => params.get(key) || undefined;

/** The order asked for; else what is due first, and where closed cases are listed too, the newest first. */
export function sortOf(params: URLSearchParams): string {
  const openOnly = params.get("due") || params.get("mine") || (params.has("state") && !params.getAll("state").includes("closed"));
  return one(params, "sort") ?? (openOnly ? "due" : "-opened");
}

/** URL → what is asked of the server. "open" stands for every state but closed. */
export function filterOf(params: URLSearchParams, area: string): CaseFilter {
  const states = params.getAll("state").flatMap((state) => (state === "open" ? OPEN_STATES : [state]));
  const filter: CaseFilter = {
    area: one(params, "area") ?? area,
    state: states.length ? [...new Set(states)].sort() : undefined,
    unit: one(params, "unit"),
    category: one(params, "category"),
    grid: one(params, "grid"),
    due: one(params, "due"),
    back: one(params, "back"),
    mine: /^(1|true)$/.test(params.get("mine") ?? "") || undefined,
    q: one(params, "q"),
    opened: one(params, "opened"),
    closed: one(params, "closed"),
    sort: sortOf(params),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as CaseFilter;
}

/** What a tab puts into the URL; the narrower filters stay. */
export function tabParams(params: URLSearchParams, tab: Tab): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const key of ["state", "mine", "due", "opened", "closed"]) next.delete(key);
  if (tab === "mine") next.set("mine", "true");
  if (tab === "open") next.set("state", "open");
  if (tab === "overdue") next.set("due", "overdue");
  return next;
}

export function tabOf(params: URLSearchParams): Tab | null {
  const mine = /^(1|true)$/.test(params.get("mine") ?? "");
  const states = params.getAll("state");
  const due = params.get("due");
  if (params.get("opened") || params.get("closed")) return null;
  if (mine) return states.length === 0 && !due ? "mine" : null;
  if (due) return due === "overdue" && (states.length === 0 || states.includes("open")) ? "overdue" : null;
  if (states.length === 0) return "all";
  return states.length === 1 && states[0] === "open" ? "open" : null;
}

/** True when something beyond the tab narrows the list. */
export function isNarrowed(params: URLSearchParams): boolean {
  return ["unit", "category", "grid", "back", "q", "opened", "closed"].some((key) => params.get(key)) || tabOf(params) === null;
}
