import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Entry } from "../api/types";
import { useArea, useCan, useSession } from "../app/session";
import { setBusinessClock } from "../shared/clock";
import { Applier } from "./apply";
import { openShared } from "./shared";
import type { LiveStatus } from "./source";

type EntryListener = (entry: Entry | null) => void;
interface Live { status: LiveStatus | "off"; listen: (listener: EntryListener) => () => void }

const LiveContext = createContext<Live>({ status: "connecting", listen: () => () => {} });

/** One feed for everything under it; keeps the query caches fresh. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { staff } = useSession();
  const can = useCan();
  const on = can("case.read");
  const { area } = useArea();
  const [status, setStatus] = useState<LiveStatus>("connecting");
  const listeners = useRef(new Set<EntryListener>());

  useEffect(() => {
    if (!on) return;
    const applier = new Applier(client, area.code);
    // an import brings thousands of entries; they are applied a few times a second
    let waiting: Entry[] = [];
    let timer = 0;
    const flush = (): void => {
      timer = 0;
      const entries = waiting;
      waiting = [];
      applier.entries(entries);
      for (const entry of entries) listeners.current.forEach((tell) => tell(entry));
    };
    const close = openShared(staff.id, area.code, (event) => {
      if (event.kind === "status") setStatus(event.status);
      if (event.kind === "hello" || event.kind === "pace") applier.refreshSeconds = event.refresh_seconds;
      if (event.kind === "hello") setBusinessClock(event.now);
      else if (event.kind === "entry") {
        waiting.push(event.entry);
        timer ||= window.setTimeout(flush, 200);
      } else if (event.kind === "reset") {
        applier.reset();
        listeners.current.forEach((tell) => tell(null));
      }
    });
    return () => {
      close();
      window.clearTimeout(timer);
      applier.stop();
    };
  }, [client, on, staff.id, area.code]);

  const live = useMemo<Live>(
    () => ({
      status: on ? status : "off",
      listen: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [on, status],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** "off" for a viewer whose role has no feed. */
export function useLiveStatus(): LiveStatus | "off" {
  return useContext(LiveContext).status;
}

/** Hears every entry; null means that some were missed and what is shown may be old. */
export function useLiveEntries(listener: EntryListener): void {
  const { listen } = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => listen((entry) => latest.current(entry)), [listen]);
}
