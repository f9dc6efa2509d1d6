import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Blank } from "../shared/Blank";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Blank title={t("notfound.title")} text={t("notfound.text")} testId="not-found">
      <Link to="/" className="sw-link">{t("common.home")}</Link>
    </Blank>
  );
}
