import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import type { WarnNight } from "../../api/types";
import { useTimes } from "../../shared/time";
import { useDay } from "./words";
import "../cases/cases.css";
import "./warn.css";

/** The pages of the room, and how the last night went. */
export function Head({ night }: { night?: WarnNight | null }) {
  const { t } = useTranslation();
  const tab = (to: string, name: string) => <NavLink to={to} end className="sw-tab" data-testid={`tab-${name}`}>{t(`warn.${name}`)}</NavLink>;
  return (
    <div className="wa-head">
      <nav className="cs-tabs" aria-label={t("warn.title")}>
        {tab("/warnings", "warnings")}
        {tab("/warnings/rounds", "rounds")}
        {tab("/warnings/forecast", "forecast")}
        {tab("/warnings/notes", "notes")}
      </nav>
      {night ? <NightLine night={night} /> : null}
    </div>
  );
}

function NightLine({ night }: { night: WarnNight }) {
  const { t } = useTranslation();
  const times = useTimes();
  const day = useDay();
  return <p className="wa-night sw-small sw-quiet sw-num" role="status" data-testid="night" data-state={night.state}>{words()}</p>;

  function words(): string {
    if (night.state === "reading") return t("warn.night_reading");
    if (night.state === "computing") return t("warn.night_computing", { reports: night.reports ?? 0 });
    const at = times.stamp(night.ended_at ?? night.began_at);
    if (night.reports === null || !night.first_day || !night.last_day) return t("warn.night_empty", { at });
    const said = t("warn.night_done", { at, reports: night.reports, first: day(night.first_day, night.last_day), last: day(night.last_day, night.first_day) });
    const lacks = { unclassed: night.unclassed ?? 0, unplaced: night.unplaced ?? 0 };
    return lacks.unclassed + lacks.unplaced > 0 ? `${said} · ${t("warn.night_lacks", lacks)}` : said;
  }
}
