import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { letterQuery } from "../../api/answers";
import { caseQuery } from "../../api/queries";
import type { CaseView, PetitionLetter } from "../../api/types";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { Marked } from "./Marked";
import { PersonalProvider } from "./Personal";
import "./case.css";
import "./letter.css";

/** A petition's answer as it is printed; what is masked is opened here, for a purpose, before. */
export default function Letter() {
  const { id = "", letter = "" } = useParams();
  const { t } = useTranslation();
  const about = useQuery(caseQuery(id));
  const query = useQuery(letterQuery(id, letter));
  const error = query.error ?? about.error;
  if (error) return <ErrorBlank error={error} onRetry={() => void Promise.all([query.refetch(), about.refetch()])} />;
  if (!query.data || !about.data) return <Loading rows={10} />;
  return (
    <div className="lt" data-testid="letter-page">
      <header className="lt-head">
        <Link to={`/cases/${id}`} className="sw-link">{t("letter.back", { number: about.data.number })}</Link>
        <span className="sw-small sw-quiet">{t("letter.hint")}</span>
        <Button type="primary" data-testid="letter-print" onClick={() => window.print()}>{t("letter.print")}</Button>
      </header>
      <PersonalProvider view={about.data}><Paper letter={query.data} view={about.data} /></PersonalProvider>
    </div>
  );
}

/** The document itself is in Chinese, whatever language the officer's screen speaks. */
function Paper({ letter, view }: { letter: PetitionLetter; view: CaseView }) {
  return (
    <article className="lt-paper" lang="zh-CN" data-testid="letter-paper" data-case={view.number}>
      <p className="lt-office">{letter.office}</p>
      <h1>{letter.title}</h1>
      <p className="lt-number">{letter.number}</p>
      <p className="lt-to"><Marked text={letter.addressee} item={letter.addressee_note} place="note" />：</p>
      {lines(letter.body).map(({ at, text }) => <p key={at} className="lt-line"><Marked text={text} item={letter.body_note} place="note" from={at} /></p>)}
      <footer className="lt-foot">
        <p>{letter.office}</p>
        <p>{letter.dated}</p>
      </footer>
    </article>
  );
}

/** Lines, each with where it begins, counted in characters as the server does. */
function lines(body: string): { at: number; text: string }[] {
  let at = 0;
  return body.split("\n").map((text) => {
    const line = { at, text };
    at += [...text].length + 1;
    return line;
  }).filter(({ text }) => text.trim());
}
