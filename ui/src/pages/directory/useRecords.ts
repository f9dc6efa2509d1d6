import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { recordsQuery, wholeQuery, type DirectoryRecord } from "../../api/directory";
import { useArea } from "../../app/session";
import { useNow } from "../../shared/clock";
import { isByDay, isWhole } from "./kinds";

export interface RecordList {
  rows: readonly DirectoryRecord[];
  /** How far in a record stands, where they make a tree. */
  depth: ReadonlyMap<string, number>;
  pending: boolean; stale: boolean; error: unknown; hasMore: boolean; loadingMore: boolean; moreFailed: boolean;
  more: () => void; retry: () => void;
}

const flat: ReadonlyMap<string, number> = new Map();

/** The records that are looked for: page by page, or the whole kind where its order says something. */
export function useRecords(kind: string, q: string, ended: boolean): RecordList {
  const { area } = useArea();
  const whole = isWhole(kind) && !q && !ended;
  const now = useNow(MINUTE_MS);
  const from = isByDay(kind) && !q && !ended ? dayBefore(now, area.timezone) : undefined;
  const asked = useMemo(() => ({ area: area.code, kind, q, ended, from }), [area.code, kind, q, ended, from]);
  const paged = useInfiniteQuery({ ...recordsQuery(asked), enabled: !whole, placeholderData: (previous) => previous });
  const all = useQuery({ ...wholeQuery(area.code, kind), enabled: whole });
  const tree = useMemo(() => (whole && kind === "unit" ? treeOf(all.data ?? []) : null), [whole, kind, all.data]);
  const rows = useMemo(
    () => (whole ? (tree?.rows ?? all.data ?? []) : (paged.data?.pages.flatMap(({ items }) => items) ?? [])),
    [whole, tree, all.data, paged.data],
  );
  const { fetchNextPage } = paged;
  const more = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const query = whole ? all : paged;
  return {
    rows, depth: tree?.depth ?? flat, pending: query.isPending, stale: !whole && paged.isPlaceholderData, error: query.error,
    hasMore: !whole && paged.hasNextPage, loadingMore: paged.isFetchingNextPage, moreFailed: paged.isFetchNextPageError,
    more, retry: () => void query.refetch(),
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Yesterday by the area's own calendar: a night of yesterday may still run. */
function dayBefore(now: number, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(now - DAY_MS);
}

const TIERS = ["district", "street", "community", "department", "team", "outside"];

/** Units below the unit they belong to; beside each other by tier, then by code. */
export function treeOf(units: readonly DirectoryRecord[]): { rows: DirectoryRecord[]; depth: ReadonlyMap<string, number> } {
  const known = new Set(units.map(({ code }) => code));
  const below = new Map<string | null, DirectoryRecord[]>();
  for (const unit of units) {
    const parent = unit.values["parent"];
    const under = typeof parent === "string" && known.has(parent) && parent !== unit.code ? parent : null;
    below.set(under, [...(below.get(under) ?? []), unit]);
  }
  const rank = (unit: DirectoryRecord): number => TIERS.indexOf(String(unit.values["tier"]));
  const rows: DirectoryRecord[] = [];
  const depth = new Map<string, number>();
  const add = (parent: string | null, level: number): void => {
    for (const unit of (below.get(parent) ?? []).toSorted((a, b) => rank(a) - rank(b))) {
      if (depth.has(unit.code)) continue;
      depth.set(unit.code, level);
      rows.push(unit);
      add(unit.code, level + 1);
    }
  };
  add(null, 0);
  // what hangs in a circle is shown all the same, so that it can be mended
  for (const unit of units) if (!depth.has(unit.code)) rows.push(unit);
  return { rows, depth };
}
