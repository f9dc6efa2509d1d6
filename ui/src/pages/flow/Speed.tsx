import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { speedQuery, type Baseline, type Speed as View, type SpeedReport } from "../../api/flow";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { useTimes } from "../../shared/time";
import { Curve } from "./Curve";
import { Freeze } from "./Freeze";
import { Head } from "./Head";
import { Ratios } from "./Ratios";
import { duration, ratioSentence } from "./words";
import "../../shared/table.css";
import "../cases/cases.css";
import "./flow.css";

/** Did it get faster? Handling times now beside a frozen period, like with like, with the interval. */
export default function Speed() {
  const { t } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const [params, change] = useAddress();
  const end = params.get("end") === "closed" ? "closed" : "reported";
  const number = Number(params.get("baseline")) || undefined;
  const query = useQuery({
    ...speedQuery({ area: area.code, since: params.get("since") ?? undefined, until: params.get("until") ?? undefined, end, baseline: number }),
    placeholderData: (before) => before,
  });
  const view = query.data;
  const named = (one: Baseline): string => t("speed.baseline_named", { n: one.number, from: times.date(one.start), to: times.date(new Date(one.stop).getTime() - 1) });
  return (
    <div className="cs fl" data-testid="speed-page">
      <h1 className="sw-hidden">{t("speed.title")}</h1>
      <Head>
        <Select aria-label={t("speed.end_label")} className="fl-select" value={end} onChange={(value) => change((now) => setParam(now, "end", value === "closed" ? value : undefined))} data-testid="speed-end"
          options={(["reported", "closed"] as const).map((value) => ({ value, label: t(`speed.end.${value}`) }))} />
        {view?.baseline ? (
          <Select aria-label={t("speed.baseline")} className="fl-baseline" value={view.baseline.number} onChange={(value: number) => change((now) => setParam(now, "baseline", String(value)))}
            options={view.known.map((one) => ({ value: one.number, label: named(one) }))} />
        ) : null}
      </Head>
      <div className="fl-body">
        {query.isPending ? <Loading rows={12} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : !view?.report || !view.baseline ? (
          <Blank title={t("speed.empty_title")} text={t(view?.may_freeze ? "speed.empty_text" : "speed.empty_text_other")} testId="speed-empty">
            {view?.may_freeze ? <Freeze area={area.code} /> : null}
          </Blank>
        ) : (
          <Found view={view} report={view.report} area={area.code} />
        )}
      </div>
    </div>
  );
}

function Found({ view, report, area }: { view: View; report: SpeedReport; area: string }) {
  const { t } = useTranslation();
  const { total } = report;
  const said = ratioSentence(t, total.ratio);
  return (
    <>
      <p className="fl-big" data-testid="speed-said">{said}</p>
      <ul className="fl-notes sw-small sw-quiet">
        <li>{t("speed.note_cases", { before: total.before, after: total.after, open: total.open })}</li>
        <li>{t("speed.note_medians", { before: duration(t, total.median_before), after: duration(t, total.median_after), p90_before: duration(t, report.p90_before), p90_after: duration(t, report.p90_after) })}</li>
        <li>{t("speed.note_crude", { said: ratioSentence(t, report.crude), before: report.unlike_before, after: report.unlike_after })}</li>
        <li>{t("speed.note_time", { end: t(`speed.end.${view.end}`), days: view.window_days, left_out: report.left_out })}</li>
        <li>{t("speed.note_interval")}</li>
      </ul>
      <Curve curve={report.curve} label={`${t("speed.curve")}: ${said}`} />
      <h2>{t("speed.by.month")}</h2>
      <Ratios of="month" lines={report.months} />
      <h2>{t("speed.by.unit")}</h2>
      <Ratios of="unit" lines={report.units} />
      <h2>{t("speed.by.class")}</h2>
      <Ratios of="class" lines={report.classes} />
      {view.may_freeze ? <><h2>{t("speed.another")}</h2><Freeze area={area} /></> : null}
    </>
  );
}
