import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Column, Kind } from "../../api/directory";
import { Conditions } from "./Conditions";
import { columnName, refOf } from "./kinds";
import { useWords } from "./names";
import { RefLink } from "./RefLink";
import { whatWords } from "./columns";
import { conditionsOf, isEmpty, valueWords, type Words } from "./values";

/** Shown by the map or by the title. */
const ELSEWHERE = new Set(["code", "geometry", "lat"]);

interface Props { kinds: Kind[]; kind: Kind; values: Record<string, unknown> }

/** What a record holds, in the order of its columns; empty ones take no room. */
export function Facts({ kinds, kind, values }: Props) {
  const { t, i18n } = useTranslation();
  const words = useWords();
  const shown = kind.columns.filter((column) => !ELSEWHERE.has(column.name) && column.type !== "conditions" && isSaid(kind, column, values));
  const conditions = kind.columns.find(({ type }) => type === "conditions");
  return (
    <>
      <dl className="di-facts">
        {shown.map((column) => (
          <div key={column.name} className="di-fact" data-testid={`fact-${column.name}`}>
            <dt className="sw-quiet">{column.name === "lon" ? t("dir.point") : columnName(column, i18n.language)}</dt>
            <dd>{factOf(words, kinds, kind, column, values)}</dd>
          </div>
        ))}
      </dl>
      {conditions ? <Conditions conditions={conditionsOf(values[conditions.name])} /> : null}
    </>
  );
}

function isSaid(kind: Kind, column: Column, values: Record<string, unknown>): boolean {
  const value = values[column.name];
  if (isEmpty(value) || value === false) return false;
  // an English name that only repeats the other one
  if (column.name === kind.title && column.name === "name") return false; // the heading says it
  return !(column.name.endsWith("_en") && value === values[column.name.slice(0, -3)]);
}

function factOf(words: Words, kinds: Kind[], kind: Kind, column: Column, values: Record<string, unknown>): ReactNode {
  const value = values[column.name];
  if (column.name === "lon") return <span className="sw-num">{values["lon"] as number}, {values["lat"] as number}</span>;
  if (kind.kind === "rule" && column.name === "class") return whatWords(words, { ...values, condition: "*" });
  if (kind.kind === "asset" && column.name === "class") {
    const code = `${values["scheme"] as string}/${values["version"] as string}/${value as string}`;
    return <RefLink kind="class" code={code} name={words.nameOf("class", `${values["scheme"] as string}/${value as string}`)} />;
  }
  const ref = refOf(kind.kind, column)?.ref;
  const codes = (Array.isArray(value) ? value : [value]).map(String);
  const isLink = ref !== undefined && codes.every((code) => code !== "*" && !code.startsWith("@")) && kinds.some((one) => one.kind === ref);
  if (isLink) {
    return codes.map((code) => {
      const other = ref === "grid" && !words.nameOf("grid", code) && words.nameOf("unit", code) ? "unit" : ref;
      return <RefLink key={code} kind={other} code={code} name={words.nameOf(other, code)} />;
    });
  }
  return Array.isArray(value)
    ? codes.map((one) => <span key={one} className="di-tag">{valueWords(words, kind.kind, column, [one])}</span>)
    : valueWords(words, kind.kind, column, value);
}
