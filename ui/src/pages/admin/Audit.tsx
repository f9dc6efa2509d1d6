import { useInfiniteQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { auditQuery, type AuditFilter } from "../../api/accounts";
import type { AuditEntry } from "../../api/types";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { atZone } from "./zone";
import "../account/account.css";
import "./admin.css";

/** The journal of access: who signed in, who was refused, who changed whose rights. No case is in it. */
export default function Audit() {
  const { t } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const [draft, setDraft] = useState({ kind: "", person: "", since: "", until: "" });
  const [filter, setFilter] = useState<AuditFilter>({});
  const query = useInfiniteQuery(auditQuery(filter));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const kinds = Object.keys(query.data?.pages[0]?.kinds ?? {});
  function apply(next: typeof draft): void {
    setDraft(next);
    setFilter({
      kind: next.kind || undefined,
      person: next.person.trim() || undefined,
      since: next.since ? atZone(next.since, area.timezone) : undefined,
      until: next.until ? atZone(next.until, area.timezone) : undefined,
    });
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    apply(draft);
  }
  const field = (label: string, name: "person" | "since" | "until", type: string) => (
    <label className="ac-field">
      {label}
      <input className="ac-input" type={type} value={draft[name]} data-testid={`audit-${name}`} onChange={(event) => setDraft({ ...draft, [name]: event.target.value })} />
    </label>
  );
  return (
    <div className="ac ad">
      <header>
        <h1>{t("account.audit")}</h1>
        <p className="sw-quiet">{t("account.audit_text")}</p>
      </header>
      <form className="ad-filter" onSubmit={submit}>
        <label className="ac-field">
          {t("account.kind")}
          <select className="ac-input" value={draft.kind} data-testid="audit-kind" onChange={(event) => apply({ ...draft, kind: event.target.value })}>
            <option value="">{t("common.all")}</option>
            {kinds.map((kind) => <option key={kind} value={kind}>{t(`account.kind_${kind}`)}</option>)}
          </select>
        </label>
        {field(t("account.person"), "person", "text")}
        {field(t("account.from"), "since", "datetime-local")}
        {field(t("account.to"), "until", "datetime-local")}
        <Button htmlType="submit" data-testid="audit-apply">{t("account.apply")}</Button>
      </form>
      {query.isPending ? <Loading rows={10} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : items.length === 0 ? <Blank title={t("account.audit_empty")} text={t("account.audit_empty_text")} testId="audit-empty" />
        : (
          <div className="ac-scroll">
            <table className="ac-table">
              <thead>
                <tr>
                  <th scope="col">{t("account.at")}</th>
                  <th scope="col">{t("account.actor")}</th>
                  <th scope="col">{t("account.did")}</th>
                  <th scope="col">{t("account.whom")}</th>
                  <th scope="col">{t("account.details")}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.seq} data-testid="audit-row">
                    <td className="sw-num">{times.stamp(one.at)}</td>
                    <td>{one.actor_name ?? t("common.system")}</td>
                    <td className={one.action === "staff.sign_in_refused" ? "sw-amber" : undefined}>{t(`entry.${one.action}`, { defaultValue: one.action })}</td>
                    <td>{one.subject_name ?? "—"}</td>
                    <td className="ad-data sw-small sw-quiet">{detail(t, one)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {query.hasNextPage ? <div><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common.more")}</Button></div> : null}
    </div>
  );
}

const ROLE_LISTS = new Set(["granted", "withdrawn"]);

/** What an entry's data says, in words where there are any. */
function detail(t: TFunction, entry: AuditEntry): string {
  return Object.entries(entry.data)
    .filter(([, value]) => value !== null && value !== "" && value !== 0 && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => {
      const values = Array.isArray(value) ? value : [String(value)];
      const shown = values.map((one) => (ROLE_LISTS.has(key) ? t(`role.${one}`, { defaultValue: one }) : t(`account.value_${one}`, { defaultValue: one })));
      return `${t(`account.data_${key}`, { defaultValue: key })}${t("common.colon")}${shown.join(t("common.list"))}`;
    })
    .join(" · ");
}
