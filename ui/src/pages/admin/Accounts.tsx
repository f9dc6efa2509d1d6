import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { peopleQuery } from "../../api/accounts";
import type { Person } from "../../api/types";
import { useCan } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { Withheld } from "../../shared/Withheld";
import { AddPerson } from "./AddPerson";
import { PersonPanel } from "./PersonPanel";
import { StandIns } from "./StandIns";
import "../account/account.css";
import "./admin.css";

const tones: Record<NonNullable<Person["state"]>, string> = {
  active: "sw-green", closed: "sw-neutral", locked: "sw-red", no_password: "sw-amber", one_time_password: "sw-amber",
};

export default function Accounts() {
  const { t } = useTranslation();
  const can = useCan();
  const [words, setWords] = useState("");
  const query = useInfiniteQuery(peopleQuery(useDeferredValue(words.trim())));
  const [openId, setOpenId] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const people = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="ac ad">
      <header>
        <h1>{t("account.accounts")}</h1>
        <p className="sw-quiet">{t(can("staff.manage") ? "account.intro_system" : "account.intro_security")}</p>
      </header>
      <div className="ac-line">
        <input className="ac-input ad-search" type="search" value={words} placeholder={t("account.search")} aria-label={t("account.search")}
          data-testid="people-search" onChange={(event) => setWords(event.target.value)} />
        {can("staff.manage") ? <Button data-testid="add-person" onClick={() => setAdding(true)}>{t("account.add")}</Button> : null}
      </div>
      {adding ? <AddPerson onClose={() => setAdding(false)} onAdded={(one) => {
        setAdding(false);
        setWords(one.login);
        setOpenId(one.id);
      }} /> : null}
      {query.isPending ? <Loading rows={8} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : people.length === 0 ? <Blank title={t("account.nobody_found")} text={t("account.nobody_found_text")} testId="nobody" />
        : (
          <div className="ac-scroll">
            <table className="ac-table">
              <thead>
                <tr>
                  <th scope="col">{t("signin.name")}</th>
                  <th scope="col">{t("signin.account")}</th>
                  <th scope="col">{t("signin.unit")}</th>
                  <th scope="col">{t("account.roles")}</th>
                  <th scope="col">{t("account.state")}</th>
                  <th scope="col">{t("account.second_factor")}</th>
                </tr>
              </thead>
              <tbody>
                {people.map((one) => <Row key={one.id} one={one} open={openId === one.id} onOpen={() => setOpenId(openId === one.id ? null : one.id)} />)}
              </tbody>
            </table>
          </div>
        )}
      {query.hasNextPage ? <div><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common.more")}</Button></div> : null}
      <StandIns />
    </div>
  );
}

function Row({ one, open, onOpen }: { one: Person; open: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <tr data-testid="person-row" className={open ? "ad-open" : undefined}>
        <td>
          <button type="button" className="sw-plain sw-link" aria-expanded={open} data-testid={`person-${one.login}`} onClick={onOpen}>{one.name}</button>
        </td>
        <td className="sw-quiet">{one.login}</td>
        <td>{one.unit_name}</td>
        <td>{one.roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(" · ") || <span className="sw-quiet">{t("common.none")}</span>}</td>
        <td><State one={one} /></td>
        <td>{one.second_factor === null ? <Withheld /> : <Factor on={one.second_factor} required={one.second_factor_required} />}</td>
      </tr>
      {open ? <tr className="ad-open"><td colSpan={6}><PersonPanel person={one} /></td></tr> : null}
    </>
  );
}

/** How the account stands; who does not manage accounts sees only whether it is closed. */
function State({ one }: { one: Person }) {
  const { t } = useTranslation();
  const state = one.state ?? (one.active ? null : "closed");
  return state === null ? <Withheld /> : <span className={tones[state]}>{t(`account.state_${state}`)}</span>;
}

function Factor({ on, required }: { on: boolean; required: boolean }) {
  const { t } = useTranslation();
  const [tone, words] = on ? ["sw-green", "account.factor_on"] : required ? ["sw-amber", "account.factor_waits"] : ["sw-quiet", "account.factor_none"];
  return <span className={tone}>{t(words)}</span>;
}
