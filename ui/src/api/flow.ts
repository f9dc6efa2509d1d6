import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Flow = Schemas["FlowPeriodView"];
export type FlowEdge = Schemas["FlowEdgeView"];
export type FlowLine = Schemas["FlowLineView"];
export type Speed = Schemas["SpeedView"];
export type SpeedLine = Schemas["SpeedLineView"];
export type SpeedRatio = Schemas["SpeedRatioView"];
export type SpeedReport = Schemas["SpeedReportView"];
export type Baseline = Schemas["BaselineView"];

/** Which cases: those that began on these days (none: the last 90), of one class, or that one unit had. */
export interface FlowCut { area: string; since?: string | undefined; until?: string | undefined; cls?: string | undefined; unit?: string | undefined }
export interface FlowFilter extends FlowCut { against_since?: string | undefined; against_until?: string | undefined }

export const flowQuery = (filter: FlowFilter) =>
  queryOptions({
    queryKey: ["flow", filter] as const,
    queryFn: ({ signal }) => take(api.GET("/api/v1/flow", { params: { query: filter }, signal })),
    staleTime: 60_000,
  });

/** An edge: from where (null: the beginning), to where, by which action (none: any). */
export interface EdgeAsked { source: FlowEdge["source"]; target: FlowEdge["target"]; action?: string | undefined }

export const flowBehindQuery = (cut: FlowCut, { source, target, action }: EdgeAsked) =>
  queryOptions({
    queryKey: ["flow", "behind", cut, source, target, action] as const,
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/flow/behind", { params: { query: { ...cut, target, action, ...(source ? { source } : {}) } }, signal })),
    staleTime: 60_000,
  });

/** Where the event log of the cut is fetched; a link, so that the browser saves it as it comes. */
export function exportAddress(cut: FlowCut, format: "xes" | "ocel"): string {
  const query = new URLSearchParams({ format });
  for (const [key, value] of Object.entries(cut)) if (value) query.set(key, value);
  return `/api/v1/flow/export?${query.toString()}`;
}

export interface SpeedFilter { area: string; since?: string | undefined; until?: string | undefined; end?: "reported" | "closed"; baseline?: number | undefined }

export const speedQuery = (filter: SpeedFilter) =>
  queryOptions({
    queryKey: ["speed", filter] as const,
    queryFn: ({ signal }) => take(api.GET("/api/v1/speed", { params: { query: filter }, signal })),
    staleTime: 60_000,
  });

export const speedBriefQuery = (area: string) =>
  queryOptions({
    queryKey: ["speed", "brief", area] as const,
    queryFn: ({ signal }) => take(api.GET("/api/v1/speed/brief", { params: { query: { area } }, signal })),
    staleTime: 600_000,
  });

export const freezeBaseline = (area: string, since: string, until: string): Promise<Baseline> =>
  take(api.POST("/api/v1/speed/baseline", { body: { area, since, until } }));
