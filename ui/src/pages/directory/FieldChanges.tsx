import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Column, FieldChange, Kind } from "../../api/directory";
import { columnName } from "./kinds";
import { useWords } from "./names";
import { conditionsOf, isEmpty, limitWords, valueWords, type Condition } from "./values";

/** Field by field, what it held and what it holds. `only`: a new record has nothing before. */
export function FieldChanges({ kind, fields, only = false }: { kind: Kind; fields: FieldChange[]; only?: boolean }) {
  const { t, i18n } = useTranslation();
  const words = useWords();
  const known = fields.flatMap((field) => {
    const column = kind.columns.find(({ name }) => name === field.name);
    return column && !(only && isEmpty(field.after)) ? [{ field, column }] : [];
  });
  const say = (column: Column, value: unknown, other: unknown): string => {
    if (isEmpty(value)) return t("dir.empty");
    if (column.type === "conditions") return conditionWords(t, differing(value, other)) || t("dir.unchanged");
    return valueWords(words, kind.kind, column, value);
  };
  return (
    <table className="di-changes">
      <thead className="sw-hidden">
        <tr><th scope="col">{t("dir.field")}</th>{only ? null : <th scope="col">{t("dir.before")}</th>}<th scope="col">{t("dir.after")}</th></tr>
      </thead>
      <tbody>
        {known.map(({ field, column }) => (
          <tr key={field.name} data-testid={`change-${field.name}`}>
            <th scope="row" className="sw-quiet">{columnName(column, i18n.language)}</th>
            {only ? null : <td className="di-before">{say(column, field.before, field.after)}</td>}
            <td className="di-after">{only ? null : <span className="sw-quiet" aria-hidden="true">→ </span>}{column.type === "geometry" && !only ? t("dir.redrawn") : say(column, field.after, field.before)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of many conditions only those that are not the same on the other side. */
function differing(value: unknown, other: unknown): Condition[] {
  const there = new Set(conditionsOf(other).map((one) => JSON.stringify(one)));
  return conditionsOf(value).filter((one) => !there.has(JSON.stringify(one)));
}

function conditionWords(t: TFunction, conditions: Condition[]): string {
  return conditions
    .map((one) => t("dir.cond.line", { text: one.text || one.code, open: one.open_when || "—", close: one.close_when || "—", limit: limitWords(t, one.limit) }))
    .join(t("dir.semicolon"));
}
