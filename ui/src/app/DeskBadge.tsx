import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { deskCountQuery, deskKeys } from "../api/desk";
import { useLiveEntries } from "../live/LiveProvider";
import { useArea } from "./session";

/** So long after a change the number is asked for again: one question for a whole import. */
const PAUSE_MS = 10_000;
const MOST = 99;

/** How many decisions wait at the triage desk. */
export function DeskBadge() {
  const { t } = useTranslation();
  const { area } = useArea();
  const client = useQueryClient();
  const { data } = useQuery({ ...deskCountQuery(area.code), enabled: area.code !== "" });
  const timer = useRef(0);
  useLiveEntries(() => {
    timer.current ||= window.setTimeout(() => {
      timer.current = 0;
      void client.invalidateQueries({ queryKey: deskKeys.count(area.code) });
    }, PAUSE_MS);
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const waiting = data ? data.count.value + data.asides_count.value : 0;
  if (waiting === 0) return null;
  return (
    <span className="fr-badge sw-num" data-testid="desk-badge" title={t("nav.desk_waiting", { count: waiting })}>
      {waiting > MOST ? `${MOST}+` : waiting}
    </span>
  );
}
