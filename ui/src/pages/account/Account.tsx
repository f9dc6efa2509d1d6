import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { accountKeys, accountQuery, changePassword, endDevice, endOtherDevices } from "../../api/accounts";
import { problemSentence } from "../../api/problem";
import type { Account } from "../../api/types";
import { ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { Notify } from "./Notify";
import { SecondFactor } from "./SecondFactor";
import "./account.css";

export default function AccountPage() {
  const { t } = useTranslation();
  const query = useQuery(accountQuery);
  return (
    <div className="ac">
      <header>
        <h1>{t("account.title")}</h1>
        {query.data ? <p className="sw-quiet">{query.data.name} · {query.data.login}</p> : null}
      </header>
      {query.data ? (
        <>
          <Password account={query.data} />
          <SecondFactor account={query.data} />
          <Notify />
          <Devices account={query.data} />
        </>
      ) : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : <Loading rows={8} />}
    </div>
  );
}

function Password({ account }: { account: Account }) {
  const { t } = useTranslation();
  const times = useTimes();
  const client = useQueryClient();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ tone: "red" | "green"; text: string } | null>(null);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (fresh !== again) return setSaid({ tone: "red", text: t("account.not_the_same") });
    setBusy(true);
    try {
      await changePassword(old, fresh);
      setSaid({ tone: "green", text: t("account.password_changed") });
      setOld("");
      setFresh("");
      setAgain("");
      await client.invalidateQueries({ queryKey: accountKeys.account });
    } catch (error) {
      setSaid({ tone: "red", text: problemSentence(t, error) });
    }
    setBusy(false);
  }
  const field = (label: string, value: string, set: (value: string) => void, id: string, auto: string) => (
    <label className="ac-field">
      {label}
      <input className="ac-input" type="password" value={value} autoComplete={auto} data-testid={id} onChange={(event) => set(event.target.value)} />
    </label>
  );
  return (
    <section className="sw-panel ac-panel">
      <h2>{t("account.password")}</h2>
      <p className="sw-small sw-quiet">
        {account.password_set_at ? t("account.password_since", { at: times.stamp(account.password_set_at) }) : null} {t("account.password_rules", { least: account.min_characters })}
      </p>
      <form className="ac-form" onSubmit={(event) => void submit(event)}>
        {field(t("account.old_password"), old, setOld, "old-password", "current-password")}
        {field(t("account.new_password"), fresh, setFresh, "new-password", "new-password")}
        {field(t("account.again"), again, setAgain, "new-password-again", "new-password")}
        {said ? <Sentence tone={said.tone}>{said.text}</Sentence> : null}
        <Button htmlType="submit" loading={busy} disabled={!old || !fresh} data-testid="change-password">{t("account.change_password")}</Button>
      </form>
    </section>
  );
}

function Devices({ account }: { account: Account }) {
  const { t } = useTranslation();
  const times = useTimes();
  const client = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  async function end(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemSentence(t, error));
    }
    await client.invalidateQueries({ queryKey: accountKeys.account });
  }
  const others = account.devices.filter((one) => !one.this).length;
  return (
    <section className="sw-panel ac-panel">
      <h2>{t("account.devices")}</h2>
      <p className="sw-small sw-quiet">{t("account.devices_text")}</p>
      <div className="ac-scroll">
        <table className="ac-table">
          <thead>
            <tr>
              <th scope="col">{t("account.device")}</th>
              <th scope="col">{t("account.network")}</th>
              <th scope="col">{t("account.made_at")}</th>
              <th scope="col">{t("account.seen_at")}</th>
              <th scope="col"><span className="sw-hidden">{t("account.sign_out_there")}</span></th>
            </tr>
          </thead>
          <tbody>
            {account.devices.map((one) => (
              <tr key={one.id} data-testid="device-row">
                <td>{one.device || t("common.unknown")}</td>
                <td className="sw-num sw-quiet">{one.network || "—"}</td>
                <td className="sw-num">{times.stamp(one.made_at)}</td>
                <td className="sw-num">{times.stamp(one.seen_at)}</td>
                <td>
                  {one.this ? <span className="sw-quiet">{t("account.this_device")}</span> : (
                    <button type="button" className="sw-plain sw-link" data-testid="end-device" onClick={() => void end(() => endDevice(one.id))}>
                      {t("account.sign_out_there")}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      <div><Button disabled={others === 0} data-testid="end-other-devices" onClick={() => void end(endOtherDevices)}>{t("account.sign_out_others")}</Button></div>
    </section>
  );
}
