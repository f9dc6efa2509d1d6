import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { reportsQuery, type ReportKind, type ReportLine } from "../../api/reports";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { useTimes } from "../../shared/time";
import { Files } from "./Files";
import { Make } from "./Make";
import "../../shared/table.css";
import "../cases/cases.css";
import "./reports.css";

const KINDS: ReportKind[] = ["daily", "weekly", "monthly"];

/** Reports of days, weeks and scored months, the latest first; each can be read and downloaded. */
export default function Reports() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const kind = KINDS.find((one) => one === params.get("kind"));
  const query = useQuery({ ...reportsQuery(area.code, kind), placeholderData: (before) => before });
  if (query.isPending) return <Loading rows={10} />;
  if (query.isError && !query.data) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const view = query.data;
  return (
    <div className="cs rp" data-testid="reports-page">
      <div className="cs-filters">
        <div className="cs-tabs" role="tablist" aria-label={t("reports.kind.label")}>
          {[undefined, ...KINDS].map((one) => (
            <button key={one ?? ""} type="button" role="tab" aria-selected={kind === one} className="sw-plain cs-tab" data-testid={`report-kind-${one ?? "all"}`}
              onClick={() => change((now) => setParam(now, "kind", one))}>
              {t(`reports.kind.${one ?? "all"}`)}
            </button>
          ))}
        </div>
      </div>
      <div className="rp-body">
        {view.may_make ? <Make periods={view.periods} area={area.code} /> : null}
        {view.items.length === 0 ? (
          <Blank title={t("reports.empty_title")} text={t("reports.empty_text")} testId="reports-empty" />
        ) : (
          <ul className="rp-list" aria-label={t("reports.list")}>
            {view.items.map((line) => <Line key={line.id} line={line} />)}
          </ul>
        )}
      </div>
    </div>
  );
}

function Line({ line }: { line: ReportLine }) {
  const { t } = useTranslation();
  const times = useTimes();
  const title = `${t(`reports.kind.${line.kind}`)} ${t(`reports.name.${line.kind}`, { name: line.name })}`;
  return (
    <li className="rp-line" data-testid="report-line">
      <div className="rp-what">
        <Link to={`/reports/${line.id}`} className="rp-title">{title}</Link>
        <span className="sw-small sw-quiet sw-num">{times.stamp(line.start)} – {times.stamp(line.end)}</span>
      </div>
      <div className="rp-how sw-small sw-quiet">
        <span>{t("reports.edition", { n: line.edition })}</span>
        {line.by_itself ? <span>{t("reports.by_itself")}</span> : null}
        {line.same ? <span>{t("reports.same")}</span> : null}
        {line.made_at ? <span className="sw-num">{times.stamp(line.made_at)}</span> : null}
      </div>
      <Files line={line} title={title} />
    </li>
  );
}
