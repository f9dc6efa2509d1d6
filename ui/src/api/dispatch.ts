/** Dispatch of many, what may be done with several together, and who has a case open at the desk. */
import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { BulkOffers, Condition, DeskLock, DispatchBody, DispatchPreview, DispatchResult } from "./types";

export const dispatchKeys = {
  // under the lists: what changes a case makes them old
  preview: (area: string, ids: readonly string[]) => ["dispatch", area, ids] as const,
  // with versions: a case that has changed is asked anew
  offers: (which: readonly string[]) => ["offers", which] as const,
  locks: (area: string) => ["locks", area] as const,
  conditions: (category: string) => ["conditions", category] as const,
};

/** No ids: what waits in the area, the most urgent first. */
export const previewQuery = (area: string, ids: readonly string[]) =>
  queryOptions({
    queryKey: dispatchKeys.preview(area, ids),
    queryFn: ({ signal }): Promise<DispatchPreview> => take(api.POST("/api/v1/cases/dispatch/preview", { body: { area, ids: [...ids] }, signal })),
    staleTime: 0,
    gcTime: 0,
  });

export const dispatchEach = (body: DispatchBody): Promise<DispatchResult> => take(api.POST("/api/v1/cases/dispatch", { body }));

export const offersQuery = (cases: readonly { id: string; version: number }[]) =>
  queryOptions({
    queryKey: dispatchKeys.offers(cases.map(({ id, version }) => `${id} ${version}`)),
    queryFn: ({ signal }): Promise<BulkOffers> => take(api.POST("/api/v1/cases/offers", { body: { ids: cases.map(({ id }) => id) }, signal })),
    staleTime: 10_000,
  });

export const locksQuery = (area: string) =>
  queryOptions({
    queryKey: dispatchKeys.locks(area),
    queryFn: ({ signal }): Promise<DeskLock[]> => take(api.GET("/api/v1/desk/locks", { params: { query: { area } }, signal })).then(({ locks }) => locks),
    // one that nobody gives back is over by itself, which no entry tells
    staleTime: 10_000,
    refetchInterval: 30_000,
  });

export const takeLock = (id: string): Promise<DeskLock | null> => take(api.POST("/api/v1/cases/{case_id}/lock", { params: { path: { case_id: id } } }));
export const breakLock = (id: string): Promise<DeskLock | null> => take(api.POST("/api/v1/cases/{case_id}/lock/break", { params: { path: { case_id: id } } }));
export const freeLocks = async (): Promise<void> => {
  await take(api.DELETE("/api/v1/desk/locks"));
};

export const conditionsQuery = (category: string) =>
  queryOptions({
    queryKey: dispatchKeys.conditions(category),
    queryFn: ({ signal }): Promise<Condition[]> => take(api.GET("/api/v1/desk/conditions", { params: { query: { category } }, signal })),
    staleTime: 300_000,
  });
