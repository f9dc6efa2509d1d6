import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { components } from "./schema";

export type SystemState = components["schemas"]["SystemView"];
export type Letter = SystemState["letters"][number];

export const systemKey = ["system"] as const;
/** How long what is shown stays as it was read (milliseconds). */
const REFRESH_MS = 10_000;

export const systemQuery = queryOptions({
  queryKey: systemKey,
  queryFn: ({ signal }) => take(api.GET("/api/v1/system", { signal })),
  refetchInterval: REFRESH_MS,
});
export const retryJob = (id: number): Promise<unknown> =>
  take(api.POST("/api/v1/system/jobs/{job_id}/retry", { params: { path: { job_id: id } } }));
export const discardJob = (id: number): Promise<unknown> =>
  take(api.POST("/api/v1/system/jobs/{job_id}/discard", { params: { path: { job_id: id } } }));
