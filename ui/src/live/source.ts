import { api, take } from "../api/client";
import type { Entry } from "../api/types";

export type LiveStatus = "live" | "connecting";
export type LiveEvent =
  | { kind: "status"; status: LiveStatus }
  | { kind: "hello"; seq: number; now: string }
  | { kind: "entry"; entry: Entry }
  | { kind: "reset" };
export type LiveSink = (event: LiveEvent) => void;

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/**
 * One EventSource that never gives up. The browser itself resumes a broken line by Last-Event-ID;
 * when it will not (the server answered with an error), a new one is opened after a growing pause,
 * and if entries were missed meanwhile the listeners hear `reset`.
 */
export function openSource(area: string, sink: LiveSink): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let wait = FIRST_WAIT;
  let lastSeq: number | null = null;
  let closed = false;

  function open(): void {
    const resume = lastSeq === null ? "" : `&after=${lastSeq}`;
    const mine = new EventSource(`/api/v1/live?area=${encodeURIComponent(area)}${resume}`);
    source = mine;
    mine.addEventListener("open", () => {
      wait = FIRST_WAIT;
      sink({ kind: "status", status: "live" });
    });
    mine.addEventListener("hello", (event) => {
      const hello = JSON.parse((event as MessageEvent<string>).data) as { seq: number; now: string };
      // What was missed since lastSeq follows the hello: only a first one may set it.
      lastSeq ??= hello.seq;
      sink({ kind: "hello", ...hello });
    });
    mine.addEventListener("entry", (event) => {
      const entry = JSON.parse((event as MessageEvent<string>).data) as Entry;
      lastSeq = Math.max(lastSeq ?? 0, entry.seq);
      sink({ kind: "entry", entry });
    });
    mine.addEventListener("reset", () => sink({ kind: "reset" }));
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

  open();
  window.addEventListener("online", hurry);
  return () => {
    closed = true;
    window.removeEventListener("online", hurry);
    window.clearTimeout(timer);
    source?.close();
  };
}
