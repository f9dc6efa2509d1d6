/** How the kinds of records are laid out: groups of the rail, columns of the list, fields that need more than their type says. */
import type { Column, DirectoryRecord, Kind } from "../../api/directory";

export const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ["people", ["unit", "staff", "stand_in", "duty"]],
  ["space", ["grid", "place", "asset", "premises", "camera", "sensor"]],
  ["words", ["scheme", "class", "crosswalk"]],
  ["duty", ["rule"]],
];

/** Columns of the list besides title and code. */
export const LISTED: Record<string, readonly string[]> = {
  unit: ["tier", "phone"],
  staff: ["unit", "roles"],
  stand_in: ["for", "from", "to"],
  duty: ["date", "hours", "post", "note"],
  grid: ["community"],
  place: ["kind", "aliases"],
  asset: ["class", "grid"],
  premises: ["kind", "place"],
  camera: ["direction", "grid", "analysed"],
  sensor: ["kind", "quantity", "grid"],
  scheme: ["version", "source"],
  class: ["group", "conditions"],
  crosswalk: ["to_code", "relation"],
};

/** Small kinds that are read whole, because their order says something. */
export const isWhole = (kind: string): boolean => kind === "unit" || kind === "rule";

/** Text columns that hold a code; `more`: words that stand for no single record. */
export interface Hint { ref: string; more?: readonly string[] }
const HINTS: Record<string, Record<string, Hint>> = {
  rule: { unit: { ref: "unit", more: ["@community"] }, grid: { ref: "grid", more: ["*"] } },
};

export function refOf(kind: string, column: Column): Hint | null {
  if (column.ref) return { ref: column.ref };
  return HINTS[kind]?.[column.name] ?? null;
}

export const DAY_WORDS = ["workday", "restday", "holiday", "mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export const kindName = (kind: Kind, language: string): string => (language === "en" ? kind.name_en : kind.name);
export const columnName = (column: Column, language: string): string => (language === "en" ? column.label_en : column.label);

/** The English name where English is read and there is one. */
export function titleOf(record: Pick<DirectoryRecord, "title" | "values">, language: string): string {
  const english = record.values["name_en"] ?? record.values["title_en"];
  return language === "en" && typeof english === "string" && english ? english : record.title;
}

/** Kinds that are read from today on: what is past is looked for seldom. */
export const isByDay = (kind: string): boolean => kind === "duty";

/** Long texts, which want lines of their own. */
export const isLong = (kind: string, column: Column): boolean => column.name === "note" || (kind === "scheme" && column.name === "source");
