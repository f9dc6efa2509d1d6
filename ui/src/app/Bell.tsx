import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { notifyKeys, unreadQuery } from "../api/notifications";
import { openRoom } from "../i18n";
import { useLiveEntries } from "../live/LiveProvider";
import { BellIcon } from "./icons";
import { Menu } from "./Menu";
import { useSession } from "./session";

/** However much happens, the bell asks this seldom (milliseconds). */
const QUIET_MS = 5_000;
const Panel = lazy(async () => {
  const [found] = await Promise.all([import("./BellPanel"), openRoom("notify")]);
  return found;
});

/** Asks again when a case came to the viewer's unit, a few seconds apart at least. */
function useNews(): void {
  const client = useQueryClient();
  const { unit } = useSession();
  const timer = useRef(0);
  const asked = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useLiveEntries((entry) => {
    const mine = entry?.action === "case.dispatched" ? entry.data["unit"] === unit.code : entry?.action === "case.sent_back";
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
  const shown = unread >= most ? `${most - 1}+` : String(unread);
  const label = (
    <span className="fr-bell">
      <BellIcon />
      {unread > 0 ? <span className="fr-bell-count sw-num" data-testid="unread">{shown}</span> : null}
    </span>
  );
  return (
    <Menu bare wide label={label} title={unread > 0 ? t("top.bell_unread", { unread: shown }) : t("top.bell")} testId="bell">
      {(close) => <Suspense fallback={<p className="fr-menu-head sw-quiet">{t("common.loading")}</p>}><Panel close={close} /></Suspense>}
    </Menu>
  );
}
