/** The triage desk, merges, and what was understood of a case. */
import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { Correction, Desk, Learning, MergeReview, Opened, SplitDone, SplitPart, Understanding } from "./types";

export const deskKeys = {
  all: ["desk"] as const,
  desk: (area: string) => ["desk", area] as const,
  count: (area: string) => ["desk", area, "count"] as const,
  merges: (area: string) => ["merges", area] as const,
  learning: ["learning"] as const,
  // under the case: whatever changes the case changes this
  why: (id: string) => ["case", id, "why"] as const,
};

export const deskQuery = (area: string) =>
  queryOptions({
    queryKey: deskKeys.desk(area),
    queryFn: ({ signal }): Promise<Desk> => take(api.GET("/api/v1/desk", { params: { query: { area } }, signal })),
    staleTime: 5_000,
  });

/** How much waits, without what waits: for the rail. */
export const deskCountQuery = (area: string) =>
  queryOptions({
    queryKey: deskKeys.count(area),
    queryFn: ({ signal }): Promise<Desk> => take(api.GET("/api/v1/desk", { params: { query: { area, limit: 0 } }, signal })),
    staleTime: 20_000,
    refetchInterval: 60_000,
  });

export const mergesQuery = (area: string) =>
  queryOptions({
    queryKey: deskKeys.merges(area),
    queryFn: ({ signal }): Promise<MergeReview> => take(api.GET("/api/v1/merges", { params: { query: { area } }, signal })),
    staleTime: 5_000,
  });

export const learningQuery = queryOptions({
  queryKey: deskKeys.learning,
  queryFn: ({ signal }): Promise<Learning> => take(api.GET("/api/v1/learning", { signal })),
  staleTime: 60_000,
});

const fetchWhy = (id: string, signal?: AbortSignal): Promise<Understanding> =>
  take(api.GET("/api/v1/cases/{case_id}/understanding", { params: { path: { case_id: id } }, signal }));

export const whyQuery = (id: string) =>
  queryOptions({ queryKey: deskKeys.why(id), queryFn: ({ signal }) => fetchWhy(id, signal), staleTime: 10_000 });

/** The version that a case has now: a decision before this one may have changed it. */
export const versionOf = async (id: string): Promise<number> => (await fetchWhy(id)).version;

const on = (id: string, version: number) => ({ path: { case_id: id }, header: { "if-match": `"${version}"` } });

export const correctCase = (id: string, version: number, body: Correction): Promise<Understanding> =>
  take(api.POST("/api/v1/cases/{case_id}/correct", { params: on(id, version), body }));
export const mergeCase = (id: string, version: number, into: string): Promise<Opened> =>
  take(api.POST("/api/v1/cases/{case_id}/merge", { params: on(id, version), body: { into } }));
export const unmergeCase = (id: string, version: number): Promise<Opened> =>
  take(api.POST("/api/v1/cases/{case_id}/unmerge", { params: on(id, version) }));
export const separateVoice = (id: string, version: number, signalId: string, part: number): Promise<Opened> =>
  take(api.POST("/api/v1/cases/{case_id}/separate", { params: on(id, version), body: { signal_id: signalId, part } }));
export const splitCase = (id: string, version: number, parts: SplitPart[]): Promise<SplitDone> =>
  take(api.POST("/api/v1/cases/{case_id}/split", { params: on(id, version), body: { parts } }));
export const hangCase = (id: string, version: number, parent: string | null): Promise<Opened> =>
  take(api.POST("/api/v1/cases/{case_id}/parent", { params: on(id, version), body: { parent } }));

export const acceptOffer = (id: string): Promise<Opened> => take(api.POST("/api/v1/merge-offers/{offer_id}/accept", { params: { path: { offer_id: id } } }));
export const refuseOffer = (id: string): Promise<Opened> => take(api.POST("/api/v1/merge-offers/{offer_id}/refuse", { params: { path: { offer_id: id } } }));

const cause = (id: string) => ({ path: { offer_id: id } });
/** `parent` null: a case is opened for the cause. */
export const acceptCause = (id: string, parent: string | null): Promise<Opened> => take(api.POST("/api/v1/cause-offers/{offer_id}/accept", { params: cause(id), body: { parent } }));
export const refuseCause = (id: string): Promise<Opened> => take(api.POST("/api/v1/cause-offers/{offer_id}/refuse", { params: cause(id) }));
/** Takes either decision back; the offer stands again. */
export const undoCause = (id: string): Promise<Opened> => take(api.POST("/api/v1/cause-offers/{offer_id}/undo", { params: cause(id) }));

export const settleAside = (id: string): Promise<unknown> => take(api.POST("/api/v1/asides/{signal_id}/settle", { params: { path: { signal_id: id } } }));
export const openAside = (id: string): Promise<Opened> => take(api.POST("/api/v1/asides/{signal_id}/case", { params: { path: { signal_id: id } } }));
