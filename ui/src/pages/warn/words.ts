import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { WarningRow } from "../../api/types";

/** A day without a time: it is the same everywhere. */
export function useDay(): (day: string) => string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, { timeZone: "UTC", month: "short", day: "numeric" });
    return (day) => format.format(new Date(`${day}T12:00:00Z`));
  }, [i18n.language]);
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
    if (atLeast && days >= YEAR_DAYS) return t("warn.recurrence_least", { years: Math.floor(days / YEAR_DAYS) });
    if (days >= LONG_DAYS) return t("warn.recurrence_years", { years: Math.floor(days / YEAR_DAYS) });
    return t("warn.recurrence", { days: Math.max(1, Math.round(days)) });
  };
}

const GRIDS_NAMED = 2;

/** What it is about, where, and when. */
export function useWarningWords(): { what: (one: WarningRow) => string; where: (one: WarningRow) => string; when: (one: WarningRow) => string } {
  const { t } = useTranslation();
  const day = useDay();
  return {
    what: (one) => one.category?.name ?? t("warn.all_classes"),
    where: (one) => {
      if (one.grids.length === 0) return t("warn.everywhere");
      const named = one.grids.slice(0, GRIDS_NAMED).map(({ name }) => name).join("、");
      return one.grids.length > GRIDS_NAMED ? `${named} ${t("warn.and_more", { count: one.grids.length })}` : named;
    },
    when: (one) => (one.first_day === one.last_day ? t("warn.one_day", { first: day(one.first_day) }) : t("warn.days", { first: day(one.first_day), last: day(one.last_day) })),
  };
}
