import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { Reconciliation, ReconcileKind, ReconcileLine, ReconcilePage } from "./types";

export const reconcileKeys = ["reconciliation"] as const;

/** The last comparison of both lists, by platform. */
export const reconciliationQuery = (area: string) =>
  queryOptions({
    queryKey: [...reconcileKeys, "runs", area] as const,
    queryFn: ({ signal }): Promise<Reconciliation> => take(api.GET("/api/v1/reconciliation", { params: { query: { area } }, signal })),
    staleTime: 30_000,
  });

export interface LineFilter { area: string; source?: string; kind?: ReconcileKind; state?: ReconcileLine["state"] }

export const linesQuery = (filter: LineFilter) =>
  infiniteQueryOptions({
    queryKey: [...reconcileKeys, "lines", filter] as const,
    queryFn: ({ pageParam, signal }): Promise<ReconcilePage> =>
      take(api.GET("/api/v1/reconciliation/lines", { params: { query: { ...filter, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 30_000,
  });

export const reconcileAgain = (area: string): Promise<Reconciliation> => take(api.POST("/api/v1/reconciliation", { body: { area } }));

export const explainLine = (line: ReconcileLine, because: string, text: string): Promise<ReconcileLine> =>
  take(api.POST("/api/v1/reconciliation/lines/{line_id}/explain", {
    params: { path: { line_id: line.id }, header: { "if-match": `"${line.version}"` } },
    body: { because, text },
  }));
