import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { SavedViews } from "./types";

export const savedViewsQuery = queryOptions({
  queryKey: ["views"] as const,
  queryFn: ({ signal }): Promise<SavedViews> => take(api.GET("/api/v1/views", { signal })),
  staleTime: 60_000,
});

export const saveView = (area: string, name: string, query: string, shared: boolean): Promise<SavedViews> =>
  take(api.POST("/api/v1/views", { body: { area, name, query, shared } }));

export const removeView = (id: string): Promise<SavedViews> => take(api.DELETE("/api/v1/views/{view_id}", { params: { path: { view_id: id } } }));
