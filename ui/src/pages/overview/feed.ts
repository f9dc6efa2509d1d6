import type { Entry } from "../../api/types";

export const FEED_LENGTH = 60;

/** Newest first, each entry once, no longer than the panel needs. */
export function mergeFeed(old: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
  const known = new Set(old.map((e) => e.seq));
  const fresh = more.filter((e) => !known.has(e.seq));
  if (fresh.length === 0) return old;
  return [...fresh, ...old].sort((a, b) => b.seq - a.seq).slice(0, FEED_LENGTH);
}

/** How many entries of `all` are newer than everything in `shown`. */
export function newerThan(all: readonly Entry[], shown: readonly Entry[]): number {
  const top = shown[0]?.seq ?? -1;
  let count = 0;
  while (count < all.length && all[count]!.seq > top) count += 1;
  return count;
}
