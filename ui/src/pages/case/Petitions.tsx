import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answersQuery } from "../../api/answers";
import { actOnPetition, petitionKeys, petitionsQuery, type Petition, type PetitionForm, type PetitionOffer, type PetitionPeriod, type PetitionReview } from "../../api/petitions";
import { asProblem, problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { CaseView } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import type { Times } from "../../shared/time";
import { WhyNote } from "../../shared/Why";
import { marked } from "./Marked";
import "./orders.css";
import "./natures.css";
import "./petitions.css";

/** What follows when a petitioner does not accept the opinion: served, reviewed, re-examined, decided again, ended. */
export function Petitions({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  const voices = useQuery(answersQuery(view.id)).data?.voices;
  const found = useQuery({ ...petitionsQuery(view.id), enabled: voices?.some(({ way }) => way === "petition") === true }).data;
  if (!found || found.items.length === 0) return null;
  return (
    <section className="co" aria-label={t("petition.panel")} data-testid="petitions-panel">
      <h2>{t("petition.panel")}</h2>
      {found.items.map((one) => <One key={one.id} petition={one} caseId={view.id} times={times} />)}
    </section>
  );
}

function One({ petition, caseId, times }: { petition: Petition; caseId: string; times: Times }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [step, setStep] = useState<PetitionOffer["action"] | null>(null);
  const act = useMutation({
    mutationFn: (body: PetitionForm) => actOnPetition(caseId, petition, step ?? "serve", body),
    onSuccess: () => setStep(null),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: petitionKeys.all });
      // the vault may hold a name more; the story, the clocks and an order go on
      void client.invalidateQueries({ queryKey: keys.personal(caseId) });
      void client.invalidateQueries({ queryKey: keys.case(caseId) });
    },
  });
  const offer = petition.actions.find(({ action }) => action === step);
  const problem = act.error ? asProblem(act.error) : null;
  return (
    <article className="co-one" data-testid="petition" data-state={petition.state}>
      <header className="co-head">
        <span className="sw-num co-number">{petition.number}</span>
        <strong data-testid="petition-state">{t(`petition.state.${petition.state}`)}</strong>
      </header>
      <ol className="nt-list" aria-label={t("petition.course")}>
        {petition.opinions.map((one, n) => (
          <li key={one.on + String(n)} className="sw-small" data-testid="petition-opinion">
            <span className="sw-num sw-quiet">{whole(one.on)}</span> {n > 0 ? t("petition.opinion_again") : t("petition.opinion")}{" "}
            {one.letter ? <Link to={`/cases/${one.letter.case_id}/letters/${one.letter.id}`} className="sw-link">{one.letter.number}</Link> : null}{" "}
            <span className="sw-quiet">{one.served_on ? t("petition.served", { on: whole(one.served_on), how: t(`petition.way.${one.how}`, { defaultValue: one.how ?? "" }) }) : t("petition.not_served")}</span>
            <Reviews reviews={petition.reviews.filter(({ round }) => round === n + 1)} times={times} />
          </li>
        ))}
      </ol>
      {petition.periods.map((one) => <Period key={one.kind + one.started_at} period={one} times={times} />)}
      {offer ? (
        <Form key={offer.action} offer={offer} petition={petition} busy={act.isPending} onSend={act.mutate} onClose={() => setStep(null)} />
      ) : (
        <div className="co-do">
          {petition.actions.map(({ action }, n) => (
            <Button key={action} size="small" type={n === 0 ? "primary" : "default"} data-testid={`petition-${action}`} onClick={() => setStep(action)}>{t(`petition.act.${action}`)}</Button>
          ))}
        </div>
      )}
      {problem ? <Sentence tone={problem.status === 412 ? "amber" : "red"}>{problem.status === 412 ? t("petition.stale") : problemSentence(t, problem)}</Sentence> : null}
      <p className="pt-hint sw-small sw-quiet">{t(petition.state === "ended" ? "petition.ended_hint" : "petition.hint")}</p>
    </article>
  );
}

function Reviews({ reviews, times }: { reviews: PetitionReview[]; times: Times }) {
  const { t } = useTranslation();
  return (
    <>
      {reviews.map((one) => (
        <div key={one.n} className="pt-review" data-testid="petition-review" data-stage={one.stage}>
          <p>
            <strong>{t(`petition.stage.${one.stage}`)}</strong> <span className="sw-quiet">{one.organ ? t(`petition.organ.${one.organ}`, { defaultValue: one.organ }) : t("petition.organ_unsaid")}</span>{" "}
            {one.outcome ? (
              <span className={one.outcome === "revoked" || one.outcome === "redo" ? "sw-amber" : "sw-green"} data-testid="petition-outcome">{t(`petition.outcome.${one.outcome}`)} <span className="sw-num">{whole(one.outcome_on)}</span></span>
            ) : null}
          </p>
          <p className="sw-quiet">
            {t("petition.asked", { on: whole(one.asked_on), received: whole(one.received_on) })}
            {one.late ? <span className="sw-amber"> {t("petition.late")}</span> : null}
            {one.file_on ? ` · ${t("petition.file_on", { on: whole(one.file_on) })}` : one.outcome ? null : ` · ${t("petition.file_not")}`}
            {one.hearings.map((h) => <span key={h.on}> · {h.over ? t("petition.heard", { on: whole(h.on), over: whole(h.over) }) : t("petition.hearing_on", { on: whole(h.on) })}</span>)}
            {one.served_on ? ` · ${t("petition.outcome_served", { on: whole(one.served_on) })}` : null}
          </p>
          {one.note ? <p className="co-text">{marked(one.note.text)}</p> : null}
          {one.periods.filter(({ state }) => state !== "stopped").map((period) => <Period key={period.kind} period={period} times={times} />)}
        </div>
      ))}
    </>
  );
}

/** A day that no line breaks in two. */
const whole = (day: string | null): string => (day ?? "").replaceAll("-", "\u2011");

/** Its last day as a day: a period ends with that, at midnight. */
function Period({ period, times }: { period: PetitionPeriod; times: Times }) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const own = period.kind === "ask_review" || period.kind === "ask_reexam";
  const over = own && period.due_at !== null && Date.parse(period.due_at) <= now;
  return (
    <div className="pt-period" data-testid={`period-${period.kind}`}>
      <span className="sw-small">{t(`petition.period.${period.kind}`)}</span>{" "}
      {period.state === "paused" ? <span className="sw-mark">{t("petition.still")}</span> : over ? <span className="sw-mark sw-quiet">{t("petition.over")}</span> : <DueMark row={period} now={now} />}{" "}
      {period.due_at ? <span className="sw-small sw-quiet sw-num">{times.until(period.due_at)}</span> : null}
      <WhyNote why={period.why} stamp={times.stamp} />
    </div>
  );
}

interface FormProps { offer: PetitionOffer; petition: Petition; busy: boolean; onSend: (body: PetitionForm) => void; onClose: () => void }

function Form({ offer, petition, busy, onSend, onClose }: FormProps) {
  const { t } = useTranslation();
  const step = offer.action;
  const [on, setOn] = useState(petition.today);
  const [received, setReceived] = useState(petition.today);
  const [served, setServed] = useState("");
  const [how, setHow] = useState(petition.ways[0]);
  const [organ, setOrgan] = useState(petition.organs[step === "ask" && petition.state === "reviewed" ? 2 : 0]);
  const [result, setResult] = useState(offer.results[0]);
  const [addressee, setAddressee] = useState("");
  const [text, setText] = useState("");
  const words = text.trim();
  const lacks = step === "opine" ? !words || !addressee.trim() || words.includes(t("letter.gap")) : !on || (step === "ask" && !received);
  const given: Record<PetitionOffer["action"], PetitionForm> = {
    serve: { on, how },
    ask: { on, received, organ },
    hand_over: { on },
    hearing: { on },
    hearing_over: { on },
    outcome: { on, result, ...(served ? { served } : {}), ...(words ? { text: words } : {}) },
    opine: { addressee: addressee.trim(), text: words },
  };
  const submit = (): void => {
    if (!lacks) onSend(given[step]);
  };
  const day = (name: string, value: string, set: (value: string) => void, first: boolean) => (
    <label className="sw-small">{t(`petition.field.${name}`)} <input type="date" className="nt-day" autoFocus={first} value={value} min={offer.least} max={petition.today} data-testid={`petition-${name}`} onChange={(event) => set(event.target.value)} /></label>
  );
  const pick = (name: string, value: string | undefined, options: string[], set: (value: string) => void, words_: string) => (
    <Select size="small" value={value} onChange={set} aria-label={t(`petition.field.${name}`)} virtual={false} data-testid={`petition-${name}`}
      options={options.map((one) => ({ value: one, label: t(`petition.${words_}.${one}`, { defaultValue: one }) }))} />
  );
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields
    <form className="co-form" data-testid="petition-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        else if (event.key === "Escape") onClose();
      }}>
      <strong className="sw-small">{t(`petition.act.${step}`)}</strong>
      <div className="nt-fields">
        {step === "outcome" ? pick("result", result, offer.results, (value) => setResult(offer.results.find((one) => one === value)), "outcome") : null}
        {step === "opine" ? null : day(step === "ask" ? "asked" : step === "outcome" ? "decided" : "on", on, setOn, step !== "outcome")}
        {step === "serve" ? pick("how", how, petition.ways, setHow, "way") : null}
        {step === "ask" ? <>{day("received", received, setReceived, false)}{pick("organ", organ, petition.organs, setOrgan, "organ")}</> : null}
        {step === "outcome" ? day("served", served, setServed, false) : null}
        {step === "opine" ? (
          <Input autoFocus size="small" className="nt-wide" value={addressee} maxLength={60} autoComplete="off" placeholder={t("letter.addressee")} aria-label={t("letter.addressee")} data-testid="petition-addressee" onChange={(event) => setAddressee(event.target.value)} />
        ) : null}
      </div>
      {step === "outcome" || step === "opine" ? (
        <Input.TextArea value={text} autoSize={{ minRows: step === "opine" ? 4 : 2, maxRows: 10 }} maxLength={4000} placeholder={t(`petition.words.${step}`)} aria-label={t(`petition.words.${step}`)} data-testid="petition-text" onChange={(event) => setText(event.target.value)} />
      ) : null}
      <div className="co-do">
        <Button size="small" type="primary" htmlType="submit" disabled={lacks} loading={busy} data-testid="petition-send">{t(step === "opine" ? "petition.send_opinion" : "petition.send")}</Button>
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
