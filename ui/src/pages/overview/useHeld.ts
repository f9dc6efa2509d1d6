import { useState } from "react";

export interface Held<T> {
  shown: T;
  /** Something newer waits behind what is shown. */
  waiting: boolean;
  /** Show the newest now. */
  release: () => void;
}

/**
 * Keeps showing the same value while `held`, e.g. while the pointer is on a list: what somebody is about to click
 * must not move. The newest comes when the hold ends, or when asked for.
 */
export function useHeld<T>(value: T, held: boolean): Held<T> {
  const [kept, setKept] = useState(value);
  if (!held && kept !== value) setKept(value);
  const release = () => setKept(value);
  const shown = held ? kept : value;
  return { shown, waiting: shown !== value, release };
}
