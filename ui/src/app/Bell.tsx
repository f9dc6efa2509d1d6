import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { notifyKeys, unreadQuery } from "../api/notifications";
import { openRoom } from "../i18n";
import { useLiveEntries } from "../live/LiveProvider";
import { useAlarm } from "./alarm";
import { BellIcon } from "./icons";
import { Menu } from "./Menu";
import { useSession } from "./session";

/** However much happens, the bell asks this seldom (milliseconds). */
const QUIET_MS = 5_000;
const Panel = lazy(async () => {
  const [found] = await Promise.all([import("./BellPanel"), openRoom("notify")]);
  return found;
});

/** What may have brought the viewer a message, or taken one up. */
const NEWS = new Set(["case.sent_back", "case.started", "notify.acknowledged", "directive.given", "directive.reported", "directive.sent_back", "incident.opened"]);
const NONE: readonly string[] = [];

/** Asks again when a case came to the viewer's unit, a few seconds apart at least. */
function useNews(): void {
  const client = useQueryClient();
  const { unit } = useSession();
  const timer = useRef(0);
  const asked = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useLiveEntries((entry) => {
    const mine = entry?.action === "case.dispatched" ? entry.data["unit"] === unit.code : entry !== null && NEWS.has(entry.action);
    if ((entry !== null && !mine) || timer.current) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      asked.current = Date.now();
      void client.invalidateQueries({ queryKey: notifyKeys.all });
    }, Math.max(0, asked.current + QUIET_MS - Date.now()));
  });
}

/** How much is unread; a click lists it. */
export function Bell() {
  const { t } = useTranslation();
  const { data } = useQuery(unreadQuery);
  useNews();
  const unread = data?.unread ?? 0;
  const most = data?.unread_most ?? 0;
  const sounding = data?.sounding ?? NONE;
  const alarm = useAlarm(sounding);
  const shown = unread >= most ? `${most - 1}+` : String(unread);
  const label = (
    <span className={sounding.length > 0 ? "fr-bell fr-bell-urgent" : "fr-bell"} data-testid="bell-alarm" data-alarm={alarm.state}>
      <BellIcon />
      {unread > 0 ? <span className="fr-bell-count sw-num" data-testid="unread">{shown}</span> : null}
    </span>
  );
  const title = sounding.length > 0 ? t("top.bell_urgent", { count: sounding.length }) : unread > 0 ? t("top.bell_unread", { unread: shown }) : t("top.bell");
  return (
    <>
      {alarm.state === "blocked" ? (
        <button type="button" className="sw-plain fr-sound sw-small" data-testid="sound-blocked" title={t("top.sound_hint")} onClick={alarm.retry}>{t("top.sound_blocked")}</button>
      ) : null}
      <Menu bare wide label={label} title={title} testId="bell">
        {(close) => <Suspense fallback={<p className="fr-menu-head sw-quiet">{t("common.loading")}</p>}><Panel close={close} /></Suspense>}
      </Menu>
    </>
  );
}
