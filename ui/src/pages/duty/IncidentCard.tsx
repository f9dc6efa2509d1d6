import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { endIncident, noteTold, setLevel, writeReport, type Incident, type Report } from "../../api/duty";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useDo } from "./useDo";
import "./duty.css";

export const LEVELS = [1, 2, 3, 4] as const;

/** How far an incident is reported: each report, whom it must reach by when, and what is to do. */
export function IncidentCard({ one }: { one: Incident }) {
  const { t } = useTranslation();
  const times = useTimes();
  const act = useDo((work: () => Promise<Incident>) => work());
  return (
    <div className="du-incident">
      <div className="du-card-head">
        {one.may_write && one.state === "open" ? (
          <Select size="small" className="du-level" value={one.level} aria-label={t("incident.level_name")} data-testid="incident-level" disabled={act.busy}
            options={LEVELS.map((value) => ({ value, label: t(`incident.level.${value}`) }))} onChange={(level: number) => act.run(() => setLevel(one, level))} />
        ) : <b>{t(`incident.level.${one.level}`)}</b>}
        <span data-testid="incident-state">{t(`incident.state.${one.state}`)}</span>
        {one.late > 0 ? <span className="sw-red" data-testid="incident-late">{t("incident.late", { count: one.late })}</span> : null}
        <span className="sw-small sw-quiet sw-num">{t("incident.known", { at: times.stamp(one.known_at) })}</span>
        <Link to={`/duty/incidents/${one.id}/print`} className="sw-link du-end" data-testid="incident-print">{t("incident.print")}</Link>
      </div>
      {one.reports.map((report) => (
        <ReportPart key={report.id} one={one} report={report} busy={act.busy} onTold={(tell) => act.run(() => noteTold(one, tell))} />
      ))}
      {one.may_write && one.state === "open" ? (
        <Button size="small" data-testid="incident-over" loading={act.busy} onClick={() => act.run(() => endIncident(one))}>{t("incident.end")}</Button>
      ) : null}
      {act.refused ? <Sentence tone="red">{act.refused}</Sentence> : null}
    </div>
  );
}

function ReportPart({ one, report, busy, onTold }: { one: Incident; report: Report; busy: boolean; onTold: (tell: string) => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  const next = one.reports.find((each) => each.written_at === null);
  return (
    <section className="du-report" data-testid="incident-report" data-kind={report.kind}>
      <h3>
        {t(`incident.report.${report.kind}`)}
        {report.written_at ? <span className="sw-small sw-quiet sw-num"> {t("incident.written", { name: report.written_by?.name ?? "", at: times.stamp(report.written_at) })}</span> : <span className="sw-small sw-amber"> {t("incident.unwritten")}</span>}
      </h3>
      {report.text ? <p className="du-text">{report.text}</p> : null}
      {one.may_write && next?.id === report.id ? <ReportInput one={one} /> : null}
      <ul className="du-tells">
        {report.tells.map((tell) => (
          <li key={tell.id} data-testid="incident-tell">
            <span>{t(`incident.to.${tell.recipient}`)} · {t(`incident.way.${tell.way}`)}</span>
            {tell.told_at ? (
              <span className="sw-small sw-green sw-num">{t("incident.told", { name: tell.told_by?.name ?? "", at: times.stamp(tell.told_at) })}</span>
            ) : (
              <>
                <span className={`sw-small sw-num ${tell.late ? "sw-red" : "sw-quiet"}`}>{t(tell.late ? "incident.tell_late" : "incident.tell_by", { at: times.stamp(tell.due_at) })}</span>
                {one.may_write ? (
                  <Button size="small" disabled={busy || (tell.way === "written" && !report.written_at)} data-testid="incident-told" onClick={() => onTold(tell.id)}>{t("incident.note_told")}</Button>
                ) : null}
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function ReportInput({ one }: { one: Incident }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const write = useDo(() => writeReport(one, text.trim()), () => setText(""));
  return (
    <div className="du-form">
      <Input.TextArea value={text} onChange={(event) => setText(event.target.value)} autoSize={{ minRows: 3, maxRows: 12 }} maxLength={4000}
        placeholder={t("incident.text")} aria-label={t("incident.text")} data-testid="incident-text" />
      <div className="du-fields">
        <Button type="primary" size="small" disabled={!text.trim()} loading={write.busy} data-testid="incident-write" onClick={() => write.run(undefined)}>{t("incident.write")}</Button>
      </div>
      {write.refused ? <Sentence tone="red">{write.refused}</Sentence> : null}
    </div>
  );
}
