import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { Blank } from "../shared/Blank";

/** The error boundary of a page: the frame stays, the page says what happened. */
export function Broken() {
  const { t } = useTranslation();
  const error = useRouteError();
  const text = error instanceof Error ? error.message : String(error);
  return (
    <Blank title={t("broken.title")} text={t("broken.text")} testId="broken">
      <Button type="primary" onClick={() => window.location.reload()}>{t("broken.reload")}</Button>
      <code className="sw-small sw-quiet">{text}</code>
    </Blank>
  );
}
