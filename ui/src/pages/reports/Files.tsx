import { Button, Progress } from "antd";
import { useTranslation } from "react-i18next";
import { reportFile, type ReportLine } from "../../api/reports";
import { Sentence } from "../../shared/Blank";

const FORMS = 3;

/** The forms in which a report can be had; how far it is while it is made, and why some are not. */
export function Files({ line, title }: { line: ReportLine; title: string }) {
  const { t } = useTranslation();
  if (line.state === "waiting")
    return (
      <div className="rp-files rp-waits" role="status" data-testid="report-waiting">
        <span className="sw-small">{t("reports.state.waiting")}</span>
        <Progress percent={Math.round((line.files.length / FORMS) * 100)} size="small" showInfo={false} status="active" aria-label={t("reports.progress", { done: line.files.length })} />
      </div>
    );
  return (
    <div className="rp-files">
      {line.state === "failed" ? (
        <div data-testid="report-failed">
          <Sentence tone="red">{t(`reports.failure.${line.failure ?? "failed"}`, { defaultValue: t("reports.failure.failed") })}</Sentence>
        </div>
      ) : null}
      {line.files.map(({ form }) => (
        <Button key={form} size="small" href={reportFile(line.id, form)} download aria-label={t("reports.save", { title, form: t(`reports.form.${form}`) })} data-testid={`report-${form}`}>
          {t(`reports.form.${form}`)}
        </Button>
      ))}
    </div>
  );
}
