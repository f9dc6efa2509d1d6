import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import type { DirectoryRecord, Kind } from "../../api/directory";
import { columnName, LISTED, titleOf } from "./kinds";
import { conditionsOf, dayWords, limitWords, valueWords, type Words } from "./values";

export interface ListColumn { key: string; label: string; width: string; cell: (record: DirectoryRecord) => ReactNode }

/** What a list of this kind shows of each record. */
export function listColumns(kind: Kind, words: Words, language: string): ListColumn[] {
  if (kind.kind === "rule") return ruleColumns(kind, words);
  const extra = (LISTED[kind.kind] ?? []).flatMap((name) => kind.columns.filter((column) => column.name === name));
  return [
    { key: "title", label: titleLabel(kind, language), width: "minmax(120px, 1.4fr)", cell: (record) => titleOf(record, language) },
    ...extra.map((column) => ({
      key: column.name,
      label: columnName(column, language),
      width: "minmax(72px, 1fr)",
      cell: (record: DirectoryRecord) => column.type === "conditions"
        ? limits(words.t, record.values[column.name])
        : valueWords(words, kind.kind, column, record.values[column.name]),
    })),
    // the code of a line of the roster only says the same again
    ...(kind.kind === "duty" ? [] : [{
      key: "code", label: words.t("dir.code"), width: "minmax(64px, 0.8fr)",
      cell: (record: DirectoryRecord) => <span className="sw-num sw-quiet">{kind.kind === "class" ? String(record.values["code"]) : record.code}</span>,
    }]),
  ];
}

function titleLabel(kind: Kind, language: string): string {
  const column = kind.columns.find(({ name }) => name === kind.title);
  return column ? columnName(column, language) : "";
}

/** The shortest limit says how urgent a class is; "+2" that other conditions have others. */
function limits(t: TFunction, value: unknown): string {
  const all = [...new Set(conditionsOf(value).map(({ limit }) => limitWords(t, limit)))];
  return all.length > 1 ? `${all[0]} +${all.length - 1}` : (all[0] ?? "");
}

/** A line of the matrix as it is read: what, where, when, who. */
function ruleColumns(kind: Kind, words: Words): ListColumn[] {
  const { t } = words;
  const show = (record: DirectoryRecord, name: string): string => {
    const column = kind.columns.find((one) => one.name === name);
    return column ? valueWords(words, kind.kind, column, record.values[name]) : "";
  };
  return [
    {
      key: "what", label: t("dir.rule.what"), width: "minmax(88px, 1.5fr)",
      cell: (record) => (
        <>
          {record.values["exception"] === true ? <span className="di-exception sw-small">{t("dir.rule.exception")}</span> : null}
          {whatWords(words, record.values)}
        </>
      ),
    },
    { key: "where", label: t("dir.rule.where"), width: "minmax(48px, 0.8fr)", cell: (record) => quietly([everywhere(record) ? "" : show(record, "grid"), show(record, "place")].filter(Boolean).join(" · ") || t("dir.rule.all"), everywhere(record)) },
    { key: "when", label: t("dir.rule.when"), width: "minmax(40px, 0.8fr)", cell: (record) => quietly(whenWords(t, record.values), whenWords(t, record.values) === t("dir.rule.always")) },
    { key: "unit", label: t("dir.rule.who"), width: "minmax(80px, 1.4fr)", cell: (record) => <strong className="di-who">{show(record, "unit")}</strong> },
    { key: "code", label: t("dir.rule.number"), width: "56px", cell: (record) => <span className="sw-num sw-quiet">{record.code}</span> },
  ];
}

const everywhere = ({ values }: DirectoryRecord): boolean => values["grid"] === "*" && !values["place"];

const quietly = (words: string, quiet: boolean): ReactNode => (quiet ? <span className="sw-quiet">{words}</span> : words);

/** "Overflowing bin (E-01-03), second condition": the class or the beginning of classes. */
export function whatWords({ t, nameOf }: Words, values: Record<string, unknown>): string {
  const prefix = String(values["class"] ?? "*");
  const scheme = String(values["scheme"] ?? "*");
  const name = nameOf("class", `${scheme}/${prefix}`);
  const what = prefix === "*" ? t("dir.rule.all_classes") : name ? `${name} ${prefix}` : prefix;
  const condition = String(values["condition"] ?? "*");
  return condition === "*" ? what : `${what} · ${t("dir.rule.condition", { code: condition })}`;
}

export function whenWords(t: TFunction, values: Record<string, unknown>): string {
  const text = (name: string): string => String(values[name] ?? "");
  const from = text("valid_from");
  const to = text("valid_to");
  const span = from || to ? t("dir.rule.span", { from: from || "…", to: to || "…" }) : "";
  return [dayWords(t, text("days")), text("hours"), span].filter(Boolean).join(" ") || t("dir.rule.always");
}
