import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Notification = Schemas["NotificationView"];
export type NotifyPreferences = Schemas["PreferencesView"];
export type NotifyForm = Schemas["PreferencesForm"];
export type NotifyChannel = NotifyForm["channels"][string][number];
type Language = NotifyPreferences["language"];

export const notifyKeys = {
  all: ["notifications"] as const,
  unread: ["notifications", "unread"] as const,
  list: ["notifications", "list"] as const,
  preferences: ["notify-preferences"] as const,
};

/** Who hears nothing live still sees the bell within this time (milliseconds). */
const REFRESH_MS = 60_000;

export const unreadQuery = queryOptions({
  queryKey: notifyKeys.unread,
  queryFn: ({ signal }) => take(api.GET("/api/v1/notifications/unread", { signal })),
  refetchInterval: REFRESH_MS,
  refetchOnWindowFocus: true,
});

export const notificationsQuery = (language: string) =>
  infiniteQueryOptions({
    queryKey: [...notifyKeys.list, language],
    queryFn: ({ pageParam, signal }) =>
      take(api.GET("/api/v1/notifications", { params: { query: { language: language as Language, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // opening the panel asks anew
    staleTime: 0,
  });

export const readOne = (id: string): Promise<unknown> =>
  take(api.POST("/api/v1/notifications/{notification_id}/read", { params: { path: { notification_id: id } } }));
export const acknowledge = (id: string): Promise<unknown> =>
  take(api.POST("/api/v1/notifications/{notification_id}/ack", { params: { path: { notification_id: id } } }));
export const readUntil = (until: string): Promise<unknown> => take(api.POST("/api/v1/notifications/read", { body: { until } }));

export const preferencesQuery = (language: string) =>
  queryOptions({
    queryKey: [...notifyKeys.preferences, language],
    queryFn: ({ signal }) => take(api.GET("/api/v1/notify/preferences", { params: { query: { language: language as Language } }, signal })),
  });
export const savePreferences = (body: NotifyForm, language: string): Promise<NotifyPreferences> =>
  take(api.PUT("/api/v1/notify/preferences", { params: { query: { language: language as Language } }, body }));
export const sendTest = (): Promise<unknown> => take(api.POST("/api/v1/notify/test"));
