import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { arrivingQuery, historyArriving } from "../../api/demo";
import type { WarnNight, WarningRow } from "../../api/types";
import { type WarningFilter, warningsQuery } from "../../api/warn";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { Head } from "./Head";
import { StatusMark } from "./StatusMark";
import { about, useRecurrence, useWarningWords } from "./words";

const SHOWN = ["open", "over", "all"] as const;
/** From so many days of history on a night says what it can, roughly; before, nothing. */
const ROUGH_DAYS = 14;

/** Whether a night that has too little history to be sure had enough to say something. */
const roughly = (night: WarnNight | null | undefined): boolean => !!night?.waits_days && (night.history_days ?? 0) >= ROUGH_DAYS;

/** What is building up in the street, the newest first, and how seldom chance would bring it. */
export default function Warnings() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const shown = SHOWN.find((one) => one === params.get("shown")) ?? "open";
  const filter: WarningFilter = { area: area.code, over: shown === "all" ? undefined : shown === "over" };
  const query = useInfiniteQuery({ ...warningsQuery(filter), placeholderData: keepPreviousData });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const night = query.data?.pages[0]?.night;
  const hindsight = query.data?.pages[0]?.hindsight ?? 0;
  const arriving = useArriving();
  const waiting = roughly(night) ? (night?.waits_days ?? null) : null;
  return (
    <div className="cs" data-testid="warnings-page">
      <h1 className="sw-hidden">{t("warn.warnings")}</h1>
      <Head night={night} />
      <div className="cs-filters">
        <label className="wa-filter">{t("warn.shown")}
          <select value={shown} data-testid="warnings-shown" onChange={(event) => change((now) => setParam(now, "shown", event.target.value === "open" ? undefined : event.target.value), { replace: true })}>
            {SHOWN.map((one) => <option key={one} value={one}>{t(`warn.shown_${one}`)}</option>)}
          </select>
        </label>
      </div>
      <div className="wa-said sw-small sw-quiet">
        {arriving !== null && (rows.length > 0 || why(night, arriving) !== "arriving") ? <span data-testid="warnings-arriving">{t("warn.arriving_note", { percent: arriving })}</span> : null}
        {waiting !== null && arriving === null ? <span data-testid="warnings-waits">{t("warn.waits_note", { days: waiting })}</span> : null}
        {shown === "open" && hindsight > 0 ? <Link className="wa-link" to="?shown=over" data-testid="warnings-see-hindsight">{t("warn.hindsight_there", { n: hindsight })}</Link> : null}
        {shown !== "open" && hindsight > 0 ? <span data-testid="warnings-hindsight">{t("warn.hindsight_count", { n: hindsight })}</span> : null}
      </div>
      {query.isPending ? <Loading rows={6} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : rows.length === 0 ? <Nothing night={night} arriving={arriving} />
        : (
          <ul className="wa-list" aria-label={t("warn.warnings")}>
            {rows.map((one) => <li key={one.id}><Line one={one} /></li>)}
            {query.hasNextPage ? <li className="wa-more"><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("warn.more")}</Button></li> : null}
          </ul>
        )}
    </div>
  );
}

/** How much of an older past has arrived, in percent; null where nothing is on its way. */
function useArriving(): number | null {
  const share = historyArriving(useQuery(arrivingQuery).data);
  return share === null ? null : Math.floor(share * 100);
}

type Why = "arriving" | "no_night" | "too_early" | "none";

/** Why an empty list is empty: an older past still arrives, no night was yet, it is too early, or all is as usual. */
function why(night: WarnNight | null | undefined, arriving: number | null): Why {
  const none = !night || (night.state === "done" && night.reports === null);
  const early = !!night?.waits_days && !roughly(night);
  if (arriving !== null && (none || early)) return "arriving";
  return none ? "no_night" : early ? "too_early" : "none";
}

function Nothing({ night, arriving }: { night: WarnNight | null | undefined; arriving: number | null }) {
  const { t } = useTranslation();
  const said = why(night, arriving);
  if (said === "arriving") return <Blank title={t("warn.arriving")} text={t("warn.arriving_text", { percent: arriving })} testId="warnings-arriving" />;
  if (said === "no_night") return <Blank title={t("warn.no_night")} text={t("warn.no_night_text")} testId="warnings-no-night" />;
  if (said === "too_early") return <Blank title={t("warn.waits", { days: night?.waits_days })} text={t("warn.waits_text", { days: night?.history_days ?? 0 })} testId="warnings-too-early" />;
  return <Blank title={t("warn.none")} text={t("warn.none_text")} testId="warnings-empty" />;
}

function Line({ one }: { one: WarningRow }) {
  const { t } = useTranslation();
  const { what, where, when } = useWarningWords();
  const recurrence = useRecurrence();
  return (
    <Link to={`/warnings/${one.id}`} className="wa-line" data-testid="warning-row" data-id={one.id}>
      <StatusMark one={one} />
      <span className="wa-what sw-cut"><b>{what(one)}</b> · {where(one)}{one.young ? <span className="wa-rough sw-small" title={t("warn.young_text")}> · {t("warn.young")}</span> : null}</span>
      <span className="sw-num sw-quiet wa-when">{when(one)}</span>
      <span className="sw-num wa-seen">{t("warn.observed", { observed: one.observed, expected: about(one.expected) })}</span>
      <b className="sw-num wa-factor">{one.factor === null ? "—" : t("warn.factor", { n: about(one.factor) })}</b>
      <span className="sw-num sw-quiet wa-chance">{recurrence(one.recurrence_days, one.at_least)}</span>
    </Link>
  );
}
