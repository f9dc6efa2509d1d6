import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { setParam, useAddress } from "../../shared/params";

/** The two pages of the room, and their days. */
export function Head({ children }: { children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="cs-filters">
      <nav className="fl-tabs" aria-label={t("flow.title")}>
        <NavLink to="/flow" className="fl-tab">{t("flow.title")}</NavLink>
        <NavLink to="/speed" className="fl-tab">{t("speed.title")}</NavLink>
      </nav>
      <Days first="since" last="until" label={t("flow.period")} />
      {children}
    </div>
  );
}

/** Two days in the address. */
export function Days({ first, last, label }: { first: string; last: string; label: string }) {
  const { t } = useTranslation();
  const [params, change] = useAddress();
  const day = (key: string, name: string) => (
    <input type="date" className="fl-day" value={params.get(key) ?? ""} aria-label={`${label} ${name}`} data-testid={`flow-${key}`}
      onChange={(event) => change((now) => setParam(now, key, event.target.value || undefined))} />
  );
  return (
    <span className="fl-days">
      <span className="sw-small sw-quiet">{label}</span> {day(first, t("flow.first"))} {t("flow.until")} {day(last, t("flow.last"))}
    </span>
  );
}
