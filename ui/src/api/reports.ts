import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Reports = Schemas["ReportsView"];
export type ReportLine = Schemas["ReportLineView"];
export type WholeReport = Schemas["WholeReportView"];
export type ReportBlock = Schemas["ReportBlockView"];
export type ReportKind = ReportLine["kind"];
export type ReportForm = Schemas["ReportFileView"]["form"];

export const reportKeys = { all: ["reports"] as const };
/** A report that is being made is asked for again so soon (milliseconds). */
const MAKING_MS = 2_000;

export const reportsQuery = (area: string, kind: ReportKind | undefined) =>
  queryOptions({
    queryKey: [...reportKeys.all, area, kind ?? ""],
    queryFn: ({ signal }): Promise<Reports> => take(api.GET("/api/v1/reports", { params: { query: { area, kind } }, signal })),
    refetchInterval: (query) => (query.state.data?.items.some((one) => one.state === "waiting") ? MAKING_MS : false),
  });

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: [...reportKeys.all, "one", id],
    queryFn: ({ signal }): Promise<WholeReport> => take(api.GET("/api/v1/reports/{report_id}", { params: { path: { report_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.line.state === "waiting" ? MAKING_MS : false),
  });

export const orderReport = (kind: ReportKind, name: string, area: string): Promise<ReportLine> =>
  take(api.POST("/api/v1/reports", { body: { kind, name, area } }));

/** Where a file lies; the browser saves it under the name that the server gives. */
export const reportFile = (id: string, form: ReportForm): string => `/api/v1/reports/${id}/files/${form}`;
