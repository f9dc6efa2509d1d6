import { Button, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Condition } from "../values";

const UNITS = ["urgent_hour", "work_hour", "work_day", "calendar_day"] as const;

/** The conditions of a class: when a case is opened, when closed, in what time. */
export function ConditionsField({ value, onChange }: { value: Condition[]; onChange: (value: Condition[]) => void }) {
  const { t } = useTranslation();
  const set = (index: number, part: Partial<Condition>): void => onChange(value.map((one, at) => (at === index ? { ...one, ...part } : one)));
  const setLimit = (one: Condition, index: number, part: Partial<NonNullable<Condition["limit"]>>): void => {
    const limit = { value: one.limit?.value ?? 1, unit: one.limit?.unit ?? "work_day", ...part };
    set(index, { limit: limit.value > 0 ? limit : null });
  };
  return (
    <div className="di-cond-fields">
      {value.map((one, index) => (
        <fieldset key={index} className="di-cond-field">
          <legend className="sw-small sw-quiet">{t("dir.cond.number", { code: one.code ?? index + 1 })}</legend>
          <Input value={one.text ?? ""} placeholder={t("dir.cond.text")} aria-label={t("dir.cond.text")} onChange={(event) => set(index, { text: event.target.value })} />
          <Input.TextArea autoSize value={one.open_when ?? ""} placeholder={t("dir.cond.open_when")} aria-label={t("dir.cond.open_when")} onChange={(event) => set(index, { open_when: event.target.value })} />
          <Input.TextArea autoSize value={one.close_when ?? ""} placeholder={t("dir.cond.close_when")} aria-label={t("dir.cond.close_when")} onChange={(event) => set(index, { close_when: event.target.value })} />
          <div className="di-cond-limit">
            <Input type="number" min={0} step="any" value={one.limit?.value ?? ""} placeholder={t("dir.cond.limit")} aria-label={t("dir.cond.limit")}
              onChange={(event) => setLimit(one, index, { value: Number(event.target.value) })} />
            <Select value={one.limit?.unit} placeholder={t("dir.cond.unit")} aria-label={t("dir.cond.unit")} onChange={(unit: string) => setLimit(one, index, { unit })}
              options={UNITS.map((unit) => ({ value: unit, label: t(`limit_unit.${unit}`) }))} />
            <Button type="text" onClick={() => onChange(value.filter((_, at) => at !== index))}>{t("common.remove")}</Button>
          </div>
        </fieldset>
      ))}
      <Button onClick={() => onChange([...value, { code: String(value.length + 1), text: "", limit: null }])}>{t("dir.cond.add")}</Button>
    </div>
  );
}
