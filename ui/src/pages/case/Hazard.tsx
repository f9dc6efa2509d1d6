import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { actOnHazard, hazardQuery, type Hazard as View, type HazardForm, type HazardOffer, type HazardOrder } from "../../api/natures";
import type { CaseView } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import type { Times } from "../../shared/time";
import { useDo } from "../natures/useDo";
import { Marked } from "./Marked";
import "./orders.css";
import "./natures.css";

const LEVELS = ["general", "major"] as const;

/** A hazard from found to written off, with its orders. */
export function Hazard({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  const found = useQuery({ ...hazardQuery(view.id), enabled: view.nature === "hazard" }).data;
  const [step, setStep] = useState<HazardOffer["action"] | null>(null);
  const act = useDo(view.id, (body: HazardForm) => actOnHazard(view.id, found?.version ?? 0, step ?? "assess", body), () => setStep(null));
  if (!found?.state) return null;
  const offer = found.actions.find((one) => one.action === step);
  return (
    <section className="co" aria-label={t("hazard.panel")} data-testid="hazard-panel" data-state={found.state}>
      <h2>{t("hazard.panel")}</h2>
      <p>
        <strong data-testid="hazard-state">{t(`hazard.state.${found.state}`)}</strong>{" "}
        <span className={found.level === "major" ? "sw-red" : "sw-quiet"}>{t(`hazard.level.${found.level}`)}</span>{" "}
        <span className="sw-small sw-quiet">{t(`hazard.kind.${found.kind}`, { defaultValue: found.kind })} · {t(`hazard.found_how.${found.found_how}`, { defaultValue: found.found_how })}</span>
      </p>
      <ol className="nt-list">{found.orders.map((one) => <Order key={one.id} one={one} times={times} />)}</ol>
      {offer ? (
        <Form key={offer.action} offer={offer} known={found} busy={act.busy} onSend={act.run} onClose={() => setStep(null)} />
      ) : (
        <div className="co-do">
          {found.actions.filter((one) => one.action !== "assess").map((one) => (
            <Button key={one.action} size="small" data-testid={`hazard-${one.action}`} onClick={() => setStep(one.action)}>{t(`hazard.act.${one.action}`)}</Button>
          ))}
        </div>
      )}
      {act.refused ? <Sentence tone="red">{act.refused}</Sentence> : null}
      {found.state === "written_off" ? null : <p className="sw-small sw-quiet">{t("hazard.close_hint")}</p>}
    </section>
  );
}

function Order({ one, times }: { one: HazardOrder; times: Times }) {
  const { t } = useTranslation();
  return (
    <li className="co-one" data-testid="hazard-order">
      <div className="co-head">
        <span className="co-number sw-num">{one.number}</span>
        <Link className="sw-link sw-small" to={`/natures/orders/${one.id}`} data-testid="hazard-letter">{t("hazard.print")}</Link>
      </div>
      <p className="sw-small">
        {t("hazard.order_to", { unit: one.unit.name, at: times.stamp(one.rectify_by) })}
        {one.late ? <strong className="sw-red"> {t("hazard.late")}</strong> : null}
        {one.premises ? <span className="sw-quiet"> {one.premises}</span> : null}
      </p>
      <p className="co-text"><Marked text={one.measure} item={one.measure_note} place="note" /></p>
      {one.rectified_at ? <p className="sw-small">{t("hazard.done_at", { at: times.stamp(one.rectified_at) })} {one.report && one.report_note ? <Marked text={one.report} item={one.report_note} place="note" /> : null}</p> : null}
      {one.rechecked_at ? (
        <p className={`sw-small ${one.passed ? "sw-green" : "sw-amber"}`}>
          {t(one.passed ? "hazard.passed_at" : "hazard.failed_at", { at: times.stamp(one.rechecked_at) })}{one.rechecked_by ? ` ${one.rechecked_by.name}` : ""}{" "}
          {one.recheck && one.recheck_note ? <Marked text={one.recheck} item={one.recheck_note} place="note" /> : null}
        </p>
      ) : null}
    </li>
  );
}

interface FormProps { offer: HazardOffer; known: View; busy: boolean; onSend: (body: HazardForm) => void; onClose: () => void }

/** A moment as the field for date and time wants it, in the time of this screen. */
function local(at: string | null): string {
  if (!at) return "";
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Form({ offer, known, busy, onSend, onClose }: FormProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const [unit, setUnit] = useState(offer.units[0]?.code);
  const [kind, setKind] = useState(known.kind);
  const [level, setLevel] = useState(known.level);
  const due = level === "major" ? offer.due_major : offer.due_general;
  const [until, setUntil] = useState<string | null>(null);
  const day = until ?? local(due);
  const words = note.trim();
  const send = (more: HazardForm): void => onSend({ ...(words ? { note: words } : {}), ...more });
  if (offer.action === "write_off")
    return (
      <div className="co-do">
        <Button size="small" type="primary" loading={busy} data-testid="hazard-send" onClick={() => send({})}>{t("hazard.act.write_off")}</Button>
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    );
  const ordering = offer.action === "order";
  const label = t(ordering ? "hazard.measure" : offer.action === "rectify" ? "hazard.report_text" : "hazard.recheck_text");
  return (
    <div className="co-form nt-form" data-testid="hazard-form">
      {ordering ? (
        <div className="nt-fields">
          <Select size="small" value={level} onChange={setLevel} aria-label={t("hazard.level_name")} data-testid="hazard-level"
            options={LEVELS.map((value) => ({ value, label: t(`hazard.level.${value}`) }))} />
          <Select size="small" value={kind} onChange={setKind} aria-label={t("hazard.kind_name")} virtual={false} data-testid="hazard-kind"
            options={known.kinds.map((value) => ({ value, label: t(`hazard.kind.${value}`, { defaultValue: value }) }))} />
          <Select size="small" className="nt-wide" value={unit} onChange={setUnit} placeholder={t("hazard.unit")} aria-label={t("hazard.unit")} data-testid="hazard-unit"
            options={offer.units.map((one) => ({ value: one.code, label: one.name }))} />
          <label className="sw-small">{t("hazard.until")} <input type="datetime-local" className="nt-day" value={day} data-testid="hazard-until" onChange={(event) => setUntil(event.target.value)} /></label>
        </div>
      ) : null}
      <Input.TextArea autoFocus value={note} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} placeholder={label} aria-label={label} data-testid="hazard-note" onChange={(event) => setNote(event.target.value)} />
      <div className="co-do">
        {offer.action === "recheck" ? (
          <>
            <Button size="small" type="primary" loading={busy} data-testid="hazard-pass" onClick={() => send({ result: "pass" })}>{t("hazard.pass")}</Button>
            <Button size="small" danger disabled={!words} loading={busy} data-testid="hazard-fail" onClick={() => send({ result: "fail" })}>{t("hazard.fail")}</Button>
          </>
        ) : (
          <Button size="small" type="primary" loading={busy} disabled={!words || (ordering && (!unit || !day))} data-testid="hazard-send"
            onClick={() => send(ordering ? { unit, kind, level, until: new Date(day).toISOString() } : {})}>
            {t(`hazard.act.${offer.action}`)}
          </Button>
        )}
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </div>
  );
}
