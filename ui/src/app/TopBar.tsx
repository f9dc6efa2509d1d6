import { lazy, memo, Suspense, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { openRoom } from "../i18n";
import { useLiveStatus } from "../live/LiveProvider";
import { useNow } from "../shared/clock";
import { useTimes } from "../shared/time";
import { Bell } from "./Bell";
import { TickIcon } from "./icons";
import { Menu, MenuItem } from "./Menu";
import { OnDuty } from "./OnDuty";
import { SearchBox } from "./SearchBox";
import { useArea, useCan, useSession } from "./session";
import { StandInBar } from "./StandInBar";
import { ViewerMenu } from "./ViewerMenu";

/** Only a demo has it, so only a demo loads it. */
const DemoControl = lazy(async () => {
  const [found] = await Promise.all([import("./DemoControl"), openRoom("demo")]);
  return found;
});

const Clock = memo(function Clock() {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(1000);
  return (
    <div className="fr-clock" title={t("top.clock")}>
      <span className="fr-clock-date sw-small sw-quiet sw-num">{times.date(now)}</span>
      <span className="sw-num">{times.seconds(now)}</span>
    </div>
  );
});

function subscribeOnline(tell: () => void): () => void {
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  return () => {
    window.removeEventListener("online", tell);
    window.removeEventListener("offline", tell);
  };
}

/** Whether news arrives: a small green dot, or a word in amber. It never moves the page. */
function LiveDot() {
  const { t } = useTranslation();
  const line = useLiveStatus();
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  if (line === "off") return null;
  const status = online ? line : "offline";
  return (
    <div className={`fr-live fr-live-${status} sw-small`} role="status" data-testid="live-status" data-status={status} title={t(`top.${status}_hint`)}>
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        {status === "live" ? <circle cx="4" cy="4" r="3.4" fill="currentColor" /> : <circle cx="4" cy="4" r="3" fill="none" stroke="currentColor" strokeWidth="1.5" />}
      </svg>
      <span className={status === "live" ? "fr-wide" : undefined}>{t(`top.${status}`)}</span>
    </div>
  );
}

function AreaName() {
  const { t, i18n } = useTranslation();
  const { area, areas, setArea } = useArea();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const pick = (code: string): void => {
    setArea(code);
    // a list's filters belong to its area
    if (pathname.startsWith("/cases")) void navigate(`/cases?state=open&area=${encodeURIComponent(code)}`);
  };
  const nameOf = (one: typeof area): string => (i18n.language === "en" && one.name_en ? one.name_en : one.name) || t("app.name");
  if (areas.length < 2) return <div className="fr-area sw-cut">{nameOf(area)}</div>;
  return (
    <Menu label={<span className="fr-area sw-cut">{nameOf(area)}</span>} title={t("top.area")} testId="area-switch">
      {(close) =>
        areas.map((one) => (
          <MenuItem key={one.code} on={one.code === area.code}
            onPick={() => {
              pick(one.code);
              close();
            }}>
            {nameOf(one)}
            {one.code === area.code ? <TickIcon /> : null}
          </MenuItem>
        ))
      }
    </Menu>
  );
}

export function TopBar() {
  const { t } = useTranslation();
  const { demo } = useSession();
  const can = useCan();
  return (
    <header className="fr-top">
      <AreaName />
      {demo ? <Suspense fallback={<span className="fr-demo sw-small" title={t("top.demo_hint")}>{t("top.demo")}</span>}><DemoControl /></Suspense> : null}
      {can("case.read") ? <SearchBox /> : <span className="fr-fill" />}
      <StandInBar />
      <OnDuty />
      <LiveDot />
      <Clock />
      <Bell />
      <ViewerMenu />
    </header>
  );
}
