import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "../../api/queries";
import { useArea } from "../../app/session";

/** The units of the street, by the browser's own list: it can be typed into. */
export function UnitSelect({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const { t, i18n } = useTranslation();
  const { area } = useArea();
  const units = useQuery(directoryQuery(area.code)).data?.units ?? [];
  return (
    <label className="ac-field">
      {t("signin.unit")}
      <select className="ac-input" value={value} data-testid="person-unit" onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("common.none")}</option>
        {units.map((unit) => <option key={unit.code} value={unit.code}>{i18n.language === "en" && unit.name_en ? unit.name_en : unit.name}</option>)}
      </select>
    </label>
  );
}
