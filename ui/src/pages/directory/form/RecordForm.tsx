import { Button } from "antd";
import { useState, type FormEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Column, DirectoryRecord, Kind } from "../../../api/directory";
import { Sentence } from "../../../shared/Blank";
import { changedOnly, codeOf, isNumbered, keysOf, put, settled, useDraft, withDraft, type DraftItem, type Values } from "../draft";
import { columnName, kindName } from "../kinds";
import type { Looking } from "../params";
import { isEmpty } from "../values";
import { ClassField } from "./ClassField";
import { Field } from "./Field";
import { GeometryField } from "./GeometryField";
import { PointField } from "./PointField";

/** What a new record begins with. */
const BEGINS: Record<string, Values> = { rule: { condition: "*", grid: "*" } };

interface Props {
  kind: Kind; record?: DirectoryRecord; item: DraftItem | undefined; look: (change: Partial<Looking>, replace?: boolean) => void;
}

/** One form for every kind, made from its declared columns. What is written goes into the draft, not to the server. */
export function RecordForm({ kind, record, item, look }: Props) {
  const { t, i18n } = useTranslation();
  const { key } = useDraft();
  const [values, setValues] = useState<Values>(() => (record ? withDraft(record, item) : { ...BEGINS[kind.kind], ...item?.values }));
  const [lacking, setLacking] = useState<Column[]>([]);
  // scheme and version come with the class that is chosen
  const classified = kind.columns.some(({ name }) => name === "class");
  const change = (part: Values): void => setValues((now) => ({ ...now, ...part }));
  const keys = keysOf(kind);
  const isKey = (column: Column): boolean => keys.includes(column.name);
  // codes that the system gives are not asked for
  const columns = kind.columns.filter((column) => !(isNumbered(kind) && column.name === "code"));

  function keep(next: "review" | "more"): void {
    const missing = columns.filter((column) => column.required && isEmpty(values[column.name]));
    setLacking(missing);
    if (missing.length > 0) return;
    const after: Values = { ...values };
    for (const { name, type } of columns) if (type === "number" || type === "int") after[name] = settled(after[name]);
    const code = record?.code ?? codeOf(kind, after);
    const changed = record ? changedOnly(record.values, after) : Object.fromEntries(Object.entries(after).filter(([, value]) => !isEmpty(value)));
    if (record && Object.keys(changed).length === 0 && !item) {
      look({ mode: null });
      return;
    }
    const title = String(values[kind.title] || code || kindName(kind, i18n.language));
    put(key, { kind: kind.kind, code, op: "put", values: changed, version: record?.version ?? null, title }, record ? undefined : item?.id);
    if (next === "review") look({ mode: "review", item: null });
    else look(record ? { mode: null } : { mode: null, code: null, item: null });
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    keep("review");
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep("review");
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Ctrl Enter submits from any field
    <form className="di-form" onSubmit={submit} onKeyDown={onKey} data-testid="record-form" noValidate>
      <header className="di-panel-head">
        <h2>{record ? t("dir.form.edit", { title: record.title }) : t("dir.form.new", { kind: kindName(kind, i18n.language) })}</h2>
      </header>
      {columns.map((column) => {
        if (column.name === "lat" || (classified && (column.name === "scheme" || column.name === "version"))) return null;
        if (classified && column.name === "class")
          return <ClassField key="class" label={t("dir.class")} groups={kind.kind === "rule"} values={values} onChange={change} lacking={lacking.includes(column)} />;
        if (column.name === "lon") return <PointField key="point" kind={kind} values={values} onChange={change} lacking={lacking.some(({ name }) => name === "lon" || name === "lat")} />;
        if (column.type === "geometry") return <GeometryField key={column.name} value={values[column.name]} onChange={(geometry) => change({ [column.name]: geometry })} label={columnName(column, i18n.language)} />;
        return (
          <Field key={column.name} kind={kind} column={column} value={values[column.name]} locked={record !== undefined && isKey(column)}
            lacking={lacking.includes(column)} onChange={(value) => change({ [column.name]: value })} />
        );
      })}
      {lacking.length > 0 ? (
        <Sentence tone="amber">{t("dir.form.lacking", { list: lacking.map((column) => columnName(column, i18n.language)).join(t("common.list")) })}</Sentence>
      ) : null}
      <div className="di-form-do">
        <Button type="primary" htmlType="submit" data-testid="form-review">{t("dir.form.review")}</Button>
        <Button data-testid="form-keep" onClick={() => keep("more")}>{t("dir.form.keep")}</Button>
        <Button type="text" onClick={() => look({ mode: null, item: null })}>{t("common.cancel")}</Button>
      </div>
      <p className="sw-small sw-quiet">{t("dir.form.hint")}</p>
    </form>
  );
}
