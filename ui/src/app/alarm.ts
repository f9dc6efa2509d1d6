import { useEffect, useMemo, useState, useSyncExternalStore } from "react";

/** What is urgent and taken up by nobody sounds this often, and a silenced one is quiet this long (milliseconds). */
const EVERY_MS = 4_000;
export const SILENCE_MS = 5 * 60_000;
/** Two short tones, the second higher: heard across a room, and no siren. Hertz, seconds. */
const TONES = [[660, 0], [880, 0.22]] as const;
const TONE_SECONDS = 0.18;
const LOUDNESS = 0.12;

let context: AudioContext | undefined;

/** Sounds once. False: the browser forbids it until somebody has clicked or typed here. */
function ring(): boolean {
  context ??= new AudioContext();
  if (context.state !== "running") {
    // after a first click this is allowed, and the next time sounds
    void context.resume();
    return false;
  }
  for (const [hertz, after] of TONES) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const from = context.currentTime + after;
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
    gain.gain.linearRampToValueAtTime(0, from + TONE_SECONDS);
    tone.connect(gain).connect(context.destination);
    tone.start(from);
    tone.stop(from + TONE_SECONDS);
  }
  return true;
}

/** One by one, for a while, in this window: there is no silence for all, and none for ever. */
let silenced: ReadonlyMap<string, number> = new Map();
const listeners = new Set<() => void>();
function change(next: ReadonlyMap<string, number>): void {
  silenced = next;
  listeners.forEach((tell) => tell());
}
function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Keeps one quiet for some minutes; then it sounds again, unless somebody has taken it up. */
export function silence(id: string): void {
  change(new Map(silenced).set(id, Date.now() + SILENCE_MS));
  window.setTimeout(() => {
    const next = new Map(silenced);
    next.delete(id);
    change(next);
  }, SILENCE_MS);
}

export const useSilenced = (): ReadonlyMap<string, number> => useSyncExternalStore(subscribe, () => silenced);

/** "silent": nothing is urgent, or each is silenced; "blocked": it should sound, and the browser forbids it. */
export type Alarm = "silent" | "sounding" | "blocked";

/** Sounds as long as one of these is not silenced. */
export function useAlarm(ids: readonly string[]): { state: Alarm; retry: () => void } {
  const quiet = useSilenced();
  const loud = useMemo(() => ids.some((id) => !quiet.has(id)), [ids, quiet]);
  const [blocked, setBlocked] = useState(false);
  const retry = useMemo(() => () => setBlocked(!ring()), []);
  useEffect(() => {
    if (!loud) return undefined;
    const first = window.setTimeout(retry, 0);
    const timer = window.setInterval(retry, EVERY_MS);
    const heard = (): void => setBlocked(context?.state !== "running");
    context?.addEventListener("statechange", heard);
    return () => {
      window.clearTimeout(first);
      window.clearInterval(timer);
      context?.removeEventListener("statechange", heard);
    };
  }, [loud, retry]);
  return { state: loud ? (blocked ? "blocked" : "sounding") : "silent", retry };
}
