import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useArea } from "../app/session";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "2 h 10 min", "3 days": two units at most, the second dropped from three days on. */
export function span(t: TFunction, ms: number): string {
  const abs = Math.abs(ms);
  const days = Math.floor(abs / DAY);
  const hours = Math.floor((abs % DAY) / HOUR);
  const minutes = Math.floor((abs % HOUR) / MINUTE);
  if (days >= 3 || (days > 0 && hours === 0)) return t("time.days", { count: days });
  if (days > 0) return `${t("time.days", { count: days })} ${t("time.hours", { count: hours })}`;
  if (hours > 0 && minutes > 0) return `${t("time.hours", { count: hours })} ${t("time.minutes", { count: minutes })}`;
  if (hours > 0) return t("time.hours", { count: hours });
  return t("time.minutes", { count: Math.max(1, minutes) });
}

export interface Times {
  /** 14:05 */
  time: (at: string | number) => string;
  /** 14:05:09 */
  seconds: (at: string | number) => string;
  /** Jul 23, 14:05, with the year when it is another one */
  stamp: (at: string | number) => string;
  /** 14:05 today, else 07-23 14:05: for narrow columns */
  short: (at: string | number, now: number) => string;
  date: (at: string | number) => string;
  /** As stamp, of a deadline: what ends with a day ends at 23:59 of it and not on the next one. */
  until: (at: string | number) => string;
}

function build(language: string, timeZone: string): Times {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(language, { timeZone, hourCycle: "h23", ...options });
    return (at: string | number) => formatter.format(new Date(at));
  };
  const day = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  const year = format({ year: "numeric" });
  const time = format({ hour: "2-digit", minute: "2-digit" });
  const narrow = format({ month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const near = format({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const far = format({ year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const stamp = (at: string | number): string => (year(at) === year(Date.now()) ? near(at) : far(at));
  return {
    time,
    seconds: format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    stamp,
    until: (at) => stamp(time(at) === "00:00" ? new Date(at).getTime() - MINUTE : at),
    short: (at, now) => (day(at) === day(now) ? time(at) : narrow(at)),
    date: format({ month: "short", day: "numeric", weekday: "short" }),
  };
}

/** Times written in the viewer's language and the area's time zone (or the one given). */
export function useTimes(timeZone?: string): Times {
  const { i18n } = useTranslation();
  const { area } = useArea();
  const zone = timeZone ?? area.timezone;
  return useMemo(() => build(i18n.language, zone), [i18n.language, zone]);
}
