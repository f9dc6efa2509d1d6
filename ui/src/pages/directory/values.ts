import type { TFunction } from "i18next";
import type { Column } from "../../api/directory";
import type { Times } from "../../shared/time";
import { refOf } from "./kinds";
import type { NameOf } from "./names";

export interface Words { t: TFunction; nameOf: NameOf; times: Times }
export interface Condition {
  code?: string; text?: string; open_when?: string; close_when?: string; limit?: { value: number; unit: string } | null;
}

export const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

export const conditionsOf = (value: unknown): Condition[] => (Array.isArray(value) ? (value as Condition[]) : []);

export function limitWords(t: TFunction, limit: Condition["limit"]): string {
  return limit ? `${limit.value} ${t(`limit_unit.${limit.unit}`, { defaultValue: limit.unit })}` : t("dir.no_limit");
}

/** The words of a choice; a street's own kinds have none and stand as they are. */
export function choiceWords(t: TFunction, kind: string, column: string, value: string): string {
  if (kind === "duty") return t(`post.${value}`, { defaultValue: value });
  if (column === "roles") return t(`role.${value}`, { defaultValue: value });
  return t(`dir.choice.${kind}.${column}.${value}`, { defaultValue: value });
}

function codeWords({ t, nameOf }: Words, ref: string, code: string): string {
  if (code === "*") return t("dir.rule.everywhere");
  if (code === "@community") return t("dir.rule.community");
  return nameOf(ref, code) ?? (ref === "grid" ? nameOf("unit", code) : undefined) ?? code;
}

/** Days of a responsibility line as people say them. */
export function dayWords(t: TFunction, days: string): string {
  return days.split(/[\s,]+/).filter(Boolean).map((day) => t(`dir.day.${day}`, { defaultValue: day })).join(t("common.list"));
}

function pieces(geometry: unknown): number {
  const rings = (geometry as { coordinates?: unknown[] }).coordinates ?? [];
  return rings.flat(3).length / 2;
}

/** A value in words, on one line. Empty: an empty text. */
export function valueWords(words: Words, kind: string, column: Column, value: unknown): string {
  const { t, times } = words;
  if (isEmpty(value)) return "";
  const ref = refOf(kind, column)?.ref;
  if (Array.isArray(value) && column.type !== "conditions")
    return value.map((one) => (ref ? codeWords(words, ref, String(one)) : choiceWords(t, kind, column.name, String(one)))).join(t("common.list"));
  switch (column.type) {
    case "bool": return t(value === true ? "dir.yes" : "dir.no");
    case "choice": return choiceWords(t, kind, column.name, String(value));
    case "time": return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? times.stamp(value) : String(value);
    case "geometry": return t("dir.corners", { count: Math.round(pieces(value)) });
    case "conditions": return conditionsOf(value).map((one) => `${one.text ?? one.code ?? ""} ${limitWords(t, one.limit)}`).join(t("dir.semicolon"));
    default:
  }
  if (kind === "camera" && column.type === "number") return `${String(value)}°`;
  if (kind === "rule" && column.name === "days") return dayWords(t, String(value));
  if (value === "*") return t("dir.rule.all");
  return ref ? codeWords(words, ref, String(value)) : String(value);
}
