import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { WarningView } from "../../api/types";
import { warningQuery } from "../../api/warn";
import { BackIcon } from "../../app/icons";
import { useArea } from "../../app/session";
import PlaceMap from "../../map/PlaceMap";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { Chart } from "./Chart";
import { Head } from "./Head";
import { StatusMark } from "./StatusMark";
import { about, useDay, useDays, useGridNames, useRecurrence, useWarningWords, useZoneWords } from "./words";

/** One warning: what, where, how much more than usual, how seldom by chance, and the evidence. */
export default function Warning() {
  const { id = "" } = useParams();
  const query = useQuery(warningQuery(id));
  return (
    <div className="cs" data-testid="warning-page">
      <Head />
      {query.isPending ? <Loading rows={6} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : <Whole one={query.data} />}
    </div>
  );
}

function Whole({ one }: { one: WarningView }) {
  const { t } = useTranslation();
  const times = useTimes();
  const day = useDay();
  const days = useDays();
  const { area } = useArea();
  const { what, where, when } = useWarningWords();
  const recurrence = useRecurrence();
  const named = useGridNames();
  const names = (grids: WarningView["grids"]): string => named(grids).join(t("back.comma"));
  const zones = useMemo(() => one.zones.map(({ grids, over }) => ({ codes: grids.map(({ code }) => code), over })), [one.zones]);
  return (
    <div className="wa-one">
      <Link to="/warnings" className="wa-back sw-small"><BackIcon />{t("warn.back")}</Link>
      <header className="wa-title">
        <h1>{what(one)} · {where(one)}</h1>
        <StatusMark one={one} />
      </header>
      <p className="wa-sum" data-testid="warning-sum">
        {when(one)} · {t("warn.observed", { observed: one.observed, expected: about(one.expected) })}
        {one.factor === null ? null : <> · <b>{t("warn.factor", { n: about(one.factor) })}</b></>}
      </p>
      <p className="wa-chance-line" data-testid="warning-chance">{recurrence(one.recurrence_days, one.at_least)} <span className="sw-small sw-quiet">{one.young ? null : t("warn.recurrence_help")}</span></p>
      {one.young ? <p className="wa-young sw-small" data-testid="warning-young">{t("warn.young_text")}</p> : null}
      {one.hindsight ? <p className="wa-hindsight sw-small" data-testid="warning-hindsight">{t("warn.hindsight_text")}</p> : null}
      <div className="wa-columns">
        <Chart warning={one} />
        <div>
          {(one.lon === null || one.lat === null) && zones.length === 0 ? null : <PlaceMap area={area.code} lon={one.lon} lat={one.lat} metres={one.metres ?? undefined} zones={zones} height={240} />}
          {one.zones.length > 0 ? <Zones zones={one.zones} /> : null}
          <dl className="wa-facts">
            <div><dt>{t("warn.where")}</dt><dd>{one.grids.length > 0 ? names(one.grids) : t("warn.everywhere")}</dd></div>
            {one.before.length > 0 ? <div><dt>{t("warn.before")}</dt><dd className="sw-num" data-testid="warning-before">{one.before.map((each, index) => <div key={index}>{t("warn.before_at", { where: each.grids.length > 0 ? names(each.grids) : t("warn.everywhere"), days: days(each.first_day, each.last_day), observed: each.observed, expected: about(each.expected) })}</div>)}</dd></div> : null}
            {one.mostly_at.length > 0 ? <div><dt>{t("warn.mostly_at")}</dt><dd>{names(one.mostly_at)}</dd></div> : null}
            {one.weather.length > 0 ? <div><dt>{t("warn.weather.title")}</dt><dd data-testid="warning-weather">{one.weather.map(({ day: at, kind, degree, value }) => <div key={`${at} ${kind}`}>{t(`warn.weather.${kind}.${degree}`, { day: day(at), n: about(value) })}</div>)}</dd></div> : null}
            <div><dt>{t("warn.methods")}</dt><dd><ul className="wa-methods" data-testid="warning-methods">{one.methods.map((each) => <li key={each}>{t(`warn.method.${each}`, { defaultValue: each })} <span className="sw-small sw-quiet">{t(`warn.method_text.${each}`, { defaultValue: "" })}</span></li>)}</ul></dd></div>
            <div><dt>{t("warn.status.new")}</dt><dd className="sw-num">{t(one.hindsight ? "warn.hindsight_said_at" : "warn.said_at", { at: times.stamp(one.said_at) })}</dd></div>
            {one.told_at > one.said_at ? <div><dt>{t("warn.told_again")}</dt><dd className="sw-num" data-testid="warning-told-again">{t("warn.told_again_at", { at: times.stamp(one.told_at) })}</dd></div> : null}
            <div><dt>{t(`warn.status.${one.over_at ? "over" : "ongoing"}`)}</dt><dd className="sw-num">{one.over_at ? t("warn.over_at", { at: times.stamp(one.over_at) }) : t("warn.seen_at", { at: times.stamp(one.seen_at) })}</dd></div>
          </dl>
          {one.category ? <Link className="wa-link" to={`/cases?state=open&category=${encodeURIComponent(`${one.category.scheme}:${one.category.code.split("@")[0]}`)}`}>{t("warn.see_cases")}</Link> : null}
        </div>
      </div>
    </div>
  );
}

/** Where it gathers, a sentence each; where it does no more, quietly. */
function Zones({ zones }: { zones: WarningView["zones"] }) {
  const { t } = useTranslation();
  const said = useZoneWords();
  return (
    <ul className="wa-zones" aria-label={t("warn.zones")} data-testid="warning-zones">
      {/* a warning's zones have no name of their own, and come in the order of their density */}
      {zones.map((one, index) => <li key={index} data-over={one.over || undefined} data-testid="warning-zone"><i aria-hidden="true" /><span>{said(one)}</span></li>)}
    </ul>
  );
}
