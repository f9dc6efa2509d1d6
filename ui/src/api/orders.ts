import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { CallForm, Hints, Order, OrderAction, OrderPage, OrderState, Registered, UpstreamForm } from "./types";

/** What a list of work orders is filtered by; exactly what stands in the URL. */
export interface OrderFilter { area: string; state?: OrderState[]; attention?: boolean; due?: string; check?: string; q?: string; urged?: boolean; contact?: boolean }

export const orderLists = ["orders"] as const;
const PAGE = 100;

export const ordersQuery = (filter: OrderFilter) =>
  infiniteQueryOptions({
    queryKey: [...orderLists, filter] as const,
    queryFn: ({ pageParam, signal }): Promise<OrderPage> =>
      take(api.GET("/api/v1/orders", { params: { query: { ...filter, cursor: pageParam ?? undefined, limit: PAGE } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 30_000,
    refetchOnReconnect: false,
  });

/** Takes an action on the version of the order that is shown. */
export function actOnOrder(order: Order, action: OrderAction, text: string): Promise<Order> {
  const params = { path: { order_id: order.id }, header: { "if-match": `"${order.version}"` } };
  if (action === "retract") return take(api.POST("/api/v1/orders/{order_id}/retract", { params }));
  if (action === "acknowledge") return take(api.POST("/api/v1/orders/{order_id}/acknowledge", { params }));
  if (action === "exclude") return take(api.POST("/api/v1/orders/{order_id}/exclude", { params, body: { text } }));
  return take(api.POST("/api/v1/orders/{order_id}/answer", { params, body: { text } }));
}

/** Contests an order upstream, on one of the listed grounds. */
export const contestOrder = (order: Order, ground: string, text: string, photos: string[]): Promise<Order> =>
  take(api.POST("/api/v1/orders/{order_id}/contest", {
    params: { path: { order_id: order.id }, header: { "if-match": `"${order.version}"` } },
    body: { ground, text, photos },
  }));

/** The reply in the platform's own form, to be copied. */
export const fetchForm = (order: Order): Promise<UpstreamForm> =>
  take(api.GET("/api/v1/orders/{order_id}/form", { params: { path: { order_id: order.id } } }));

interface Typed { area: string; text: string; place: string; place_code: string | null; category: string | null }

/** What fits what has been typed so far. In a body: what people say belongs in no address. */
export const fetchHints = (typed: Typed, signal: AbortSignal): Promise<Hints> =>
  take(api.POST("/api/v1/signals/phone/hints", { body: typed, signal }));

export const registerCall = (form: CallForm): Promise<Registered> => take(api.POST("/api/v1/signals/phone", { body: form }));
