import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { Behind, Scores } from "./types";

export type ScoreGroup = "unit" | "community" | "class" | "channel";
/** What is asked for; without a month the one that runs, without rules those that were valid. */
export interface ScoreFilter { area: string; by: ScoreGroup; month?: string | undefined; rules?: string | undefined }

export const scoresQuery = (filter: ScoreFilter) =>
  queryOptions({
    queryKey: ["scores", filter] as const,
    queryFn: ({ signal }): Promise<Scores> => take(api.GET("/api/v1/scores", { params: { query: filter }, signal })),
    staleTime: 60_000,
  });

/** The cases behind a rate (none: what is left out), of one group or of all. */
export interface BehindFilter extends ScoreFilter { key?: string | undefined; rate: string | null }

export const behindQuery = ({ rate, ...filter }: BehindFilter) =>
  queryOptions({
    queryKey: ["scores", "behind", rate, filter] as const,
    queryFn: ({ signal }): Promise<Behind> =>
      rate === null
        ? take(api.GET("/api/v1/scores/excluded", { params: { query: filter }, signal }))
        : take(api.GET("/api/v1/scores/behind", { params: { query: { ...filter, rate } }, signal })),
    staleTime: 60_000,
  });
