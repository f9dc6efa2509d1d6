import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { notifyKeys, preferencesQuery, savePreferences, sendTest, type NotifyChannel, type NotifyForm, type NotifyPreferences } from "../../api/notifications";
import { problemSentence } from "../../api/problem";
import { ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import "./notify.css";

const NIGHT = { from: "22:00", to: "07:00" };
const MORNING = "08:30";

function formOf(found: NotifyPreferences): NotifyForm {
  return {
    channels: Object.fromEntries(found.kinds.map((one) => [one.kind, one.channels as NotifyChannel[]])),
    quiet_from: found.quiet_from, quiet_to: found.quiet_to, digest_at: found.digest_at, language: found.language,
    email: null, mobile: null,
  };
}

/** How one is told things: channels by kind, addresses, quiet hours, digest. */
export function Notify() {
  const { i18n, t } = useTranslation();
  const query = useQuery(preferencesQuery(i18n.language));
  const { hash } = useLocation();
  const panel = useRef<HTMLElement>(null);
  const there = query.data !== undefined;
  useEffect(() => {
    if (there && hash === "#notify") panel.current?.scrollIntoView({ block: "start" });
  }, [there, hash]);
  return (
    <section className="sw-panel ac-panel" id="notify" ref={panel} data-testid="notify">
      <h2>{t("notify.title")}</h2>
      <p className="sw-small sw-quiet">{t("notify.intro")}</p>
      {query.data ? <Form found={query.data} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : <Loading rows={4} />}
    </section>
  );
}

function Form({ found }: { found: NotifyPreferences }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [form, setForm] = useState(() => formOf(found));
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ tone: "red" | "green"; text: string } | null>(null);
  const change = (part: Partial<NotifyForm>): void => {
    setForm({ ...form, ...part });
    setSaid(null);
  };
  const outside = found.available.filter((one) => one !== "in_app");

  async function run(work: () => Promise<unknown>, done: string): Promise<void> {
    setBusy(true);
    try {
      await work();
      setSaid({ tone: "green", text: done });
    } catch (error) {
      setSaid({ tone: "red", text: problemSentence(t, error) });
    }
    setBusy(false);
  }
  const save = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const kept = await savePreferences(form, i18n.language);
      client.setQueryData([...notifyKeys.preferences, i18n.language], kept);
      setForm(formOf(kept));
    }, t("notify.saved"));
  };
  const test = (): void => void run(async () => {
    await sendTest();
    await client.invalidateQueries({ queryKey: notifyKeys.all });
  }, t("notify.test_sent"));
  return (
    <form className="nt" onSubmit={save}>
      <Channels found={found} form={form} change={change} />
      {outside.length === 0 ? <p className="sw-small sw-quiet" data-testid="bell-only">{t("notify.bell_only")}</p> : (
        <>
          {outside.includes("email") ? <Address name="email" type="email" hint={found.email} value={form.email ?? null} onChange={(email) => change({ email })} /> : null}
          {outside.includes("sms") ? <Address name="mobile" type="tel" hint={found.mobile} value={form.mobile ?? null} onChange={(mobile) => change({ mobile })} /> : null}
          <Hours form={form} change={change} zone={found.timezone} />
          <label className="nt-line">
            {t("notify.language")}
            <select className="ac-input nt-short" value={form.language} data-testid="notify-language"
              onChange={(event) => change({ language: event.target.value as NotifyPreferences["language"] })}>
              <option value="zh-CN">{t("viewer.zh")}</option>
              <option value="en">{t("viewer.en")}</option>
            </select>
          </label>
        </>
      )}
      {said ? <Sentence tone={said.tone}>{said.text}</Sentence> : null}
      <div className="ac-line">
        <Button htmlType="submit" type="primary" loading={busy} data-testid="save-notify">{t("notify.save")}</Button>
        <Button disabled={busy} data-testid="test-notify" onClick={test}>{t("notify.test")}</Button>
      </div>
    </form>
  );
}

interface PartProps { form: NotifyForm; change: (part: Partial<NotifyForm>) => void }

/** A row for each kind, a column for each channel that this installation has. */
function Channels({ found, form, change }: PartProps & { found: NotifyPreferences }) {
  const { t } = useTranslation();
  const toggle = (kind: string, channel: NotifyChannel): void => {
    const now = form.channels[kind] ?? [];
    const then = now.includes(channel) ? now.filter((one) => one !== channel) : [...now, channel];
    change({ channels: { ...form.channels, [kind]: then } });
  };
  return (
    <div className="ac-scroll">
      <table className="ac-table nt-table">
        <thead>
          <tr>
            <th scope="col">{t("notify.what")}</th>
            {found.available.map((one) => <th key={one} scope="col">{t(`notify.channel.${one}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {found.kinds.map(({ kind, name }) => (
            <tr key={kind}>
              <th scope="row">{name}</th>
              {found.available.map((one) => (
                <td key={one}>
                  <input type="checkbox" aria-label={`${name}: ${t(`notify.channel.${one}`)}`} data-testid={`${kind}:${one}`}
                    checked={(form.channels[kind] ?? []).includes(one as NotifyChannel)} onChange={() => toggle(kind, one as NotifyChannel)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface AddressProps { name: "email" | "mobile"; type: string; hint: string | null; value: string | null; onChange: (value: string | null) => void }

/** The present address is shown in part only; typing replaces it. null: as it is; empty: removed. */
function Address({ name, type, hint, value, onChange }: AddressProps) {
  const { t } = useTranslation();
  const removed = value === "" && hint !== null;
  return (
    <div className="nt-line">
      <label className="ac-field">
        {t(`notify.${name}`)}
        <input className="ac-input" type={type} value={value ?? ""} autoComplete={name === "email" ? "email" : "tel"} data-testid={`notify-${name}`}
          placeholder={removed ? t("notify.will_be_removed") : (hint ?? t("notify.no_address"))}
          onChange={(event) => onChange(event.target.value || null)} />
      </label>
      {hint && !removed ? <button type="button" className="sw-plain sw-link" onClick={() => onChange("")}>{t("common.remove")}</button> : null}
    </div>
  );
}

function Hours({ form, change, zone }: PartProps & { zone: string }) {
  const { t } = useTranslation();
  const quiet = form.quiet_from != null;
  const digest = form.digest_at != null;
  return (
    <fieldset className="nt-hours">
      <legend className="sw-small sw-quiet">{t("notify.when", { zone })}</legend>
      <div className="nt-line">
        <label className="nt-check">
          <input type="checkbox" checked={quiet} data-testid="quiet"
            onChange={() => change(quiet ? { quiet_from: null, quiet_to: null } : { quiet_from: NIGHT.from, quiet_to: NIGHT.to })} />
          {t("notify.quiet")}
        </label>
        {quiet ? (
          <>
            <input className="ac-input nt-time" type="time" required value={form.quiet_from ?? ""} aria-label={t("notify.from")} data-testid="quiet-from"
              onChange={(event) => change({ quiet_from: event.target.value })} />
            <span aria-hidden="true">–</span>
            <input className="ac-input nt-time" type="time" required value={form.quiet_to ?? ""} aria-label={t("notify.to")} data-testid="quiet-to"
              onChange={(event) => change({ quiet_to: event.target.value })} />
          </>
        ) : null}
      </div>
      <div className="nt-line">
        <label className="nt-check">
          <input type="checkbox" checked={digest} data-testid="digest" onChange={() => change({ digest_at: digest ? null : MORNING })} />
          {t("notify.digest")}
        </label>
        {digest ? (
          <input className="ac-input nt-time" type="time" required value={form.digest_at ?? ""} aria-label={t("notify.digest")} data-testid="digest-at"
            onChange={(event) => change({ digest_at: event.target.value })} />
        ) : null}
      </div>
      <p className="sw-small sw-quiet">{t("notify.urgent_anyway")}</p>
    </fieldset>
  );
}
