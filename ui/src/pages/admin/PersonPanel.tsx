import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changePerson, endSessions, givePassword, resetSecondFactor, unlock } from "../../api/accounts";
import type { Person } from "../../api/types";
import { useCan, useSession } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { RolesForm } from "./RolesForm";
import { UnitSelect } from "./UnitSelect";
import { useChange } from "./useChange";

/** What this administrator may do with this account; with the own one, nothing. */
export function PersonPanel({ person }: { person: Person }) {
  const { t } = useTranslation();
  const can = useCan();
  const { staff } = useSession();
  if (staff.id === person.id) return <p className="ad-panel sw-quiet" data-testid="own-account">{t("account.own_text")}</p>;
  return (
    <div className="ad-panel" data-testid="person-panel">
      {can("account.manage") ? <Security person={person} /> : null}
      {can("role.grant") ? <RolesForm key={person.roles.join()} person={person} /> : null}
      {can("staff.manage") ? <Facts person={person} /> : null}
    </div>
  );
}

function Security({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { busy, problem, change } = useChange();
  const [once, setOnce] = useState<{ password: string; hours: number } | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const run = async (work: () => Promise<unknown>, words: string): Promise<void> => {
    setSaid(null);
    if ((await change(async () => ((await work()), true))) === true) setSaid(words);
  };
  return (
    <section>
      <h2>{t("account.sign_in_of")}</h2>
      <div className="ac-line">
        <Popconfirm title={t("account.give_password_sure", { name: person.name })} okText={t("account.give_password")} cancelText={t("common.cancel")}
          okButtonProps={{ "data-testid": "give-password-sure" } as Record<`data-${string}`, string>}
          onConfirm={async () => setOnce(await change(() => givePassword(person.id)))}>
          <Button disabled={busy || !person.active} data-testid="give-password">{t("account.give_password")}</Button>
        </Popconfirm>
        {person.state === "locked" ? (
          <Button disabled={busy} data-testid="unlock" onClick={() => void run(() => unlock(person.id), t("account.unlocked"))}>{t("account.unlock")}</Button>
        ) : null}
        {person.second_factor ? (
          <Popconfirm title={t("account.reset_factor_sure", { name: person.name })} okText={t("account.reset_factor")} cancelText={t("common.cancel")}
            onConfirm={() => run(() => resetSecondFactor(person.id), t("account.factor_was_reset"))}>
            <Button disabled={busy} data-testid="reset-factor">{t("account.reset_factor")}</Button>
          </Popconfirm>
        ) : null}
        <Button disabled={busy} data-testid="end-sessions" onClick={() => void run(() => endSessions(person.id), t("account.sessions_ended"))}>{t("account.end_sessions")}</Button>
      </div>
      {once ? (
        <Sentence tone="amber">
          {t("account.one_time", { hours: once.hours })} <code className="ad-once" data-testid="one-time-password">{once.password}</code>
        </Sentence>
      ) : null}
      {said ? <Sentence tone="green">{said}</Sentence> : null}
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
    </section>
  );
}

function Facts({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { busy, problem, change } = useChange();
  const [name, setName] = useState(person.name);
  const [unit, setUnit] = useState(person.unit);
  const save = (active: boolean): void => void change(() => changePerson(person.id, { name, unit, active }));
  return (
    <section className="ac-form">
      <h2>{t("account.facts")}</h2>
      <div className="ad-fields">
        <label className="ac-field">
          {t("signin.name")}
          <input className="ac-input" value={name} data-testid="person-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <UnitSelect value={unit} onChange={setUnit} />
      </div>
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      <div className="ac-line">
        <Button disabled={busy || !name || !unit || (name === person.name && unit === person.unit)} data-testid="save-person" onClick={() => save(person.active)}>{t("account.save")}</Button>
        {person.active ? (
          <Popconfirm title={t("account.close_sure", { name: person.name })} okText={t("account.close_account")} cancelText={t("common.cancel")}
            okButtonProps={{ "data-testid": "close-account-sure" } as Record<`data-${string}`, string>} onConfirm={() => save(false)}>
            <Button danger disabled={busy} data-testid="close-account">{t("account.close_account")}</Button>
          </Popconfirm>
        ) : <Button disabled={busy} data-testid="reopen-account" onClick={() => save(true)}>{t("account.reopen_account")}</Button>}
      </div>
    </section>
  );
}
