import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { onDutyQuery } from "../api/queries";
import type { OnDutyView } from "../api/types";
import { useTimes } from "../shared/time";
import { Menu } from "./Menu";
import { useArea, useCan } from "./session";

/** So many names stand in the bar; the panel has them all. */
const NAMED = 2;

/** Who is on duty now, the leader first; none where there is no roster, or it is not the viewer's to read. */
export function useOnDuty(): readonly OnDutyView[] {
  const { area } = useArea();
  const can = useCan();
  return useQuery({ ...onDutyQuery(area.code), enabled: area.code !== "" && can("directory.read") }).data ?? NOBODY;
}

const NOBODY: readonly OnDutyView[] = [];

/** The cases that wait for somebody's unit. */
export const casesOfUnit = (unit: string): string => `/cases?state=open&unit=${encodeURIComponent(unit)}`;

/** "08:00-20:00"; over midnight it says that it ends on the next day. */
export function useDutyHours(): (one: OnDutyView) => string {
  const { t } = useTranslation();
  const times = useTimes();
  return useCallback(({ starts_at, ends_at }) => {
    const key = times.date(starts_at) === times.date(ends_at) ? "top.duty_hours" : "top.duty_hours_over";
    return t(key, { from: times.time(starts_at), to: times.time(ends_at) });
  }, [t, times]);
}

/** Quietly in the bar: "on duty: A, B". A click shows posts, units, their telephone and the hours. */
export function OnDuty() {
  const { t } = useTranslation();
  const people = useOnDuty();
  const can = useCan();
  const hours = useDutyHours();
  const names = [...new Set(people.map(({ name }) => name))];
  if (names.length === 0) return null;
  const label = (
    <span className="fr-duty">
      <span className="sw-small sw-quiet">{t("top.duty")}</span>
      <span className="fr-duty-names sw-cut">
        {names.slice(0, NAMED).join(t("common.list"))}
        {names.length > NAMED ? ` ${t("top.duty_more", { count: names.length })}` : ""}
      </span>
    </span>
  );
  return (
    <Menu label={label} title={t("top.duty_title")} testId="on-duty" wide>
      {(close) => (
        <div className="fr-duty-panel" data-testid="on-duty-panel">
          <div className="fr-menu-head">{t("top.duty_title")}</div>
          <ul>
            {people.map((one) => (
              <li key={`${one.post} ${one.name} ${one.unit} ${one.hours}`} data-testid="on-duty-person">
                <div className="fr-duty-line">
                  <b>{one.name}</b>
                  <span className="sw-quiet">{t(`post.${one.post}`, { defaultValue: one.post })}</span>
                  <span className="sw-num fr-duty-hours">{hours(one)}</span>
                </div>
                <div className="fr-duty-line sw-small">
                  {can("case.read") ? (
                    <Link to={casesOfUnit(one.unit)} className="sw-link" title={t("top.duty_cases")} onClick={close}>{one.unit_name}</Link>
                  ) : <span>{one.unit_name}</span>}
                  {one.unit_phone ? <span className="sw-num sw-quiet">{t("top.duty_phone", { phone: one.unit_phone })}</span> : null}
                </div>
                {one.note ? <div className="sw-small sw-quiet">{one.note}</div> : null}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Menu>
  );
}
