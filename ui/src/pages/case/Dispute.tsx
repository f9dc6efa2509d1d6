import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { actOnDispute, addParty, disputeQuery, type Dispute as View, type DisputeForm, type DisputeOffer, type PartyForm } from "../../api/natures";
import type { CaseView } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import type { Times } from "../../shared/time";
import { useDo } from "../natures/useDo";
import { usePersonal } from "./Personal";
import { Token } from "./Token";
import "./orders.css";
import "./natures.css";

/** A dispute: who mediates, how many parties in which roles, visits, how it ended. No name, no word: those the vault shows. */
export function Dispute({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  const found = useQuery({ ...disputeQuery(view.id), enabled: view.nature === "dispute" }).data;
  const [step, setStep] = useState<DisputeOffer["action"] | "party" | null>(null);
  const close = (): void => setStep(null);
  const act = useDo(view.id, (body: DisputeForm) => actOnDispute(view.id, found?.version ?? 0, step === "party" || step === null ? "visit" : step, body), close);
  const add = useDo(view.id, (body: PartyForm) => addParty(view.id, found?.version ?? 0, body), close);
  if (!found?.state) return null;
  const offer = found.actions.find((one) => one.action === step);
  const parties = found.records.filter((one) => one.kind === "party");
  const colour = found.colours.find((one) => one.code === found.colour);
  return (
    <section className="co" aria-label={t("dispute.panel")} data-testid="dispute-panel" data-state={found.state}>
      <h2>{t("dispute.panel")}</h2>
      <p>
        <strong data-testid="dispute-state">{t(`dispute.state.${found.state}`)}</strong>{" "}
        <span className={`nt-colour nt-${found.colour}`} data-testid="dispute-colour">{t(`dispute.colour.${found.colour}`)}</span>{" "}
        <span className="sw-small sw-quiet">
          {[t(`dispute.kind.${found.kind}`, { defaultValue: found.kind }), found.mediator?.name, found.referred_to ? t(`dispute.body.${found.referred_to}`, { defaultValue: found.referred_to }) : null,
            found.follow_up_on ? t("dispute.follow_up_on", { on: found.follow_up_on }) : null].filter(Boolean).join(" · ")}
        </span>
      </p>
      {colour ? <p className="sw-small sw-quiet">{t("dispute.colour_hint", { count: colour.visit_days })}</p> : null}
      <ul className="nt-list" aria-label={t("dispute.parties")}>
        {parties.map((one) => (
          <li key={one.id} className="sw-small" data-testid="dispute-party">
            {t("dispute.party", { n: one.n })} <span className="sw-quiet">{t(`dispute.role.${one.role ?? "other"}`, { defaultValue: one.role ?? "" })}</span> <Kept item={one.id} />
          </li>
        ))}
      </ul>
      <ol className="nt-list" aria-label={t("dispute.visits")}>
        {found.records.filter((one) => one.kind !== "party").map((one) => (
          <li key={one.id} className="sw-small" data-testid="dispute-record" data-kind={one.kind}>
            <span className="sw-num sw-quiet">{times.stamp(one.at)}</span> {t(`dispute.record.${one.kind}`, { n: one.n })}{" "}
            {one.result ? <span className="sw-quiet">{t(`dispute.result.${one.result}`, { defaultValue: one.result })}</span> : null} <Kept item={one.id} />
          </li>
        ))}
      </ol>
      {step === "party" ? <Party known={found} busy={add.busy} onSend={add.run} onClose={close} />
        : offer ? <Form key={offer.action} offer={offer} known={found} busy={act.busy} onSend={act.run} onClose={close} /> : (
          <div className="co-do">
            {found.actions.map((one) => (
              <Button key={one.action} size="small" data-testid={`dispute-${one.action}`} onClick={() => setStep(one.action)}>{t(`dispute.act.${one.action}`)}</Button>
            ))}
            {found.may_add ? <Button size="small" data-testid="dispute-add-party" onClick={() => setStep("party")}>{t("dispute.add_party")}</Button> : null}
          </div>
        )}
      {act.refused ?? add.refused ? <Sentence tone="red">{act.refused ?? add.refused}</Sentence> : null}
      <p className="sw-small sw-quiet">{t("dispute.hint")}</p>
    </section>
  );
}

/** What the vault holds of a record: each value by one click for a purpose. */
function Kept({ item }: { item: string }) {
  const fields = usePersonal()?.items.get(item)?.fields.filter((one) => one.n > 0) ?? [];
  return <>{fields.map((one) => <Token key={one.n} item={item} field={one} />)}</>;
}

function Party({ known, busy, onSend, onClose }: { known: View; busy: boolean; onSend: (body: PartyForm) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [role, setRole] = useState(known.roles[0] ?? "other");
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  return (
    <div className="co-form nt-form" data-testid="party-form">
      <div className="nt-fields">
        <Select size="small" value={role} onChange={setRole} aria-label={t("dispute.role_name")} virtual={false} data-testid="party-role"
          options={known.roles.map((value) => ({ value, label: t(`dispute.role.${value}`, { defaultValue: value }) }))} />
        <Input autoFocus size="small" className="nt-wide" value={name} maxLength={100} autoComplete="off" placeholder={t("dispute.name")} aria-label={t("dispute.name")} data-testid="party-name" onChange={(event) => setName(event.target.value)} />
        <Input size="small" className="nt-wide" value={phone} maxLength={50} autoComplete="off" placeholder={t("dispute.phone")} aria-label={t("dispute.phone")} data-testid="party-phone" onChange={(event) => setPhone(event.target.value)} />
      </div>
      <div className="co-do">
        <Button size="small" type="primary" disabled={!name.trim()} loading={busy} data-testid="party-send" onClick={() => onSend({ role, name: name.trim(), phone: phone.trim() || null })}>{t("dispute.save")}</Button>
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </div>
  );
}

interface FormProps { offer: DisputeOffer; known: View; busy: boolean; onSend: (body: DisputeForm) => void; onClose: () => void }

/** The day so many days from now (business time, ms), as the field for a date wants it. */
function dayIn(now: number, days: number): string {
  return new Date(now + days * 86_400_000).toISOString().slice(0, 10);
}

function Form({ offer, known, busy, onSend, onClose }: FormProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState(known.kind);
  const [colour, setColour] = useState(known.colour);
  const [unit, setUnit] = useState(known.mediator?.code ?? offer.units[0]?.code);
  const [result, setResult] = useState(known.results[0]);
  const [body, setBody] = useState(known.bodies[0]);
  const [note, setNote] = useState("");
  const now = useNow(60_000);
  const [day, setDay] = useState(() => dayIn(now, known.follow_up_days));
  const step = offer.action;
  const words = note.trim();
  const written = step !== "assign" && step !== "resume";
  const lacks = (step === "assign" && !unit) || (offer.needs.includes("note") && !words);
  const send = (more: DisputeForm): void => onSend({ ...(words ? { note: words } : {}), ...more });
  const given: DisputeForm = step === "assign" ? { kind, colour, unit } : step === "visit" ? { result } : step === "agree" ? { day } : step === "refer" ? { body } : {};
  return (
    <div className="co-form nt-form" data-testid="dispute-form">
      <div className="nt-fields">
        {step === "assign" ? (
          <>
            <Select size="small" value={colour} onChange={setColour} aria-label={t("dispute.colour_name")} data-testid="dispute-pick-colour"
              options={known.colours.map(({ code }) => ({ value: code, label: t(`dispute.colour.${code}`) }))} />
            <Select size="small" value={kind} onChange={setKind} aria-label={t("dispute.kind_name")} virtual={false} data-testid="dispute-kind"
              options={known.kinds.map((value) => ({ value, label: t(`dispute.kind.${value}`, { defaultValue: value }) }))} />
            <Select size="small" className="nt-wide" value={unit} onChange={setUnit} placeholder={t("dispute.mediator")} aria-label={t("dispute.mediator")} data-testid="dispute-unit"
              options={offer.units.map((one) => ({ value: one.code, label: one.name }))} />
          </>
        ) : step === "visit" ? (
          <Select size="small" value={result} onChange={setResult} aria-label={t("dispute.result_name")} data-testid="dispute-result"
            options={known.results.map((value) => ({ value, label: t(`dispute.result.${value}`, { defaultValue: value }) }))} />
        ) : step === "refer" ? (
          <Select size="small" value={body} onChange={setBody} aria-label={t("dispute.body_name")} data-testid="dispute-body"
            options={known.bodies.map((value) => ({ value, label: t(`dispute.body.${value}`, { defaultValue: value }) }))} />
        ) : step === "agree" ? (
          <label className="sw-small">{t("dispute.day")} <input type="date" className="nt-day" value={day} data-testid="dispute-day" onChange={(event) => setDay(event.target.value)} /></label>
        ) : null}
      </div>
      {written ? <Input.TextArea autoFocus value={note} autoSize={{ minRows: 2, maxRows: 8 }} maxLength={4000} placeholder={t("dispute.note")} aria-label={t("dispute.note")} data-testid="dispute-note" onChange={(event) => setNote(event.target.value)} /> : null}
      <div className="co-do">
        {step === "follow_up" ? (
          <>
            <Button size="small" type="primary" disabled={lacks} loading={busy} data-testid="dispute-kept" onClick={() => send({ result: "pass" })}>{t("dispute.kept")}</Button>
            <Button size="small" danger disabled={lacks} loading={busy} data-testid="dispute-broken" onClick={() => send({ result: "fail" })}>{t("dispute.broken")}</Button>
          </>
        ) : (
          <Button size="small" type="primary" disabled={lacks} loading={busy} data-testid="dispute-send" onClick={() => send(given)}>{t("dispute.save")}</Button>
        )}
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </div>
  );
}
