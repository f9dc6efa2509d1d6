import { openSource, type LiveEvent, type LiveSink, type LiveStatus } from "./source";

type Message = LiveEvent | { kind: "who" };

/**
 * The same feed for all tabs of one viewer: whoever holds the lock opens the connection and passes
 * every event on. When that tab closes, the lock goes to another. Without Web Locks (plain http on
 * the intranet) each tab has a connection of its own.
 */
export function openShared(viewer: string, area: string, sink: LiveSink): () => void {
  if (!("locks" in navigator) || !("BroadcastChannel" in window)) return openSource(area, sink);

  const name = `streetwise.live.${viewer}.${area}`;
  const channel = new BroadcastChannel(name);
  const giveUp = new AbortController();
  let leading = false;
  let wasFollowing = false;
  let status: LiveStatus = "connecting";
  let stop: (() => void) | null = null;
  let release: () => void = () => {};

  channel.addEventListener("message", (event: MessageEvent<Message>) => {
    const message = event.data;
    if (message.kind === "who") {
      if (leading) channel.postMessage({ kind: "status", status } satisfies Message);
      return;
    }
    if (leading) return;
    wasFollowing = true;
    sink(message);
  });
  channel.postMessage({ kind: "who" } satisfies Message);

  navigator.locks
    .request(name, { signal: giveUp.signal }, () => {
      leading = true;
      // entries may have passed between the old leader's end and our start
      if (wasFollowing) sink({ kind: "reset" });
      stop = openSource(area, (event) => {
        if (event.kind === "status") status = event.status;
        sink(event);
        channel.postMessage(event satisfies Message);
      });
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    })
    .catch(() => {
      // given up before our turn came
    });

  return () => {
    giveUp.abort();
    stop?.();
    release();
    channel.close();
  };
}
