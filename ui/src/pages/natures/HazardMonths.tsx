import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hazardMonthsQuery, type HazardMonths as View, type HazardWhat } from "../../api/natures";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { HazardList } from "./HazardList";

const WHATS: HazardWhat[] = ["found", "rectified", "written_off", "open", "overdue"];
const WIDE = 640, HIGH = 160, TOP = 16, FOOT = 20;

/** Which number of the table: what, of which month and kind (none: of all). */
export interface Question { what: HazardWhat; month: string; kind: string | undefined }

/** Found, rectified, written off, open and overdue by month; each number opens the list behind it. */
export function HazardMonths({ area }: { area: string }) {
  const { t } = useTranslation();
  const query = useQuery(hazardMonthsQuery(area));
  const [kind, setKind] = useState<string>();
  const [question, setQuestion] = useState<Question | null>(null);
  if (query.isPending) return <Loading rows={12} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const view = query.data;
  if (!view.cells.some((one) => one.found > 0 || one.open > 0)) return <Blank title={t("hazard.empty_title")} text={t("hazard.empty_text")} testId="hazards-empty" />;
  const sum = (month: string, what: HazardWhat): number =>
    view.cells.filter((one) => one.month === month && (kind === undefined || one.kind === kind)).reduce((whole, one) => whole + one[what], 0);
  return (
    <>
      <Select className="cs-filter" value={kind ?? ""} aria-label={t("hazard.kind_name")} data-testid="hazard-kinds"
        onChange={(value: string) => {
          setKind(value || undefined);
          setQuestion(null);
        }}
        options={[{ value: "", label: t("hazard.all_kinds") }, ...view.kinds.map((value) => ({ value, label: t(`hazard.kind.${value}`, { defaultValue: value }) }))]} />
      <Chart view={view} found={view.months.map((month) => sum(month, "found"))} marked={kind === undefined} />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too */}
      <div className="na-scroll" tabIndex={0} role="region" aria-label={t("natures.tab.hazards")}>
        <table className="sw-table na-table" data-testid="hazard-months">
          <thead>
            <tr><th scope="col">{t("hazard.month")}</th>{WHATS.map((what) => <th key={what} scope="col" className="na-n">{t(`hazard.what.${what}`)}</th>)}</tr>
          </thead>
          <tbody>
            {view.months.toReversed().map((month) => (
              <tr key={month} data-testid="hazard-month">
                <th scope="row" className="sw-num">{month.slice(0, 7)}</th>
                {WHATS.map((what) => {
                  const count = sum(month, what);
                  return (
                    <td key={what} className="na-n sw-num">
                      {count === 0 ? <span className="sw-quiet">0</span> : (
                        <button type="button" className={`sw-plain na-count${what === "overdue" ? " sw-red" : ""}`} data-testid={`count-${what}`} onClick={() => setQuestion({ what, month, kind })}>{count}</button>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {question ? <HazardList key={JSON.stringify(question)} area={area} question={question} onClose={() => setQuestion(null)} /> : null}
    </>
  );
}

/** Bars by month, and the count of a real platform as a marked line: a comparison, no target. */
function Chart({ view, found, marked }: { view: View; found: number[]; marked: boolean }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...found, marked ? view.compared_with : 0);
  const high = (count: number): number => (count / most) * (HIGH - TOP - FOOT);
  const step = WIDE / Math.max(1, found.length);
  const line = HIGH - FOOT - high(view.compared_with);
  return (
    <figure className="na-chart">
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={t("hazard.chart")}>
        {view.months.map((month, at) => {
          const count = found[at] ?? 0;
          return (
            <g key={month}>
              <rect x={at * step + step * 0.2} y={HIGH - FOOT - high(count)} width={step * 0.6} height={high(count)} className="na-bar" />
              <text x={at * step + step / 2} y={HIGH - FOOT - high(count) - 4} className="na-text">{count}</text>
              <text x={at * step + step / 2} y={HIGH - 6} className="na-text na-month">{month.slice(2, 7)}</text>
            </g>
          );
        })}
        {marked ? <line x1="0" x2={WIDE} y1={line} y2={line} className="na-mark" data-testid="compared-line" /> : null}
      </svg>
      <figcaption className="sw-small sw-quiet">{t("hazard.chart")}{marked ? ` · ${t("hazard.compared", { count: view.compared_with })}` : ""}</figcaption>
    </figure>
  );
}
