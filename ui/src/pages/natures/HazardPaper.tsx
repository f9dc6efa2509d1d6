import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { hazardOrderQuery } from "../../api/natures";
import { caseQuery } from "../../api/queries";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { Marked } from "../case/Marked";
import { PersonalProvider } from "../case/Personal";
import "../case/case.css";
import "../case/letter.css";

/** An order to rectify as it is printed; what is masked is opened here, for a purpose, before. */
export default function HazardPaper() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const query = useQuery(hazardOrderQuery(id));
  const about = useQuery({ ...caseQuery(query.data?.case_id ?? ""), enabled: query.data !== undefined });
  const error = query.error ?? about.error;
  if (error) return <ErrorBlank error={error} onRetry={() => void Promise.all([query.refetch(), about.refetch()])} />;
  if (!query.data || !about.data) return <Loading rows={10} />;
  const one = query.data;
  return (
    <div className="lt" data-testid="hazard-paper-page">
      <header className="lt-head">
        <Link to={`/cases/${one.case_id}`} className="sw-link">{t("hazard.paper_back", { number: one.case_number })}</Link>
        <span className="sw-small sw-quiet">{t("hazard.paper_hint")}</span>
        <Button type="primary" data-testid="hazard-print" onClick={() => window.print()}>{t("hazard.paper_print")}</Button>
      </header>
      <PersonalProvider view={about.data}>
        <article className="lt-paper" lang="zh-CN" data-testid="hazard-paper">
          <p className="lt-office">{one.office}</p>
          <h1>{one.heading}</h1>
          <p className="lt-number">{one.order.number}</p>
          <p className="lt-to">{one.addressee}{t("common.colon")}</p>
          {one.before.map((line) => <p key={line} className="lt-line">{line}</p>)}
          <p className="lt-line"><Marked text={one.order.measure} item={one.order.measure_note} place="note" /></p>
          {one.after.map((line) => <p key={line} className="lt-line">{line}</p>)}
          <footer className="lt-foot">
            <p>{one.office}</p>
            <p>{one.dated}</p>
          </footer>
        </article>
      </PersonalProvider>
    </div>
  );
}
