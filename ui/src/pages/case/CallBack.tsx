import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { act, keys, personalQuery } from "../../api/queries";
import type { CallBack as Asked, CallBackForm, CallBacks, CaseView, ContactResult } from "../../api/types";
import { addCallBack, callBackListKey, callBacksQuery, sendCallBackLink } from "../../api/verify";
import { Sentence } from "../../shared/Blank";
import type { Times } from "../../shared/time";
import { patchRow, rowOf } from "../../live/apply";
import { CallNumber } from "./Contacts";
import { Marked } from "./Marked";
import "./contacts.css";
import "./callback.css";

/** With these nobody said anything. */
const UNREACHED: ContactResult[] = ["no_answer", "busy", "refused", "wrong_number"];

interface Props { view: CaseView; times: Times; onRefresh: () => void }

/** Whoever told of it is asked whether it is done: by telephone with a script, or by a link. */
export function CallBack({ view, times, onRefresh }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const asked = view.state === "reported" || view.state === "verified" || view.state === "closed" || view.reopened > 0;
  const { data } = useQuery({ ...callBacksQuery(view.id), enabled: asked });
  const voices = view.signals.filter((signal) => !signal.is_update);
  const [chosen, choose] = useState<string | null>(null);
  const voice = voices.find(({ id }) => id === chosen) ?? voices[0];
  const [spoken, setSpoken] = useState(false);
  const took = (next: CallBacks): void => {
    client.setQueryData(callBacksQuery(view.id).queryKey, next);
    void client.invalidateQueries({ queryKey: callBackListKey });
    // a note may hold a number that the vault has by now
    void client.invalidateQueries({ queryKey: personalQuery(view.id, view.version).queryKey });
    setSpoken(false);
    onRefresh();
  };
  const send = useMutation({ mutationFn: (form: Omit<CallBackForm, "signal_id">) => addCallBack(view.id, { signal_id: voice?.id ?? "", ...form }), onSuccess: took });
  const link = useMutation({ mutationFn: () => sendCallBackLink(view.id, voice?.id ?? ""), onSuccess: took });
  if (!data || !voice || (data.items.length === 0 && !data.may_ask)) return null;
  const mine = data.items.find((one) => one.present && one.signal_id === voice.id);
  const open = data.may_ask && mine?.state !== "answered";
  const problem = send.error ?? link.error;
  return (
    <section className="ct cb" aria-label={t("back_call.title")} data-testid="call-back-panel">
      <h2>{t("back_call.title")}</h2>
      {data.unresolved ? <Unresolved view={view} onRefresh={onRefresh} /> : null}
      {open ? (
        <div className="ct-new" role="group" aria-label={t("back_call.new")}>
          {voices.length > 1 ? (
            <select className="ct-voice" aria-label={t("contacts.whom")} value={voice.id} onChange={(event) => choose(event.target.value)}>
              {voices.map((one) => <option key={one.id} value={one.id}>{`${one.source.name} ${times.stamp(one.reported_at)}`}</option>)}
            </select>
          ) : null}
          <p className="sw-small sw-quiet" data-testid="call-back-drawn">{t(mine?.drawn ? "back_call.drawn" : "back_call.not_drawn")}</p>
          <CallNumber item={voice.id} />
          <details className="cb-script">
            <summary className="sw-small">{t("back_call.script")}</summary>
            <ol data-testid="call-back-script">{data.script.map((line) => <li key={line.code}>{line.text}</li>)}</ol>
          </details>
          {spoken ? <Answer busy={send.isPending} onClose={() => setSpoken(false)} onSend={(form) => send.mutate(form)} /> : (
            <div className="ct-keys">
              <Button size="small" type="primary" data-testid="call-back-reached" onClick={() => setSpoken(true)}>{t("contacts.result.reached")}</Button>
              {UNREACHED.map((result) => (
                <Button key={result} size="small" data-testid={`call-back-${result}`} disabled={send.isPending} onClick={() => send.mutate({ result })}>{t(`contacts.result.${result}`)}</Button>
              ))}
              {data.may_send ? <Button size="small" data-testid="call-back-link" loading={link.isPending} onClick={() => link.mutate()}>{t("back_call.send")}</Button> : null}
            </div>
          )}
        </div>
      ) : null}
      {problem ? <Sentence tone="red"><span data-testid="call-back-problem">{problemSentence(t, problem)}</span></Sentence> : null}
      <ol className="ct-list">
        {data.items.toReversed().map((one) => <Line key={one.id} one={one} times={times} />)}
      </ol>
    </section>
  );
}

function Line({ one, times }: { one: Asked; times: Times }) {
  const { t } = useTranslation();
  const facts = [
    one.attempts > 0 ? t("back_call.attempts", { count: one.attempts }) : "",
    one.last_at ? times.stamp(one.last_at) : "",
    one.link_open && one.link_until ? t("back_call.link_until", { at: times.stamp(one.link_until) }) : "",
  ].filter(Boolean);
  return (
    <li data-testid="call-back" data-state={one.state}>
      {one.state === "answered" ? (
        <div>
          <span className={one.resolved ? "ct-result sw-green" : "ct-result sw-amber"}>{t(one.resolved ? "back_call.resolved" : "back_call.unresolved")}</span>
          {one.satisfied ? <span> · {t(`back_call.satisfied_${one.satisfied}`)}</span> : null}
          {one.reached === null ? null : <span className="sw-small sw-quiet"> · {t(one.reached ? "back_call.was_reached" : "back_call.not_reached")}</span>}
          <span className="sw-small sw-quiet"> · {t(`back_call.way_${one.way ?? "phone"}`)}</span>
        </div>
      ) : (
        <span className="ct-result">{t(`back_call.state_${one.state}`)}{one.last_result && one.last_result !== "link_sent" ? ` · ${t(`contacts.result.${one.last_result}`)}` : ""}</span>
      )}
      {facts.length > 0 ? <div className="sw-small sw-quiet sw-num">{facts.join(" · ")}</div> : null}
      {one.text_state === "waiting" && one.text_due_at ? (
        <div className="sw-small sw-amber" data-testid="call-back-text">{t("back_call.text_waiting", { count: one.text_attempts, at: times.stamp(one.text_due_at) })}</div>
      ) : null}
      {one.text_state === "failed" ? (
        <div className="sw-small sw-red" data-testid="call-back-text">{t("back_call.text_failed", { count: one.text_attempts })}</div>
      ) : null}
      {one.said && one.note ? <p className="ct-text"><Marked text={one.said} item={one.note} place="note" /></p> : null}
    </li>
  );
}

/** A reporter says that it is not done: a person decides whether the case is opened again. */
function Unresolved({ view, onRefresh }: { view: CaseView; onRefresh: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const may = view.actions.some(({ action }) => action === "reopen");
  const reopen = useMutation({
    mutationFn: () => act(view.id, view.version, "reopen", { ground: "resident" }),
    onSuccess: (after) => {
      if (after === null) return;
      client.setQueryData(keys.case(view.id), after);
      patchRow(client, view.id, rowOf(after));
      onRefresh();
    },
  });
  return (
    <div className="cb-unresolved" role="alert" data-testid="call-back-unresolved">
      <p className="sw-amber">{t(view.state === "verified" ? "back_call.unresolved_verified" : "back_call.unresolved_closed")}</p>
      {may ? <Button size="small" loading={reopen.isPending} data-testid="call-back-reopen" onClick={() => reopen.mutate()}>{t("back_call.reopen")}</Button> : null}
      {reopen.error ? <p className="sw-small sw-red">{problemSentence(t, reopen.error)}</p> : null}
    </div>
  );
}

interface AnswerProps { busy: boolean; onClose: () => void; onSend: (form: Omit<CallBackForm, "signal_id">) => void }

/** What was said: whether it is done is the one thing that must be asked. */
function Answer({ busy, onClose, onSend }: AnswerProps) {
  const { t } = useTranslation();
  const [reached, setReached] = useState<boolean | undefined>();
  const [resolved, setResolved] = useState<boolean | undefined>();
  const [satisfied, setSatisfied] = useState<CallBackForm["satisfied"]>();
  const [text, setText] = useState("");
  const yesNo = [{ value: true, label: t("back_call.yes") }, { value: false, label: t("back_call.no") }];
  return (
    <form className="ct-said" data-testid="call-back-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (resolved === undefined || busy) return;
        onSend({ result: "reached", resolved, satisfied, reached, text: text.trim() || undefined });
      }}>
      <div role="group" aria-label={t("back_call.ask_reached")}><span className="sw-small">{t("back_call.ask_reached")}</span>
        <Radio.Group options={yesNo} value={reached} onChange={(event) => setReached(event.target.value as boolean)} data-testid="ask-reached" /></div>
      <div role="group" aria-label={t("back_call.ask_resolved")}><span className="sw-small">{t("back_call.ask_resolved")} <span className="sw-quiet">{t("common.required")}</span></span>
        <Radio.Group options={yesNo} value={resolved} onChange={(event) => setResolved(event.target.value as boolean)} data-testid="ask-resolved" /></div>
      <div role="group" aria-label={t("back_call.ask_satisfied")}><span className="sw-small">{t("back_call.ask_satisfied")}</span>
        <Radio.Group value={satisfied} onChange={(event) => setSatisfied(event.target.value as CallBackForm["satisfied"])} data-testid="ask-satisfied"
          options={(["yes", "basically", "no"] as const).map((one) => ({ value: one, label: t(`back_call.satisfied_${one}`) }))} /></div>
      <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} value={text} aria-label={t("back_call.words")} placeholder={t("back_call.words")} data-testid="call-back-text"
        onChange={(event) => setText(event.target.value)} />
      <div className="ct-keys">
        <Button size="small" type="primary" htmlType="submit" disabled={resolved === undefined} loading={busy} data-testid="call-back-save">{t("back_call.save")}</Button>
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
