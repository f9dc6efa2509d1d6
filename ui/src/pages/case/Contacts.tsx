import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addContact, contactsQuery, sayKept } from "../../api/contacts";
import { orderLists } from "../../api/orders";
import { problemSentence } from "../../api/problem";
import { personalQuery } from "../../api/queries";
import type { CaseView, Contact, ContactResult, Contacts as Log } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import type { Times } from "../../shared/time";
import { Marked } from "./Marked";
import { usePersonal } from "./Personal";
import { Token } from "./Token";
import "./contacts.css";

/** In the order of the keys 1 to 5. */
const RESULTS: ContactResult[] = ["reached", "no_answer", "busy", "refused", "wrong_number"];
/** With these, somebody said something. */
const SPOKEN: ContactResult[] = ["reached", "refused"];

interface Props { view: CaseView; times: Times; onRefresh: () => void }

/** Who of the reporters was called, when, and what came of it; a try is one key. */
export function Contacts({ view, times, onRefresh }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(contactsQuery(view.id));
  // nobody is to be spoken to about what one of us, or a device, has told
  const voices = view.signals.filter(({ id }) => query.data?.whom.includes(id));
  const first = useRef<HTMLDivElement>(null);
  const [chosen, choose] = useState<string | null>(null);
  const voice = voices.find(({ id }) => id === chosen) ?? voices[0];
  const [spoken, setSpoken] = useState<ContactResult | null>(null);
  const log = query.data;
  const took = (next: Log): void => {
    client.setQueryData(contactsQuery(view.id).queryKey, next);
    void client.invalidateQueries({ queryKey: orderLists });
    // a note may hold a number that the vault has by now; the case's version has not changed
    void client.invalidateQueries({ queryKey: personalQuery(view.id, view.version).queryKey });
    setSpoken(null);
    onRefresh();
    // the keys come back when what was said has gone
    requestAnimationFrame(() => first.current?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true }));
  };
  const send = useMutation({
    mutationFn: (said: { result: ContactResult; text?: string; promise?: string; promised_on?: string }) =>
      addContact(view.id, { signal_id: voice?.id ?? "", way: "phone", ...said }),
    onSuccess: took,
  });
  const settle = useMutation({ mutationFn: ({ one, kept }: { one: Contact; kept: boolean }) => sayKept(one, kept), onSuccess: took });
  useShortcut("c", () => {
    first.current?.scrollIntoView({ block: "center" });
    first.current?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
  }, { off: !log?.may_write });
  const take = (result: ContactResult): void => {
    if (send.isPending) return;
    if (SPOKEN.includes(result)) setSpoken(result);
    else send.mutate({ result });
  };
  if (!log || (log.items.length === 0 && !log.may_write)) return null;
  return (
    <section className="ct" aria-label={t("contacts.panel")} data-testid="contacts-panel">
      <h2>{t("contacts.panel")}{log.items.length > 0 ? <span className="sw-quiet sw-num"> {log.items.length}</span> : null}</h2>
      {log.may_write && voice ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its buttons
        <div className="ct-new" role="group" aria-label={t("contacts.new")}
          onKeyDown={(event) => {
            const result = spoken || event.ctrlKey || event.altKey || event.metaKey ? undefined : RESULTS[Number(event.key) - 1];
            if (!result) return;
            event.preventDefault();
            event.stopPropagation();
            take(result);
          }}>
          {voices.length > 1 ? (
            <select className="ct-voice" aria-label={t("contacts.whom")} value={voice.id} onChange={(event) => choose(event.target.value)}>
              {voices.map((one) => <option key={one.id} value={one.id}>{`${one.source.name} ${times.stamp(one.reported_at)}`}</option>)}
            </select>
          ) : null}
          <CallNumber item={voice.id} />
          {spoken ? (
            <Said key={spoken} result={spoken} busy={send.isPending} onClose={() => setSpoken(null)} onSend={(said) => send.mutate({ result: spoken, ...said })} />
          ) : (
            <div ref={first} className="ct-keys">
              {RESULTS.map((result, at) => (
                <Button key={result} size="small" data-testid={`contact-${result}`} onClick={() => take(result)}>
                  {t(`contacts.result.${result}`)} <kbd>{at + 1}</kbd>
                </Button>
              ))}
            </div>
          )}
          <p className="sw-small sw-quiet">{t("contacts.hint")}</p>
        </div>
      ) : null}
      {send.error ?? settle.error ? <Sentence tone="red">{problemSentence(t, send.error ?? settle.error)}</Sentence> : null}
      <ol className="ct-list">
        {log.items.toReversed().map((one) => (
          <li key={one.id} data-testid="contact" data-result={one.result}>
            <div>
              <span className={SPOKEN.includes(one.result) ? "ct-result" : "ct-result sw-amber"}>{t(`contacts.result.${one.result}`)}</span>
              <span className="sw-small sw-quiet sw-num"> {t("contacts.nth", { n: one.n })} · {times.stamp(one.at)}{one.by ? ` · ${one.by}` : ""}</span>
            </div>
            {one.text && one.note ? <p className="ct-text"><Marked text={one.text} item={one.note} place="note" /></p> : null}
            {one.promise && one.promise_note ? (
              <p className={`ct-text ${one.promise_late ? "sw-red" : ""}`} data-testid="promise">
                {t("contacts.promised", { on: one.promised_on })}<Marked text={one.promise} item={one.promise_note} place="note" />
                {one.promise_late ? <strong> {t("contacts.late")}</strong> : null}
                {one.kept === null ? null : <span className={one.kept ? "sw-green" : "sw-amber"}> {t(one.kept ? "contacts.kept" : "contacts.broken")}</span>}
              </p>
            ) : null}
            {one.promise && one.kept === null && log.may_write ? (
              <div className="ct-keys">
                <Button size="small" data-testid="promise-kept" onClick={() => settle.mutate({ one, kept: true })}>{t("contacts.kept")}</Button>
                <Button size="small" data-testid="promise-broken" onClick={() => settle.mutate({ one, kept: false })}>{t("contacts.broken")}</Button>
              </div>
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The number that the reporter left: shown by one click with its purpose, which is recorded. */
export function CallNumber({ item }: { item: string }) {
  const { t } = useTranslation();
  const kept = usePersonal()?.items.get(item);
  const numbers = kept?.fields.filter((one) => one.place === "reporter") ?? [];
  if (numbers.length === 0) return null;
  return (
    <div className="ca-apart sw-small sw-quiet" data-testid="contact-number">
      <span>{t("vault.contact")}</span>
      {numbers.map((one) => <Token key={one.n} item={item} field={one} />)}
    </div>
  );
}

interface SaidProps {
  result: ContactResult; busy: boolean; onClose: () => void;
  onSend: (said: { text?: string; promise?: string; promised_on?: string }) => void;
}

/** What was said, and what was promised for which day. */
function Said({ result, busy, onClose, onSend }: SaidProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [promise, setPromise] = useState("");
  const [day, setDay] = useState("");
  const half = Boolean(promise.trim()) !== Boolean(day);
  const submit = (): void => {
    if (half || busy) return;
    onSend({ text: text.trim() || undefined, ...(day ? { promise: promise.trim(), promised_on: day } : {}) });
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields
    <form className="ct-said" data-testid="contact-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        else if (event.key === "Escape") onClose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}>
      <strong>{t(`contacts.result.${result}`)}</strong>
      <Input.TextArea autoFocus autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} value={text} aria-label={t("contacts.text")} placeholder={t("contacts.text")} data-testid="contact-text"
        onChange={(event) => setText(event.target.value)} />
      <div className="ct-promise">
        <Input maxLength={500} value={promise} aria-label={t("contacts.promise")} placeholder={t("contacts.promise")} data-testid="contact-promise" onChange={(event) => setPromise(event.target.value)} />
        <input type="date" className="ct-day" value={day} aria-label={t("contacts.day")} data-testid="contact-day" onChange={(event) => setDay(event.target.value)} />
      </div>
      {half ? <p className="sw-small sw-amber" role="status">{t("contacts.half")}</p> : null}
      <div className="ct-keys">
        <Button size="small" type="primary" htmlType="submit" disabled={half} loading={busy} data-testid="contact-save">{t("contacts.save")}</Button>
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
