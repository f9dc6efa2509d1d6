import { useEffect, useState } from "react";

/** Business time: what the server's clock says, carried forward at its speed. */
let base = { business: Date.now(), real: performance.now(), speed: 1 };
const listeners = new Set<() => void>();

export function setBusinessClock(now: string, speed?: number): void {
  const business = Date.parse(now);
  if (Number.isNaN(business)) return;
  base = { business, real: performance.now(), speed: speed ?? base.speed };
  listeners.forEach((tell) => tell());
}

/** So far the screen may be from the server before it is set right (milliseconds of real time). */
const DRIFT_MS = 1_500;

/** The same for a clock that may be changed while we look: small differences are the line's, and left alone. */
export function followBusinessClock(now: string, speed: number): void {
  const off = Math.abs(Date.parse(now) - businessNow());
  if (speed !== base.speed || off > DRIFT_MS * Math.max(1, speed)) setBusinessClock(now, speed);
}

export function businessNow(): number {
  return base.business + (performance.now() - base.real) * base.speed;
}

/** What shows the time at the same pace ticks together: two clocks on one screen agree. */
const tickers = new Map<number, { timer: number; tells: Set<() => void> }>();

function onTick(every: number, tell: () => void): () => void {
  let ticker = tickers.get(every);
  if (!ticker) {
    const tells = new Set<() => void>();
    ticker = { timer: window.setInterval(() => tells.forEach((one) => one()), every), tells };
    tickers.set(every, ticker);
  }
  const { timer, tells } = ticker;
  tells.add(tell);
  listeners.add(tell);
  return () => {
    listeners.delete(tell);
    tells.delete(tell);
    if (tells.size > 0) return;
    window.clearInterval(timer);
    tickers.delete(every);
  };
}

/** Business time in ms, refreshed every `every` ms of real time. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(businessNow);
  useEffect(() => onTick(every, () => setNow(businessNow())), [every]);
  return now;
}
