import { useTranslation } from "react-i18next";

/** Stands where a field is above the reader's clearance (docs/guide/accounts). */
export function Withheld() {
  const { t } = useTranslation();
  return <span className="sw-quiet" title={t("common.withheld_why")} data-testid="withheld">{t("common.withheld")}</span>;
}
