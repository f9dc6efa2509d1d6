import type { Entry } from "../../api/types";

/** How many entries of `all` are newer than everything in `shown`. */
export function newerThan(all: readonly Entry[], shown: readonly Entry[]): number {
  const top = shown[0]?.seq ?? -1;
  let count = 0;
  while (count < all.length && all[count]!.seq > top) count += 1;
  return count;
}
