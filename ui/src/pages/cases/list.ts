import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { casesQuery, fetchCases, keys, type CaseFilter } from "../../api/queries";
import type { CasePage, CaseRow } from "../../api/types";
import { useLiveEntries } from "../../live/LiveProvider";

/** The list of a filter: rows in the order in which they were read, each once. */
export function useCaseList(filter: CaseFilter, enabled = true) {
  const query = useInfiniteQuery({ ...casesQuery(filter), enabled, placeholderData: (previous) => previous });
  const rows = useMemo(() => {
    const seen = new Set<string>();
    const all: CaseRow[] = [];
    for (const page of query.data?.pages ?? [])
      for (const row of page.items)
        if (!seen.has(row.id)) {
          seen.add(row.id);
          all.push(row);
        }
    return all;
  }, [query.data]);
  return { query, rows, count: query.data?.pages[0]?.count ?? undefined };
}

type CaseList = InfiniteData<CasePage, string | null>;
const PROBE_EVERY = 5_000;

/**
 * How many cases came in since the list was read; the list itself waits to be asked. A list of
 * "mine" cannot be judged from an entry, so its first page is asked for again, seldom.
 */
export function useNewCases(filter: CaseFilter, rows: CaseRow[]) {
  const client = useQueryClient();
  const seen = useRef(new Set<string>());
  const probe = useRef(0);
  const known = useRef(rows);
  const [count, setCount] = useState(0);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    known.current = rows;
  }, [rows]);
  useEffect(() => () => window.clearTimeout(probe.current), []);

  const isKnown = (id: string): boolean => known.current.some((row) => row.id === id);
  const add = (id: string): void => {
    seen.current.add(id);
    setCount(seen.current.size);
  };

  async function look(): Promise<void> {
    probe.current = 0;
    try {
      const page = await fetchCases(filter, null);
      for (const row of page.items) if (!isKnown(row.id)) add(row.id);
    } catch {
      // the next entry asks again
    }
  }

  useLiveEntries((entry) => {
    if (!entry || entry.subject.kind === "import") {
      setChanged(true);
      return;
    }
    const subject = entry.subject;
    if (subject.kind !== "case" || !subject.id || seen.current.has(subject.id) || isKnown(subject.id)) return;
    if (filter.mine) {
      probe.current ||= window.setTimeout(() => void look(), PROBE_EVERY);
      return;
    }
    if (entry.action !== "case.opened" || (filter.state && !filter.state.includes("received"))) return;
    add(subject.id);
  });

  const clear = useCallback(() => {
    seen.current.clear();
    setCount(0);
    setChanged(false);
  }, []);

  /** Reads the list afresh from its first page; what is shown stays until the answer is here. */
  const refresh = useCallback(async () => {
    clear();
    const queryKey = keys.cases(filter);
    client.setQueryData<CaseList>(queryKey, (list) =>
      list ? { pages: list.pages.slice(0, 1), pageParams: list.pageParams.slice(0, 1) } : list,
    );
    await client.invalidateQueries({ queryKey, exact: true });
  }, [client, filter, clear]);

  return { count, changed, refresh, clear };
}
