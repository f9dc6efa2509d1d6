import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exportAddress, flowQuery, type EdgeAsked } from "../../api/flow";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { useTimes } from "../../shared/time";
import { EdgeCases } from "./EdgeCases";
import { Days, Head } from "./Head";
import { Loop } from "./Loop";
import { Bounces, Edges, Lines, Ways } from "./Tables";
import { duration } from "./words";
import "../../shared/table.css";
import "../cases/cases.css";
import "./flow.css";

/** The way that cases really take: how many, how long, where they wait, bounce and go round. */
export default function Flow() {
  const { t } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const [params, change] = useAddress();
  const [edge, setEdge] = useState<EdgeAsked | null>(null);
  const get = (key: string): string | undefined => params.get(key) ?? undefined;
  const cut = { area: area.code, since: get("since"), until: get("until"), cls: get("cls"), unit: get("unit") };
  const query = useQuery({ ...flowQuery({ ...cut, against_since: get("against_since"), against_until: get("against_until") }), placeholderData: (before) => before });
  const set = (key: string, value: string | undefined): void => {
    setEdge(null);
    change((now) => setParam(now, key, value));
  };
  const flow = query.data?.now;
  const against = query.data?.against ?? null;
  const nameOf = (lines: { key: string | null; name: string | null }[] | undefined, key: string): string => lines?.find((one) => one.key === key)?.name ?? key;
  return (
    <div className="cs fl" data-testid="flow-page">
      <h1 className="sw-hidden">{t("flow.title")}</h1>
      <Head>
        <Days first="against_since" last="against_until" label={t("flow.against")} />
        {cut.cls ? <Chip label={nameOf(flow?.classes, cut.cls)} onDrop={() => set("cls", undefined)} /> : null}
        {cut.unit ? <Chip label={nameOf(flow?.units, cut.unit)} onDrop={() => set("unit", undefined)} /> : null}
        <span className="fl-exports sw-small">
          {t("flow.export")} <a className="sw-link" href={exportAddress(cut, "xes")} download data-testid="flow-xes">XES</a> <a className="sw-link" href={exportAddress(cut, "ocel")} download>OCEL 2.0</a>
        </span>
      </Head>
      <div className="fl-body">
        {query.isPending ? <Loading rows={12} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : !flow || flow.cases === 0 ? (
          <Blank title={t("flow.empty_title")} text={t("flow.empty_text")} testId="flow-empty" />
        ) : (
          <>
            <p data-testid="flow-total">
              {t("flow.total", { cases: flow.cases, closed: flow.closed, median: duration(t, flow.median), p90: duration(t, flow.p90) })}{" "}
              <span className="sw-quiet sw-small">{t("flow.days_said", { from: times.date(flow.start), to: times.date(new Date(flow.stop).getTime() - 1) })}</span>
              {against ? <><br /><span className="sw-quiet">{t("flow.total_against", { cases: against.cases, closed: against.closed, median: duration(t, against.median), p90: duration(t, against.p90) })}</span></> : null}
            </p>
            <Loop flow={flow} onAsk={setEdge} />
            {edge ? <EdgeCases cut={cut} edge={edge} onClose={() => setEdge(null)} /> : <p className="sw-small sw-quiet">{t("flow.hint")}</p>}
            <Bounces flow={flow} against={against} />
            <h2>{t("flow.edges")}</h2>
            <Edges flow={flow} against={against} onAsk={setEdge} />
            <h2>{t("flow.ways")}</h2>
            <Ways flow={flow} />
            <h2>{t("flow.by.unit")}</h2>
            <p className="sw-small sw-quiet">{t("flow.by_unit_said")}</p>
            <Lines of="unit" lines={flow.units} against={against?.units ?? null} onCut={(key) => set("unit", key)} />
            <h2>{t("flow.by.class")}</h2>
            <Lines of="class" lines={flow.classes} against={against?.classes ?? null} onCut={(key) => set("cls", key)} />
          </>
        )}
      </div>
    </div>
  );
}

function Chip({ label, onDrop }: { label: string; onDrop: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="cs-chip">
      <span className="sw-cut">{label}</span>
      <button type="button" className="sw-plain" aria-label={t("flow.drop", { name: label })} onClick={onDrop}>×</button>
    </span>
  );
}
