import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { PreventiveTask, WarnForecast, WarnNotes, WarnRounds, WarningPage, WarningView } from "./types";

export const warnKeys = { all: ["warn"] as const };
/** A night changes things once a day; while one is computed the page follows it. */
const EVERY = 60_000;

export interface WarningFilter { area: string; over?: boolean }

export const warningsQuery = (filter: WarningFilter) =>
  infiniteQueryOptions({
    queryKey: [...warnKeys.all, "warnings", filter] as const,
    queryFn: ({ pageParam, signal }): Promise<WarningPage> =>
      take(api.GET("/api/v1/warn/warnings", { params: { query: { ...filter, cursor: pageParam ?? undefined, limit: 50 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: EVERY,
  });

/** What is building up now: for the overview and its map. */
export const buildingQuery = (area: string) =>
  queryOptions({
    queryKey: [...warnKeys.all, "building", area] as const,
    queryFn: ({ signal }): Promise<WarningPage> =>
      take(api.GET("/api/v1/warn/warnings", { params: { query: { area, over: false, limit: 20 } }, signal })),
    refetchInterval: EVERY,
  });

export const warningQuery = (id: string) =>
  queryOptions({
    queryKey: [...warnKeys.all, "warning", id] as const,
    queryFn: ({ signal }): Promise<WarningView> => take(api.GET("/api/v1/warn/warnings/{warning_id}", { params: { path: { warning_id: id } }, signal })),
  });

export const notesQuery = (area: string) =>
  queryOptions({
    queryKey: [...warnKeys.all, "notes", area] as const,
    queryFn: ({ signal }): Promise<WarnNotes> => take(api.GET("/api/v1/warn/notes", { params: { query: { area } }, signal })),
  });

export type Horizon = "1" | "7" | "28";

export const forecastQuery = (area: string, days: Horizon) =>
  queryOptions({
    queryKey: [...warnKeys.all, "forecast", area, days] as const,
    queryFn: ({ signal }): Promise<WarnForecast> => take(api.GET("/api/v1/warn/forecast", { params: { query: { area, days } }, signal })),
  });

export const roundsQuery = (area: string) =>
  queryOptions({
    queryKey: [...warnKeys.all, "rounds", area] as const,
    queryFn: ({ signal }): Promise<WarnRounds> => take(api.GET("/api/v1/warn/rounds", { params: { query: { area } }, signal })),
    refetchInterval: EVERY,
  });

export const agree = (task: PreventiveTask): Promise<PreventiveTask> =>
  take(api.POST("/api/v1/warn/rounds/{task_id}/agree", { params: { path: { task_id: task.id }, header: { "if-match": `"${task.version}"` } } }));
