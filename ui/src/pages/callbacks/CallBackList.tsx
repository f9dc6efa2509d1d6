import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { callBackListQuery, estimatesQuery } from "../../api/verify";
import type { CallBackLine } from "../../api/types";
import { useArea, useCan } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { StateMark } from "../../shared/StateMark";
import { setParam, useAddress } from "../../shared/params";
import { useTimes, type Times } from "../../shared/time";
import "../../shared/table.css";
import "../cases/cases.css";
import "./callbacks.css";

const TABS = ["waiting", "unresolved", "estimates"] as const;

/** Reporters who wait for a call, and those who said that it is not done; the longest waiting first. */
export default function CallBackListPage() {
  const { t } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const [params, change] = useAddress();
  const can = useCan();
  const tab = TABS.find((one) => one === params.get("tab")) ?? "waiting";
  const query = useQuery({ ...callBackListQuery(area.code, tab === "unresolved"), enabled: tab !== "estimates" });
  const tabs = TABS.filter((one) => one !== "estimates" || can("score.read"));
  return (
    <div className="cs" data-testid="call-backs-page">
      <div className="cs-filters">
        <div className="cs-tabs" role="tablist" aria-label={t("back_call.title")}>
          {tabs.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={tab === one} className="sw-plain cs-tab" data-testid={`call-backs-${one}`}
              onClick={() => change((now) => setParam(now, "tab", one === "waiting" ? undefined : one))}>
              {t(`back_call.tab_${one}`)}
            </button>
          ))}
        </div>
        <span className="sw-small sw-quiet">{t("back_call.list_hint")}</span>
      </div>
      {tab === "estimates" ? <Estimated area={area.code} />
        : query.isPending ? <Loading rows={8} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data.items.length === 0 ? <Blank title={t(`back_call.empty_${tab}`)} text={t("back_call.empty_text")} testId="call-backs-empty" />
        : <ul className="cbl">{query.data.items.map((one) => <Row key={one.id} one={one} times={times} />)}</ul>}
    </div>
  );
}

/** Counts of what reporters drawn by lot have said, by unit; never the city's own scores. */
function Estimated({ area }: { area: string }) {
  const { t } = useTranslation();
  const query = useQuery(estimatesQuery(area));
  if (query.isPending) return <Loading rows={6} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.items.length === 0) return <Blank title={t("back_call.empty_estimates")} text={t("back_call.empty_text")} testId="estimates-empty" />;
  const part = (some: number, of: number): string => (of === 0 ? t("back_call.nobody") : `${((100 * some) / of).toFixed(1)}% (${some}/${of})`);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
    <div className="cbl-scroll" tabIndex={0} role="region" aria-label={t("back_call.tab_estimates")}>
      <p className="sw-small sw-quiet">{t("back_call.estimates_hint", { percent: query.data.share_percent })}</p>
      <table className="sw-table" data-testid="estimates">
        <thead><tr>{["unit", "asked", "answered", "e_reached", "e_resolved", "e_satisfied"].map((one) => <th key={one} scope="col">{t(`back_call.${one}`)}</th>)}</tr></thead>
        <tbody>
          {query.data.items.map((one) => (
            <tr key={one.unit?.code ?? ""}>
              <td>{one.unit?.name ?? t("back_call.no_unit")}</td>
              <td className="sw-num">{one.asked}</td>
              <td className="sw-num">{one.answered}</td>
              <td className="sw-num">{part(one.reached, one.reached_of)}</td>
              <td className="sw-num">{part(one.resolved, one.resolved_of)}</td>
              <td className="sw-num">{part(one.satisfied + one.basically, one.satisfied_of)}</td>
            </tr>
          ))}
        </tbody>
      </table>
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
