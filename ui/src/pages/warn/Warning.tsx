import { useQuery } from "@tanstack/react-query";
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
import { about, useGridNames, useRecurrence, useWarningWords } from "./words";

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
  const { area } = useArea();
  const { what, where, when } = useWarningWords();
  const recurrence = useRecurrence();
  const named = useGridNames();
  const names = (grids: WarningView["grids"]): string => named(grids).join(t("back.comma"));
  return (
    <div className="wa-one">
      <Link to="/warnings" className="wa-back sw-small"><BackIcon />{t("warn.back")}</Link>
      <header className="wa-title">
        <h1>{what(one)} · {where(one)}</h1>
        <StatusMark status={one.status} hindsight={one.hindsight} />
      </header>
      <p className="wa-sum" data-testid="warning-sum">
        {when(one)} · {t("warn.observed", { observed: one.observed, expected: about(one.expected) })}
        {one.factor === null ? null : <> · <b>{t("warn.factor", { n: about(one.factor) })}</b></>}
      </p>
      <p className="wa-chance-line" data-testid="warning-chance">{recurrence(one.recurrence_days, one.at_least)} <span className="sw-small sw-quiet">{t("warn.recurrence_help")}</span></p>
      {one.hindsight ? <p className="wa-hindsight sw-small" data-testid="warning-hindsight">{t("warn.hindsight_text")}</p> : null}
      <div className="wa-columns">
        <Chart warning={one} />
        <div>
          {one.lon === null || one.lat === null ? null : <PlaceMap area={area.code} lon={one.lon} lat={one.lat} metres={one.metres ?? undefined} height={240} />}
          <dl className="wa-facts">
            <div><dt>{t("warn.where")}</dt><dd>{one.grids.length > 0 ? names(one.grids) : t("warn.everywhere")}</dd></div>
            {one.mostly_at.length > 0 ? <div><dt>{t("warn.mostly_at")}</dt><dd>{names(one.mostly_at)}</dd></div> : null}
            <div><dt>{t("warn.methods")}</dt><dd>{one.methods.map((each) => t(`warn.method.${each}`, { defaultValue: each })).join(t("back.comma"))}</dd></div>
            <div><dt>{t("warn.status.new")}</dt><dd className="sw-num">{t(one.hindsight ? "warn.hindsight_said_at" : "warn.said_at", { at: times.stamp(one.said_at) })}</dd></div>
            <div><dt>{t(`warn.status.${one.over_at ? "over" : "ongoing"}`)}</dt><dd className="sw-num">{one.over_at ? t("warn.over_at", { at: times.stamp(one.over_at) }) : t("warn.seen_at", { at: times.stamp(one.seen_at) })}</dd></div>
          </dl>
          {one.category ? <Link className="wa-link" to={`/cases?state=open&category=${encodeURIComponent(`${one.category.scheme}:${one.category.code}`)}`}>{t("warn.see_cases")}</Link> : null}
        </div>
      </div>
    </div>
  );
}
