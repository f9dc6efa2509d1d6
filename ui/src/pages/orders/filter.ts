import type { OrderFilter } from "../../api/orders";
import type { OrderState } from "../../api/types";

export const TABS = ["todo", "urged", "contact", "answered", "attention", "contested", "closed", "all"] as const;
export type Tab = (typeof TABS)[number];
const STATES: OrderState[] = ["open", "answered", "returned", "contested", "closed", "withdrawn"];

const of: Record<Tab, [string, string][]> = {
  todo: [["state", "open"], ["state", "returned"]],
  urged: [["urged", "true"]],
  contact: [["contact", "true"]],
  answered: [["state", "answered"]],
  attention: [["attention", "true"]],
  contested: [["state", "contested"]],
  closed: [["state", "closed"], ["state", "withdrawn"]],
  all: [["state", "all"]],
};

const isState = (word: string): word is OrderState => (STATES as string[]).includes(word);

/** URL → what is asked of the server. An address without anything is the desk: what waits for an answer. */
export function filterOf(params: URLSearchParams, area: string): OrderFilter {
  const bare = ["state", "attention", "urged", "contact", "check", "due", "q"].every((key) => !params.has(key));
  const states = bare ? (["open", "returned"] as OrderState[]) : params.getAll("state").filter(isState);
  return {
    area,
    state: states.length ? states : undefined,
    attention: params.get("attention") === "true" || undefined,
    urged: params.get("urged") === "true" || undefined,
    contact: params.get("contact") === "true" || undefined,
    due: params.get("due") ?? undefined,
    check: params.get("check") ?? undefined,
    q: params.get("q") ?? undefined,
  };
}

export function tabOf(params: URLSearchParams): Tab | null {
  if (params.has("check")) return null;
  if (params.get("attention") === "true") return "attention";
  if (params.get("urged") === "true") return "urged";
  if (params.get("contact") === "true") return "contact";
  const states = params.getAll("state");
  if (states.length === 0) return params.has("q") || params.has("due") ? "all" : "todo";
  return TABS.find((tab) => of[tab].map(([, value]) => value).join() === states.join()) ?? null;
}

/** What a tab puts into the URL; what is searched for stays. */
export function tabParams(params: URLSearchParams, tab: Tab): URLSearchParams {
  const next = new URLSearchParams(of[tab]);
  for (const key of ["due", "q"]) {
    const value = params.get(key);
    if (value) next.set(key, value);
  }
  return next;
}
