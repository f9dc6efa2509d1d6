import { useTranslation } from "react-i18next";
import type { WarningView } from "../../api/types";
import { about, useDay } from "./words";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 200, 32, 20, 8] as const;
const [TICK_DAYS, LABEL] = [14, 60] as const;
const DAY_MS = 86_400_000;

const dayAfter = (first: string, days: number): string => new Date(Date.parse(`${first}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Reports by day as bars, what is usual as a line, the days of the warning marked; and the same as a table. */
export function Chart({ warning }: { warning: WarningView }) {
  const { t } = useTranslation();
  const day = useDay();
  const { chart, first_day: first, last_day: last } = warning;
  const days = chart.observed.map((_, index) => dayAfter(chart.first_day, index));
  const top = Math.max(1, ...chart.observed, ...chart.expected) * 1.05;
  const step = (WIDTH - LEFT) / Math.max(1, days.length);
  const x = (index: number): number => LEFT + index * step;
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const within = (one: string): boolean => one >= first && one <= last;
  // backwards from the last day, so that this one has its name; none that would begin left of the axis
  const ticks = days.map((_, index) => index).filter((index) => (days.length - 1 - index) % TICK_DAYS === 0 && x(index + 1) > LEFT + LABEL);
  const marked = days.flatMap((one, index) => (within(one) ? [index] : []));
  const line = chart.expected.map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}H${x(index + 1).toFixed(1)}`).join("");
  const words = t("warn.chart_text", { first: day(first), last: day(last), observed: warning.observed, expected: about(warning.expected) });
  return (
    <figure className="wa-chart" data-testid="warning-chart">
      <figcaption className="wa-legend sw-small">
        <b>{t("warn.chart")}</b>
        <span><i className="wa-key wa-key-bar" aria-hidden="true" />{t("warn.chart_observed")}</span>
        <span><i className="wa-key wa-key-line" aria-hidden="true" />{t("warn.chart_expected")}</span>
        <span><i className="wa-key wa-key-days" aria-hidden="true" />{t("warn.chart_days")}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        {marked.length > 0 ? <rect x={x(marked[0]!)} y={TOP} width={marked.length * step} height={HEIGHT - BOTTOM - TOP} className="wa-days" /> : null}
        {[Math.round(top / 2.1), Math.round(top / 1.05)].map((value, index) => value > 0 ? (
          <g key={index}><path d={`M${LEFT} ${y(value)}H${WIDTH}`} stroke="var(--sw-line-soft)" /><text x={LEFT - 6} y={y(value) + 4} className="wa-axis wa-end">{value}</text></g>
        ) : null)}
        {chart.observed.map((value, index) => <rect key={days[index]} x={x(index) + step * 0.15} y={y(value)} width={step * 0.7} height={HEIGHT - BOTTOM - y(value)} fill={within(days[index]!) ? "var(--sw-amber)" : "var(--sw-text3)"} />)}
        <path d={line} fill="none" stroke="var(--sw-text)" strokeWidth="1.5" />
        <path d={`M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH}`} stroke="var(--sw-line)" />
        {ticks.map((index) => <text key={days[index]} x={x(index + 1)} y={HEIGHT - 4} className="wa-axis wa-end">{day(days[index]!)}</text>)}
      </svg>
      <details>
        <summary className="sw-small sw-quiet">{t("warn.table")}</summary>
        <table className="wa-table sw-num">
          <thead><tr><th scope="col">{t("warn.day")}</th><th scope="col">{t("warn.chart_observed")}</th><th scope="col">{t("warn.chart_expected")}</th></tr></thead>
          <tbody>{days.map((one, index) => <tr key={one} data-marked={within(one) || undefined}><th scope="row">{day(one)}</th><td>{chart.observed[index]}</td><td>{about(chart.expected[index] ?? 0)}</td></tr>)}</tbody>
        </table>
      </details>
    </figure>
  );
}
