import { Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

/** The case on paper, and its whole history as a file: the server masks it, and writes down who took it. */
export function HistoryMenu({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const file = (kind: string) => ({ key: kind, label: <a href={`/api/v1/cases/${id}/history.${kind}${kind === "json" ? "" : `?language=${i18n.language}`}`} download data-testid={`history-${kind}`}>{t(`views.history.${kind}`)}</a> });
  return (
    <Dropdown trigger={["click"]} menu={{ items: [{ key: "print", label: <Link to={`/cases/${id}/print`} data-testid="history-print">{t("views.history.print")}</Link> }, file("xlsx"), file("csv"), file("json")] }}>
      <button type="button" className="sw-plain sw-link sw-small" data-testid="history-menu">{t("views.history.menu")}</button>
    </Dropdown>
  );
}
