import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { reportQuery, type ReportBlock } from "../../api/reports";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { Chart } from "./Chart";
import { Files } from "./Files";
import "../../shared/table.css";
import "./reports.css";

/** A report to be read: the content that its files were written from, number by number. */
export default function Report() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const query = useQuery(reportQuery(id));
  if (query.isPending) return <Loading rows={14} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const view = query.data;
  return (
    <article className="rp-paper" data-testid="report" lang="zh-CN">
      <header className="rp-top">
        <Link to="/reports" className="sw-small">{t("reports.back")}</Link>
        <Files line={view.line} title={view.title} />
      </header>
      {view.sections.length === 0 ? (
        view.line.state === "failed"
          ? <Blank title={t("reports.failed_title")} />
          : <Blank title={t("reports.waiting_title")} text={t("reports.waiting_text")} testId="report-empty" />
      ) : (
        <>
          <h1>{view.title}</h1>
          <p className="rp-sub sw-small sw-quiet sw-num">{view.subtitle}</p>
          {view.sections.map((section) => (
            <section key={section.title}>
              <h2>{section.title}</h2>
              {section.blocks.map((block, index) => <Block key={index} block={block} />)}
            </section>
          ))}
          <footer className="sw-small sw-quiet">
            {view.notes.map((note) => <p key={note}>{note}</p>)}
          </footer>
        </>
      )}
    </article>
  );
}

function Block({ block }: { block: ReportBlock }) {
  if (block.kind === "paragraph") return <p className="rp-said">{block.text}</p>;
  if (block.kind === "chart") return <Chart block={block} />;
  const numeric = (column: number): string | undefined => (block.numeric?.[column] ? "rp-n sw-num" : undefined);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
    <div className="rp-scroll" tabIndex={0} role="region" aria-label={block.title}>
      <table className="sw-table" data-testid="report-table">
        <caption className="sw-small">{block.title}</caption>
        <thead>
          <tr>{block.columns?.map((title, column) => <th key={title} scope="col" className={numeric(column)}>{title}</th>)}</tr>
        </thead>
        <tbody>
          {block.rows?.map((row, index) => (
            <tr key={`${row[0] ?? ""}${index}`} className={block.total && index === 0 ? "rp-all" : undefined}>
              {row.map((cell, column) => <td key={column} className={numeric(column)}>{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
