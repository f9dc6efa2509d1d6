import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { breakLock, dispatchKeys, freeLocks, locksQuery, takeLock } from "../api/dispatch";
import type { DeskLock } from "../api/types";
import { useArea, useCan } from "../app/session";
import { useLiveEntries } from "../live/LiveProvider";
import { Sentence } from "./Blank";
import { useTimes } from "./time";

/** Cases that others have open, by id; kept fresh by the entries of taking and giving back. */
export function useLocks(on = true): ReadonlyMap<string, DeskLock> {
  const { area } = useArea();
  const client = useQueryClient();
  const locks = useQuery({ ...locksQuery(area.code), enabled: on }).data;
  useLiveEntries((entry) => {
    if (!entry || entry.action.startsWith("desk.")) void client.invalidateQueries({ queryKey: dispatchKeys.locks(area.code) });
  });
  return new Map((locks ?? []).filter(({ mine }) => !mine).map((lock) => [lock.case, lock]));
}

/** Who decides at a desk. */
export function useDecides(): boolean {
  const can = useCan();
  return can("case.accept") || can("case.dispatch") || can("case.correct");
}

/** Well before a lock is over by itself it is taken again, while the case stays open. */
const AGAIN_MS = 120_000;

/** Says that the viewer has this case open, as long as it is; null: none. */
export function useHoldCase(id: string | null): void {
  const { area } = useArea();
  const client = useQueryClient();
  const decides = useDecides();
  useEffect(() => {
    if (!decides || id === null) return undefined;
    // Nobody is held up where this fails: a lock is a courtesy.
    const hold = (): void => void takeLock(id).then(() => client.invalidateQueries({ queryKey: dispatchKeys.locks(area.code) }), () => undefined);
    hold();
    const timer = window.setInterval(hold, AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [id, decides, client, area.code]);
  const holds = id !== null;
  useEffect(() => {
    if (!decides || !holds) return undefined;
    return () => void freeLocks().catch(() => undefined);
  }, [decides, holds]);
}

/** Somebody else has this case open. */
export function LockNotice({ lock }: { lock: DeskLock | undefined }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const times = useTimes();
  const client = useQueryClient();
  const decides = useDecides();
  const over = useMutation({
    mutationFn: (id: string) => breakLock(id),
    onSettled: () => client.invalidateQueries({ queryKey: dispatchKeys.locks(area.code) }),
  });
  if (!lock) return null;
  return (
    <Sentence tone="amber">
      <span data-testid="desk-lock" title={t("lock.hint")}>{t("lock.by", { by: lock.by, at: times.time(lock.taken_at) })}</span>
      {decides ? <Button size="small" loading={over.isPending} data-testid="break-lock" onClick={() => over.mutate(lock.case)}>{t("lock.break")}</Button> : null}
    </Sentence>
  );
}
