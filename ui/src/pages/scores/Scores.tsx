import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { scoresQuery, type ScoreGroup } from "../../api/scores";
import type { ScoreLine, Scores as View } from "../../api/types";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { useTimes } from "../../shared/time";
import { Behind, type Question } from "./Behind";
import { Months } from "./Months";
import { monthsUntil, percent } from "./numbers";
import "../../shared/table.css";
import "../cases/cases.css";
import "./scores.css";

const GROUPS: ScoreGroup[] = ["unit", "community", "class", "channel"];
const isGroup = (value: string | null): value is ScoreGroup => GROUPS.some((one) => one === value);

/** How the street did in a month: three rates and their composite, by unit and never by person. */
export default function Scores() {
  const { t, i18n } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const [params, change] = useAddress();
  const asked = params.get("by");
  const by = isGroup(asked) ? asked : "unit";
  const filter = { area: area.code, by, month: params.get("month") ?? undefined, rules: params.get("rules") ?? undefined };
  const query = useQuery({ ...scoresQuery(filter), placeholderData: (before) => before });
  const [question, setQuestion] = useState<Question | null>(null);
  const set = (key: string, value: string | undefined): void => {
    setQuestion(null);
    change((now) => setParam(now, key, value));
  };
  if (query.isPending) return <Loading rows={12} />;
  if (query.isError && !query.data) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const view = query.data;
  const named = (one: { name: string; name_en: string }): string => (i18n.language === "en" ? one.name_en : one.name);
  const weight = (name: string): string => `${Math.round((view.rules.weights[name] ?? 0) * 100)}%`;
  return (
    <div className="cs sc" data-testid="scores-page">
      <div className="cs-filters">
        <Select className="cs-filter" aria-label={t("scores.month")} value={view.month} onChange={(month: string) => set("month", month)} data-testid="score-month"
          options={monthsUntil(view).map((month) => ({ value: month, label: month }))} />
        <div className="cs-tabs" role="tablist" aria-label={t("scores.by.label")}>
          {GROUPS.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={by === one} className="sw-plain cs-tab" data-testid={`score-by-${one}`} onClick={() => set("by", one)}>
              {t(`scores.by.${one}`)}
            </button>
          ))}
        </div>
        <Select className="sc-rules" aria-label={t("scores.rules")} value={filter.rules ?? ""} onChange={(rules: string) => set("rules", rules || undefined)}
          options={[{ value: "", label: t("scores.auto") }, ...view.known.map((one) => ({ value: one.version, label: named(one) }))]} />
        <span className="sw-small sw-quiet sw-num">{t("scores.period", { from: times.stamp(view.start), to: times.stamp(view.end) })}</span>
      </div>
      <div className="sc-body">
        <section className="sc-sum" aria-label={t("scores.total")}>
          <div className="sc-big">
            <span className="sw-quiet sw-small">{t("scores.composite")}</span>
            <strong className="sw-num" data-testid="composite">{view.total.composite?.toFixed(1) ?? t("scores.nothing")}</strong>
            <span className="sw-quiet sw-small">{t("scores.weights", { response: weight("response"), solved: weight("solved"), satisfied: weight("satisfied") })}</span>
          </div>
          <Months before={view.before} now={view.total} month={view.month} />
        </section>
        <p className="sw-small sw-quiet sc-said">
          {t("scores.estimated")}{" "}
          <button type="button" className="sw-plain sw-link" data-testid="score-excluded" onClick={() => setQuestion({ rate: null, key: undefined, name: t("scores.total") })}>{t("scores.excluded")}</button>
        </p>
        {view.groups.length === 0 ? (
          <Blank title={t("scores.empty_title")} text={t("scores.empty_text")} testId="scores-empty" />
        ) : (
          <Table view={view} by={by} onAsk={setQuestion} />
        )}
        {question ? <Behind filter={{ ...filter, month: view.month }} question={question} onClose={() => setQuestion(null)} /> : null}
      </div>
    </div>
  );
}

function Table({ view, by, onAsk }: { view: View; by: ScoreGroup; onAsk: (question: Question) => void }) {
  const { t } = useTranslation();
  const rates = view.total.rates.map((one) => one.name);
  const ours = view.total.estimated.map((one) => one.name);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
    <div className="sc-scroll" tabIndex={0} role="region" aria-label={t("scores.list")}>
      <table className="sw-table sc-table" data-testid="scores">
        <thead>
          <tr>
            <th scope="col">{t(`scores.name.${by}`)}</th>
            <th scope="col" className="sc-n">{t("scores.composite")}</th>
            {rates.map((name) => <th key={name} scope="col" className="sc-n">{t(`scores.rate.${name}`)}</th>)}
            <th scope="col" className="sc-n">{t("scores.orders")}</th>
            <th scope="col" className="sc-n">{t("scores.closed")}</th>
            <th scope="col" className="sc-n">{t("scores.median")}</th>
            <th scope="col" className="sc-n">{t("scores.p90")}</th>
            <th scope="col" className="sc-n" title={t("scores.net_why")}>{t("scores.net_median")}</th>
            <th scope="col" className="sc-n" title={t("scores.net_why")}>{t("scores.net_p90")}</th>
            {ours.map((name) => <th key={name} scope="col" className="sc-n" title={t("scores.ours_why")}>{t("scores.ours", { rate: t(`scores.rate.${name}`) })}</th>)}
          </tr>
        </thead>
        <tbody>
          <Line line={view.total} name={t("scores.total")} ours={ours} all onAsk={onAsk} />
          {view.groups.map((line) => <Line key={line.key ?? "-"} line={line} name={line.name ?? t("scores.none")} ours={ours} onAsk={onAsk} />)}
        </tbody>
      </table>
    </div>
  );
}

function Line({ line, name, ours, all = false, onAsk }: { line: ScoreLine; name: string; ours: string[]; all?: boolean; onAsk: (question: Question) => void }) {
  const { t } = useTranslation();
  const time = (hours: number | null): string => {
    if (hours === null) return t("scores.nothing");
    return hours < 48 ? t("scores.hours", { n: hours.toFixed(1) }) : t("scores.days", { n: (hours / 24).toFixed(1) });
  };
  return (
    <tr className={all ? "sc-all" : undefined} data-testid={all ? "score-total" : "score-line"}>
      <th scope="row" className="sw-cut" title={name}>{name}</th>
      <td className="sc-n sw-num">{line.composite?.toFixed(1) ?? t("scores.nothing")}</td>
      {line.rates.map((one) => (
        <td key={one.name} className="sc-n sw-num">
          {one.of === 0 ? (
            <span className="sw-quiet">{t("scores.nothing")}</span>
          ) : (
            <button type="button" className="sw-plain sc-rate" title={t("scores.of", { value: one.value, of: one.of })} data-testid={`rate-${one.name}`}
              onClick={() => onAsk({ rate: one.name, key: all ? undefined : (line.key ?? "-"), name })}>
              {percent(one.rate)}
            </button>
          )}
        </td>
      ))}
      <td className="sc-n sw-num">{line.orders}</td>
      <td className="sc-n sw-num">{line.closed}</td>
      <td className="sc-n sw-num">{time(line.median_hours)}</td>
      <td className="sc-n sw-num">{time(line.p90_hours)}</td>
      <td className="sc-n sw-num" data-testid="net-median">{time(line.net_median_hours)}</td>
      <td className="sc-n sw-num">{time(line.net_p90_hours)}</td>
      {ours.map((rate) => {
        const found = line.estimated.find((one) => one.name === rate);
        return <td key={rate} className="sc-n sw-num sw-quiet" data-testid={`ours-${rate}`} title={found ? t("scores.of", { value: found.value, of: found.of }) : undefined}>{percent(found?.rate ?? null)}</td>;
      })}
    </tr>
  );
}
