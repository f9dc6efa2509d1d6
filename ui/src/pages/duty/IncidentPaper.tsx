import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { incidentQuery, type Incident, type Report } from "../../api/duty";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import "../case/letter.css";
import "./duty.css";

/** The reports of an incident as a document, to be printed. */
export default function IncidentPaper() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const query = useQuery(incidentQuery(id));
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading rows={10} />;
  return (
    <div className="lt" data-testid="incident-paper-page">
      <header className="lt-head">
        <Link to={`/cases/${query.data.case.id}`} className="sw-link">{t("incident.back", { number: query.data.case.number })}</Link>
        <span className="sw-small sw-quiet">{t("incident.paper_hint")}</span>
        <Button type="primary" onClick={() => window.print()}>{t("incident.do_print")}</Button>
      </header>
      <Paper one={query.data} />
    </div>
  );
}

/** The document itself is in Chinese, whatever language the officer's screen speaks: its words are in both files. */
function Paper({ one }: { one: Incident }) {
  const { t } = useTranslation();
  const times = useTimes();
  const told = (report: Report): string =>
    report.tells.filter((tell) => tell.told_at)
      .map((tell) => t("incident.paper.each", { to: t(`incident.paper.to.${tell.recipient}`), way: t(`incident.paper.way.${tell.way}`), at: times.stamp(tell.told_at ?? "") }))
      .join(t("incident.paper.list"));
  return (
    <article className="lt-paper" lang="zh-CN" data-testid="incident-paper">
      <p className="lt-office">{one.street}</p>
      <h1>{t("incident.paper.title")}</h1>
      <p className="lt-number">{t("incident.paper.number", { number: one.case.number, level: t(`incident.paper.level.${one.level}`) })}</p>
      <p className="lt-line">{t("incident.paper.what", { title: one.case.title })}</p>
      <p className="lt-line">{t("incident.paper.where", { place: one.case.place_text ?? t("incident.paper.unknown") })}</p>
      <p className="lt-line">
        {t("incident.paper.when", { happened: times.stamp(one.happened_at), known: times.stamp(one.known_at) })}
        {one.over_at ? t("incident.paper.over", { at: times.stamp(one.over_at) }) : ""}
      </p>
      {one.reports.filter((report) => report.text).map((report) => (
        <section key={report.id}>
          <h2 className="du-paper-part">{t(`incident.paper.kind.${report.kind}`, { n: report.n - 1 })}</h2>
          <p className="lt-line du-text">{report.text}</p>
          <p className="lt-line du-paper-told">{t("incident.paper.told_whom", { who: told(report) || t("incident.paper.nobody") })}</p>
        </section>
      ))}
      <footer className="lt-foot"><p>{one.street}</p></footer>
    </article>
  );
}
