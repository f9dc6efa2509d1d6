/** Changes that somebody has written down and not made yet. They live in this page's memory only. */
import { useSyncExternalStore } from "react";
import { useArea, useSession } from "../../app/session";
import type { Change, DirectoryRecord, Kind } from "../../api/directory";

export type Values = Record<string, unknown>;
export interface DraftItem extends Change { title: string; id: string }

const none: readonly DraftItem[] = [];
const drafts = new Map<string, readonly DraftItem[]>();
const listeners = new Set<() => void>();
let made = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function store(key: string, items: readonly DraftItem[]): void {
  drafts.set(key, items);
  listeners.forEach((tell) => tell());
}

/** The draft of this viewer in this area: whoever signs in next has one of their own. */
export function useDraft(): { key: string; items: readonly DraftItem[] } {
  const { staff } = useSession();
  const { area } = useArea();
  const key = `${staff.login}\n${area.code}`;
  return { key, items: useSyncExternalStore(subscribe, () => drafts.get(key) ?? none) };
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Only what differs from the record goes to the server. */
export function changedOnly(before: Values, after: Values): Values {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => !isSame(before[name], value)));
}

/** Puts a change into the draft, in place of what stood there about the same record (or under this id). */
export function put(key: string, item: Omit<DraftItem, "id">, id?: string): void {
  const items = drafts.get(key) ?? none;
  const isOf = (one: DraftItem): boolean => (id ? one.id === id : item.code !== "" && one.kind === item.kind && one.code === item.code);
  const old = items.find(isOf);
  made += 1;
  const next = { ...item, id: old?.id ?? `d${made}` };
  store(key, old ? items.map((one) => (isOf(one) ? next : one)) : [...items, next]);
}

export function drop(key: string, id: string): void {
  store(key, (drafts.get(key) ?? none).filter((one) => one.id !== id));
}

export function clear(key: string): void {
  store(key, none);
}

/** Each change is decided on the record as it is now; what was written stays. */
export function rebase(key: string, versions: ReadonlyMap<string, string | null>): void {
  store(key, (drafts.get(key) ?? none).map((one) => {
    const version = versions.get(one.id);
    return version === undefined ? one : { ...one, version };
  }));
}

/** What was typed as a number, as one; anything else stays, for the preview to name. */
export function settled(value: unknown): unknown {
  return typeof value === "string" && /^\s*-?\d+(\.\d*)?\s*$/.test(value) ? Number(value) : value;
}

/** As the server takes them. */
export function changesOf(items: readonly DraftItem[]): Change[] {
  return items.map(({ kind, code, op, values, version }) => ({ kind, code, op, values, version }));
}

/** The draft's item about a record. */
export function itemOf(items: readonly DraftItem[], kind: string, code: string): DraftItem | undefined {
  return items.find((one) => one.kind === kind && one.code === code);
}

/** The columns that make a record's code; they cannot change. */
export function keysOf(kind: Kind): readonly string[] {
  return KEYS[kind.kind] ?? ["code"];
}

const KEYS: Record<string, readonly string[]> = {
  scheme: ["scheme", "version"],
  duty: ["date", "post", "login", "hours"],
  class: ["scheme", "version", "code"],
  crosswalk: ["from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code"],
};

/** Whose codes the server gives. */
export const isNumbered = (kind: Kind): boolean => kind.kind === "rule";

export function codeOf(kind: Kind, values: Values): string {
  if (isNumbered(kind)) return "";
  return keysOf(kind).map((name) => String(values[name] ?? "")).join("/");
}

/** What a record will hold once the draft is made. */
export function withDraft(record: DirectoryRecord, item: DraftItem | undefined): Values {
  return { ...(record.values as Values), ...item?.values };
}
