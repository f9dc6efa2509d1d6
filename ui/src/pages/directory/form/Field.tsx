import { Checkbox, Input, Select } from "antd";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Column, Kind } from "../../../api/directory";
import { columnName, DAY_WORDS, isLong, refOf } from "../kinds";
import { choiceWords, conditionsOf } from "../values";
import { ConditionsField } from "./ConditionsField";
import { RefField } from "./RefField";

interface Props { kind: Kind; column: Column; value: unknown; locked: boolean; lacking: boolean; onChange: (value: unknown) => void }

/** One column as a line of the form. */
export function Field(props: Props) {
  const { kind, column, locked, lacking } = props;
  const { t, i18n } = useTranslation();
  const id = useId();
  const help = t(`dir.help.${kind.kind}.${column.name}`, { defaultValue: "" });
  return (
    <div className="di-field" data-testid={`field-${column.name}`} data-lacking={lacking || undefined}>
      <label htmlFor={id}>
        {columnName(column, i18n.language)}
        {column.required && !locked ? <span className="sw-amber" title={t("common.required")}> *</span> : null}
      </label>
      <div>
        <Control {...props} id={id} />
        {help ? <p className="sw-small sw-quiet">{help}</p> : null}
      </div>
    </div>
  );
}

interface OpenChoiceProps { id: string; text: string; options: { value: string; label: string }[]; onChange: (value: unknown) => void }

/** One of the choices, or a word of one's own; the list closes once it is chosen. */
function OpenChoice({ id, text, options, onChange }: OpenChoiceProps) {
  const [open, setOpen] = useState(false);
  return (
    <Select id={id} mode="tags" maxCount={1} className="di-wide" value={text ? [text] : []} options={options} showSearch={{ optionFilterProp: "label" }}
      open={open} onOpenChange={setOpen}
      onChange={(next: string[]) => {
        onChange(next.at(-1) ?? null);
        setOpen(false);
      }} />
  );
}

function Control({ kind, column, value, locked, onChange, id }: Props & { id: string }): ReactNode {
  const { t } = useTranslation();
  const hint = refOf(kind.kind, column);
  const text = typeof value === "string" ? value : value === null || value === undefined ? "" : String(value as number);
  if (locked) return <output id={id} className="di-locked sw-num">{text || "—"}</output>;
  if (hint) return <RefField id={id} hint={hint} several={column.several} value={value} onChange={onChange} />;
  if (column.type === "bool") return <Checkbox id={id} checked={value === true} onChange={(event) => onChange(event.target.checked)}>{t("dir.yes")}</Checkbox>;
  if (column.type === "conditions") return <ConditionsField value={conditionsOf(value)} onChange={onChange} />;
  if (column.type === "list")
    return (
      <Select id={id} mode="tags" className="di-wide" value={Array.isArray(value) ? (value as string[]) : []} onChange={onChange} open={false} suffixIcon={null}
        tokenSeparators={["|", "、", "，", ","]} placeholder={t("dir.form.tags")} />
    );
  if (column.type === "choice") {
    const options = column.choices.map((one) => ({ value: one, label: choiceWords(t, kind.kind, column.name, one) }));
    if (!column.open_choices)
      return <Select id={id} className="di-wide" allowClear={!column.required} value={text || undefined} options={options} onChange={(next?: string) => onChange(next ?? null)} showSearch={{ optionFilterProp: "label" }} />;
    return <OpenChoice id={id} text={text} options={options} onChange={onChange} />;
  }
  if (kind.kind === "rule" && column.name === "days")
    return (
      <Select id={id} mode="multiple" className="di-wide" value={text.split(/\s+/).filter(Boolean)} onChange={(days: string[]) => onChange(days.join(" ") || null)}
        placeholder={t("dir.rule.every_day")} options={DAY_WORDS.map((day) => ({ value: day, label: t(`dir.day.${day}`) }))} />
    );
  if ((kind.kind === "rule" && column.name.startsWith("valid_")) || (kind.kind === "duty" && column.name === "date"))
    return <Input id={id} type="date" value={text} onChange={(event) => onChange(event.target.value || null)} />;
  if (isLong(kind.kind, column))
    return <Input.TextArea id={id} autoSize={{ minRows: 2, maxRows: 6 }} value={text} onChange={(event) => onChange(event.target.value.replace(/\n/g, " ") || null)} />;
  const isNumber = column.type === "number" || column.type === "int";
  return (
    <Input id={id} value={text} inputMode={isNumber ? "decimal" : undefined}
      onChange={(event) => onChange(event.target.value || null)} />
  );
}
