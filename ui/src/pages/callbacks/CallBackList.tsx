import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { callBackListQuery } from "../../api/verify";
import type { CallBackLine } from "../../api/types";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { StateMark } from "../../shared/StateMark";
import { setParam } from "../../shared/params";
import { useTimes, type Times } from "../../shared/time";
import "../cases/cases.css";
import "./callbacks.css";

const TABS = ["waiting", "unresolved"] as const;

/** Reporters who wait for a call, and those who said that it is not done; the longest waiting first. */
export default function CallBackListPage() {
  const { t } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const [params, setParams] = useSearchParams();
  const tab = params.get("tab") === "unresolved" ? "unresolved" : "waiting";
  const query = useQuery(callBackListQuery(area.code, tab === "unresolved"));
  return (
    <div className="cs" data-testid="call-backs-page">
      <div className="cs-filters">
        <div className="cs-tabs" role="tablist" aria-label={t("back_call.title")}>
          {TABS.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={tab === one} className="sw-plain cs-tab" data-testid={`call-backs-${one}`}
              onClick={() => setParams(setParam(params, "tab", one === "waiting" ? undefined : one))}>
              {t(`back_call.tab_${one}`)}
            </button>
          ))}
        </div>
        <span className="sw-small sw-quiet">{t("back_call.list_hint")}</span>
      </div>
      {query.isPending ? <Loading rows={8} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data.items.length === 0 ? <Blank title={t(`back_call.empty_${tab}`)} text={t("back_call.empty_text")} testId="call-backs-empty" />
        : <ul className="cbl">{query.data.items.map((one) => <Row key={one.id} one={one} times={times} />)}</ul>}
    </div>
  );
}

function Row({ one, times }: { one: CallBackLine; times: Times }) {
  const { t } = useTranslation();
  const facts = [
    one.unit?.name ?? "",
    one.answered_at ? t("back_call.answered_on", { at: times.stamp(one.answered_at) }) : t("back_call.since", { at: times.stamp(one.opened_at) }),
    one.attempts > 0 ? t("back_call.attempts", { count: one.attempts }) : "",
    one.last_result && one.last_result !== "link_sent" ? t(`contacts.result.${one.last_result}`) : "",
  ].filter(Boolean);
  return (
    <li>
      <Link to={`/cases/${one.case_id}`} className="cbl-row" data-testid="call-back-row">
        <span className="sw-num sw-quiet">{one.case_number}</span>
        <span className="cbl-title">{one.title}</span>
        <StateMark state={one.state} />
        <span className="cbl-facts sw-small sw-quiet sw-num">{facts.join(" · ")}</span>
      </Link>
    </li>
  );
}
