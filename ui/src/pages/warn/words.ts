import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "../../api/queries";
import type { WarningRow, WarningView } from "../../api/types";
import { useArea } from "../../app/session";

const year = (day: string): string => day.slice(0, 4);

/** A day without a time: it is the same everywhere. Its year is said where ``beside`` lies in another. */
export function useDay(): (day: string, beside?: string) => string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const short = new Intl.DateTimeFormat(i18n.language, { timeZone: "UTC", month: "short", day: "numeric" });
    const long = new Intl.DateTimeFormat(i18n.language, { timeZone: "UTC", year: "numeric", month: "short", day: "numeric" });
    return (day, beside = day) => (year(day) === year(beside) ? short : long).format(new Date(`${day}T12:00:00Z`));
  }, [i18n.language]);
}

/** From a day to another, or the one day. */
export function useDays(): (first: string, last: string) => string {
  const { t } = useTranslation();
  const day = useDay();
  return (first, last) => (first === last ? t("warn.one_day", { first: day(first) }) : t("warn.days", { first: day(first, last), last: day(last, first) }));
}

/** One place behind the point below ten, whole numbers from there on. */
export const about = (n: number): string => (n < 10 ? n.toFixed(1).replace(/\.0$/, "") : Math.round(n).toString());

const YEAR_DAYS = 365;
const LONG_DAYS = 2 * YEAR_DAYS;

/** How seldom chance would bring it, in words: never a probability. */
export function useRecurrence(): (days: number | null, atLeast?: boolean) => string {
  const { t } = useTranslation();
  return (days, atLeast = false) => {
    if (days === null) return t("warn.recurrence_unknown");
    const long = days >= LONG_DAYS;
    const numbers = { years: Math.floor(days / YEAR_DAYS), days: Math.max(1, Math.round(days)) };
    if (atLeast) return long ? t("warn.recurrence_least", numbers) : t("warn.recurrence_least_days", numbers);
    return long ? t("warn.recurrence_years", numbers) : t("warn.recurrence", numbers);
  };
}

const [GRIDS_NAMED, ZONE_GRIDS_NAMED] = [2, 4] as const;

type Named = { code: string; name: string };

/** Names of grids; of a community whose grids are all among them, its own instead. */
export function useGridNames(): (grids: readonly Named[]) => string[] {
  const { area } = useArea();
  const all = useQuery(directoryQuery(area.code)).data?.grids;
  return (grids) => {
    const codes = new Set(grids.map(({ code }) => code));
    const missing = new Set(all?.filter(({ code }) => !codes.has(code)).map((one) => one.community_code));
    const whole = new Map(all?.filter((one) => codes.has(one.code) && !missing.has(one.community_code)).map((one) => [one.code, { code: `community ${one.community_code}`, name: one.community_name }]));
    // two grids may have one name; a community is said once
    const said = grids.map((one) => whole.get(one.code) ?? one);
    return [...new Map(said.map(({ code, name }) => [code, name])).values()];
  };
}

const DAY_MS = 86_400_000;

/** Where something gathers, how many in how many days, and how often chance gathers as much. */
export function useZoneWords(): (zone: WarningView["zones"][number]) => string {
  const { t } = useTranslation();
  const named = useGridNames();
  const day = useDay();
  return (zone) => {
    const all = named(zone.grids);
    const where = all.slice(0, ZONE_GRIDS_NAMED).join(t("back.comma"));
    const said = t(zone.over ? "warn.zone_over" : "warn.zone", {
      where: all.length > ZONE_GRIDS_NAMED ? `${where} ${t("warn.and_more", { count: zone.grids.length })}` : where,
      days: Math.round((Date.parse(zone.last_day) - Date.parse(zone.first_day)) / DAY_MS) + 1,
      observed: zone.observed,
      expected: about(zone.expected),
      since: day(zone.first_night),
    });
    if (zone.over || zone.replicates === 0) return said;
    const chance = zone.as_dense === 0 ? "warn.zone_never" : "warn.zone_chance";
    return `${said}${t(chance, { times: zone.as_dense, of: zone.replicates })}`;
  };
}

/** What it is about, where, and when. */
export function useWarningWords(): { what: (one: WarningRow) => string; where: (one: WarningRow) => string; when: (one: WarningRow) => string } {
  const { t } = useTranslation();
  const days = useDays();
  const names = useGridNames();
  return {
    what: (one) => one.category?.name ?? t("warn.all_classes"),
    where: (one) => {
      if (one.grids.length === 0) return t("warn.everywhere");
      const all = names(one.grids);
      const named = all.slice(0, GRIDS_NAMED).join(t("back.comma"));
      return all.length > GRIDS_NAMED ? `${named} ${t("warn.and_more", { count: one.grids.length })}` : named;
    },
    when: (one) => days(one.first_day, one.last_day),
  };
}
