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

export function businessNow(): number {
  return base.business + (performance.now() - base.real) * base.speed;
}

/** Business time in ms, refreshed every `every` ms of real time. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(businessNow);
  useEffect(() => {
    const tick = (): void => setNow(businessNow());
    const timer = window.setInterval(tick, every);
    listeners.add(tick);
    return () => {
      window.clearInterval(timer);
      listeners.delete(tick);
    };
  }, [every]);
  return now;
}
