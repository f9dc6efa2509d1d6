import { openSource, silenceOf, type LiveEvent, type LiveSink, type LiveStatus } from "./source";

type Message = LiveEvent | { kind: "who" };

const LOOK_EVERY = 5_000;
/** Until the leader has said how often it pings (seconds). */
const FIRST_PING = 30;

/**
 * The same feed for all tabs of one viewer: whoever holds the lock opens the connection and passes
 * every event on. When that tab closes, the lock goes to another, which goes on behind the last
 * entry that it was told of; when that tab only falls silent (frozen by the browser), another one
 * takes the lock from it. Without Web Locks (plain http on the intranet) each tab has a connection
 * of its own.
 */
export function openShared(viewer: string, area: string, sink: LiveSink): () => void {
  if (!("locks" in navigator) || !("BroadcastChannel" in window)) return openSource(area, sink);

  const name = `streetwise.live.${viewer}.${area}`;
  const channel = new BroadcastChannel(name);
  let leading = false;
  let closed = false;
  let lastSeq: number | null = null;
  let heard = Date.now();
  let silence = silenceOf(FIRST_PING);
  let status: LiveStatus = "connecting";
  let waiting = new AbortController();
  let stop: (() => void) | null = null;
  let release: () => void = () => {};

  function note(event: LiveEvent): void {
    if (event.kind === "hello") {
      silence = silenceOf(event.ping_seconds);
      lastSeq ??= event.seq;
    }
    if (event.kind === "entry") lastSeq = Math.max(lastSeq ?? 0, event.entry.seq);
    if (event.kind === "status") status = event.status;
  }

  channel.addEventListener("message", (event: MessageEvent<Message>) => {
    const message = event.data;
    if (message.kind === "who") {
      if (leading) channel.postMessage({ kind: "status", status } satisfies Message);
      return;
    }
    if (leading) return;
    heard = Date.now();
    note(message);
    sink(message);
  });
  channel.postMessage({ kind: "who" } satisfies Message);

  function lead(): Promise<void> {
    leading = true;
    stop = openSource(area, (event) => {
      note(event);
      sink(event);
      channel.postMessage(event satisfies Message);
    }, lastSeq);
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  }

  function step(options: LockOptions): void {
    navigator.locks.request(name, options, lead).catch(() => {
      // given up before our turn came, or the lock was taken from us: then we follow again
      if (closed || !leading) return;
      leading = false;
      stop?.();
      stop = null;
      heard = Date.now();
      wait();
    });
  }

  function wait(): void {
    waiting = new AbortController();
    step({ signal: waiting.signal });
  }
  wait();

  /** The leader is there and says nothing: its tab sleeps. */
  const looking = window.setInterval(() => {
    if (leading || document.visibilityState !== "visible" || Date.now() - heard < silence) return;
    heard = Date.now();
    waiting.abort();
    step({ steal: true });
  }, LOOK_EVERY);

  return () => {
    closed = true;
    window.clearInterval(looking);
    waiting.abort();
    stop?.();
    release();
    channel.close();
  };
}
