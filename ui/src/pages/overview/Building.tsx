import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { WarningPage } from "../../api/types";
import { useTimes } from "../../shared/time";
import { useGridNames } from "../warn/words";

const SHOWN = 5;
const YEAR_DAYS = 365;

/** What is building up, as the last night found it: the few newest, and where all of them are. */
export function Building({ data }: { data: WarningPage | undefined }) {
  const { t } = useTranslation();
  const times = useTimes();
  const names = useGridNames();
  if (!data?.night || (data.night.state === "done" && data.night.reports === null)) return null; // nothing was compared yet: the feed has the whole column
  const { night, items } = data;
  const chance = (days: number | null, atLeast: boolean): string => {
    if (days === null) return "";
    const numbers = { years: Math.floor(days / YEAR_DAYS), days: Math.round(days) };
    if (days >= 2 * YEAR_DAYS) return atLeast ? t("overview.building.chance_least_years", numbers) : t("overview.building.chance_years", numbers);
    return atLeast ? t("overview.building.chance_least", numbers) : t("overview.building.chance", numbers);
  };
  const at = night.ended_at ? t("overview.building.none_text", { at: times.stamp(night.ended_at) }) : t("overview.building.computing");
  return (
    <section className="ov-panel ov-building sw-panel" aria-label={t("overview.building.title")} data-testid="building">
      <header className="ov-head">
        <h2>{t("overview.building.title")}</h2>
        <Link to="/warnings" className="sw-link sw-small">{t("overview.building.all")}</Link>
      </header>
      {items.length === 0 ? <p className="ov-building-none sw-small sw-quiet">{t("overview.building.none")} · {at}</p> : (
        <ul>
          {items.slice(0, SHOWN).map((one) => (
            <li key={one.id}>
              <Link to={`/warnings/${one.id}`} className="ov-entry" data-testid="building-row">
                <b className="sw-num ov-building-factor">{one.factor === null ? "" : t("overview.building.times", { n: one.factor < 10 ? one.factor.toFixed(1) : Math.round(one.factor) })}</b>
                <span className="ov-entry-what sw-cut"><b>{one.category?.name ?? t("overview.building.all_classes")}</b> · {one.grids.length > 0 ? names(one.grids)[0] : t("overview.building.everywhere")}</span>
                <span className="ov-entry-who sw-small sw-quiet sw-cut sw-num">{one.told_again ? `${t("warn.told_again")} · ` : one.status === "new" ? `${t("overview.building.new")} · ` : ""}{chance(one.recurrence_days, one.at_least)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
