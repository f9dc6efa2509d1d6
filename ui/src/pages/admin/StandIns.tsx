import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { setStandIn, standInsQuery, withdrawStandIn } from "../../api/accounts";
import { useArea, useCan } from "../../app/session";
import { ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useChange } from "./useChange";
import { atZone } from "./zone";

/** Who acts for whom, from when to when, in the street's own time. */
export function StandIns() {
  const { t } = useTranslation();
  const can = useCan();
  const times = useTimes();
  const query = useQuery(standInsQuery);
  const { busy, problem, change } = useChange();
  const items = query.data?.items ?? [];
  return (
    <section>
      <h2>{t("account.stand_ins")}</h2>
      <p className="sw-small sw-quiet">{t("account.stand_ins_text")}</p>
      {can("staff.manage") ? <NewStandIn /> : null}
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      {query.isPending ? <Loading rows={2} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : items.length === 0 ? <p className="sw-quiet">{t("account.no_stand_ins")}</p>
        : (
          <div className="ac-scroll">
            <table className="ac-table">
              <thead>
                <tr>
                  <th scope="col">{t("account.who")}</th>
                  <th scope="col">{t("account.for_whom")}</th>
                  <th scope="col">{t("signin.unit")}</th>
                  <th scope="col">{t("account.from")}</th>
                  <th scope="col">{t("account.to")}</th>
                  <th scope="col"><span className="sw-hidden">{t("account.withdraw")}</span></th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.id} data-testid="stand-in-row">
                    <td>{one.name}</td>
                    <td>{one.for_name}</td>
                    <td>{one.for_unit_name}</td>
                    <td className="sw-num">{times.stamp(one.starts_at)}</td>
                    <td className="sw-num">{times.stamp(one.ends_at)}</td>
                    <td>
                      {can("staff.manage") ? (
                        <button type="button" className="sw-plain sw-link" disabled={busy} data-testid="withdraw" onClick={() => void change(() => withdrawStandIn(one.id))}>
                          {t("account.withdraw")}
                        </button>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function NewStandIn() {
  const { t } = useTranslation();
  const { area } = useArea();
  const { busy, problem, change } = useChange();
  const [login, setLogin] = useState("");
  const [absent, setAbsent] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const done = await change(async () => {
      await setStandIn({ login, for_login: absent, starts_at: atZone(from, area.timezone), ends_at: atZone(to, area.timezone) });
      return true;
    });
    if (done) [setLogin, setAbsent, setFrom, setTo].forEach((set) => set(""));
  }
  const field = (label: string, value: string, set: (value: string) => void, id: string, type = "text") => (
    <label className="ac-field">
      {label}
      <input className="ac-input" type={type} value={value} data-testid={id} autoCapitalize="none" spellCheck={false} onChange={(event) => set(event.target.value)} />
    </label>
  );
  return (
    <form className="ac-form" onSubmit={(event) => void submit(event)}>
      <div className="ad-filter">
        {field(t("account.who_login"), login, setLogin, "stand-in-login")}
        {field(t("account.for_login"), absent, setAbsent, "stand-in-for")}
        {field(t("account.from"), from, setFrom, "stand-in-from", "datetime-local")}
        {field(t("account.to"), to, setTo, "stand-in-to", "datetime-local")}
        <Button htmlType="submit" loading={busy} disabled={!login || !absent || !from || !to} data-testid="stand-in-set">{t("account.stand_in_set")}</Button>
      </div>
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
    </form>
  );
}
