import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "../../../api/queries";
import { useArea } from "../../../app/session";
import type { Values } from "../draft";

interface Choice { value: string; label: string; values: Values }
interface Props { label: string; lacking: boolean; values: Values; onChange: (part: Values) => void; /** Also whole groups, schemes, everything. */ groups: boolean }

const keyOf = ({ scheme, version, class: code }: Values, groups: boolean): string => [scheme ?? "", groups ? "" : (version ?? ""), code ?? ""].join("|");

/** A class by its name; scheme and version come with it. */
export function ClassField({ label, lacking, values, onChange, groups }: Props) {
  const { t, i18n } = useTranslation();
  const { area } = useArea();
  const id = useId();
  const categories = useQuery(directoryQuery(area.code)).data?.categories;
  const english = i18n.language === "en";
  const choices = useMemo(() => {
    const found = new Map<string, Choice>();
    const add = (one: Values, words: string): void => {
      const value = keyOf(one, groups);
      if (!found.has(value)) found.set(value, { value, label: words, values: one });
    };
    if (groups) add({ scheme: "*", class: "*" }, t("dir.rule.all_classes"));
    for (const { scheme, version, code, name, name_en, group } of categories ?? []) {
      const prefix = code.split("-").slice(0, -1).join("-");
      if (groups) add({ scheme, class: "*" }, t("dir.rule.all_of", { scheme }));
      if (groups && prefix && group) add({ scheme, class: prefix }, t("dir.rule.group", { group, code: prefix }));
      add(groups ? { scheme, class: code } : { scheme, version, class: code }, `${(english && name_en) || name} ${code}`);
    }
    return found;
  }, [categories, groups, english, t]);
  const held = values["class"] ? keyOf(values, groups) : undefined;
  const options = [...choices.values()].map(({ value, label: words }) => ({ value, label: words }));
  // a prefix or a class that the taxonomy no longer has stays what it is
  if (held && !choices.has(held)) options.unshift({ value: held, label: String(values["class"]) });
  return (
    <div className="di-field" data-testid="field-class" data-lacking={lacking || undefined}>
      <label htmlFor={id}>{label}<span className="sw-amber" title={t("common.required")}> *</span></label>
      <Select id={id} className="di-wide" value={held} options={options} placeholder={t("dir.form.ref")} showSearch={{ optionFilterProp: "label" }}
        onChange={(value: string) => {
          const chosen = choices.get(value);
          if (chosen) onChange(chosen.values);
        }} />
    </div>
  );
}
