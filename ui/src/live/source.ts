import { api, take } from "../api/client";
import type { Entry } from "../api/types";

export type LiveStatus = "live" | "connecting";
export type LiveEvent =
  | { kind: "status"; status: LiveStatus }
  | { kind: "hello"; seq: number; now: string; ping_seconds: number; refresh_seconds: number }
  | { kind: "pace"; refresh_seconds: number }
  | { kind: "beat" }
  | { kind: "entry"; entry: Entry }
  | { kind: "reset" };
export type LiveSink = (event: LiveEvent) => void;

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** So many pings that did not come mean that the line is dead, though nobody closed it. */
const PINGS_MISSED = 3;
const LOOK_EVERY = 5_000;
export const silenceOf = (pingSeconds: number): number => PINGS_MISSED * pingSeconds * 1_000;

/**
 * One EventSource that never gives up. The browser itself resumes a broken line by Last-Event-ID;
 * when it will not (the server answered with an error), a new one is opened after a growing pause,
 * and if entries were missed meanwhile the listeners hear `reset`. A line that is silent for too long
 * (a laptop that slept, a proxy that forgot it) is closed and opened anew. `after`: the entry that
 * the listeners have seen last, if they have seen any.
 */
export function openSource(area: string, sink: LiveSink, after: number | null = null): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let wait = FIRST_WAIT;
  let lastSeq: number | null = after;
  let closed = false;
  let heard = Date.now();
  let silence = silenceOf(LONGEST_WAIT / 1_000);

  function open(): void {
    const resume = lastSeq === null ? "" : `&after=${lastSeq}`;
    const mine = new EventSource(`/api/v1/live?area=${encodeURIComponent(area)}${resume}`);
    source = mine;
    heard = Date.now();
    mine.addEventListener("open", () => {
      heard = Date.now();
      wait = FIRST_WAIT;
      sink({ kind: "status", status: "live" });
    });
    mine.addEventListener("hello", (event) => {
      const hello = JSON.parse((event as MessageEvent<string>).data) as Omit<Extract<LiveEvent, { kind: "hello" }>, "kind">;
      heard = Date.now();
      silence = silenceOf(hello.ping_seconds);
      // What was missed since lastSeq follows the hello: only a first one may set it.
      lastSeq ??= hello.seq;
      sink({ kind: "hello", ...hello });
    });
    mine.addEventListener("entry", (event) => {
      heard = Date.now();
      const entry = JSON.parse((event as MessageEvent<string>).data) as Entry;
      lastSeq = Math.max(lastSeq ?? 0, entry.seq);
      sink({ kind: "entry", entry });
    });
    mine.addEventListener("reset", (event) => {
      heard = Date.now();
      lastSeq = (JSON.parse((event as MessageEvent<string>).data) as { seq: number }).seq;
      sink({ kind: "reset" });
    });
    mine.addEventListener("pace", (event) => {
      heard = Date.now();
      const pace = JSON.parse((event as MessageEvent<string>).data) as { refresh_seconds: number };
      sink({ kind: "pace", ...pace });
    });
    mine.addEventListener("ping", () => {
      heard = Date.now();
      sink({ kind: "beat" });
    });
    mine.addEventListener("error", () => {
      if (closed) return;
      sink({ kind: "status", status: "connecting" });
      if (mine.readyState !== EventSource.CLOSED) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(reopen, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  /** An EventSource cannot say that the session is over, so that is asked first. */
  function reopen(): void {
    take(api.GET("/api/v1/session")).catch(() => undefined).finally(() => {
      if (!closed) open();
    });
  }

  function hurry(): void {
    if (closed || source?.readyState !== EventSource.CLOSED) return;
    window.clearTimeout(timer);
    wait = FIRST_WAIT;
    open();
  }

  /** By the wall clock: after a sleep the first look finds hours of silence. */
  function look(): void {
    if (closed || source?.readyState !== EventSource.OPEN || Date.now() - heard < silence) return;
    source.close();
    sink({ kind: "status", status: "connecting" });
    open();
  }

  open();
  const looking = window.setInterval(look, LOOK_EVERY);
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", look);
  return () => {
    closed = true;
    window.clearInterval(looking);
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("online", hurry);
    window.clearTimeout(timer);
    source?.close();
  };
}
