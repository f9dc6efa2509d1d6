import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Nature = Schemas["NatureView"];
export type NatureWord = Nature["nature"];
export type Hazard = Schemas["HazardView"];
export type HazardOrder = Schemas["HazardOrderView"];
export type HazardOffer = Schemas["HazardOffer"];
export type HazardForm = Schemas["HazardForm"];
export type HazardMonths = Schemas["MonthsView"];
export type HazardWhat = "found" | "rectified" | "written_off" | "open" | "overdue";
export type Dispute = Schemas["DisputeView"];
export type DisputeOffer = Schemas["DisputeOffer"];
export type DisputeForm = Schemas["DisputeForm"];
export type PartyForm = Schemas["PartyForm"];
export type Colour = Dispute["colour"];

/** What stands under this is asked anew after every change of a nature, a hazard or a dispute. */
export const natureKeys = { all: ["natures"] as const };

const ofCase = (id: string) => ({ path: { case_id: id } });
const at = (id: string, version: number) => ({ ...ofCase(id), header: { "if-match": `"${version}"` } });

export const natureQuery = (id: string) =>
  queryOptions({
    queryKey: [...natureKeys.all, "nature", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/nature", { params: ofCase(id), signal })),
  });
export const sayNature = (id: string, version: number, nature: NatureWord): Promise<Nature> =>
  take(api.POST("/api/v1/cases/{case_id}/nature", { params: at(id, version), body: { nature } }));

export const hazardQuery = (id: string) =>
  queryOptions({
    queryKey: [...natureKeys.all, "hazard", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/hazard", { params: ofCase(id), signal })),
  });
export function actOnHazard(id: string, version: number, step: HazardOffer["action"], body: HazardForm): Promise<Hazard> {
  const known = at(id, version);
  return take(api.POST("/api/v1/cases/{case_id}/hazard/{step}", { params: { ...known, path: { ...known.path, step } }, body }));
}
export const hazardOrderQuery = (id: string) =>
  queryOptions({
    queryKey: [...natureKeys.all, "order", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/hazards/orders/{hazard_order_id}", { params: { path: { hazard_order_id: id } }, signal })),
  });
export const hazardMonthsQuery = (area: string) =>
  queryOptions({
    queryKey: [...natureKeys.all, "months", area],
    queryFn: ({ signal }) => take(api.GET("/api/v1/hazards/months", { params: { query: { area } }, signal })),
  });

export interface HazardFilter { area: string; what: HazardWhat; month: string; kind?: string; offset: number }
export const PAGE = 50;
export const hazardsQuery = (filter: HazardFilter) =>
  queryOptions({
    queryKey: [...natureKeys.all, "hazards", filter],
    queryFn: ({ signal }) => take(api.GET("/api/v1/hazards", { params: { query: { ...filter, limit: PAGE } }, signal })),
  });

export const disputeQuery = (id: string) =>
  queryOptions({
    queryKey: [...natureKeys.all, "dispute", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/dispute", { params: ofCase(id), signal })),
  });
export function actOnDispute(id: string, version: number, step: DisputeOffer["action"], body: DisputeForm): Promise<Dispute> {
  const known = at(id, version);
  return take(api.POST("/api/v1/cases/{case_id}/dispute/{step}", { params: { ...known, path: { ...known.path, step } }, body }));
}
export const addParty = (id: string, version: number, body: PartyForm): Promise<Dispute> =>
  take(api.POST("/api/v1/cases/{case_id}/dispute/parties", { params: at(id, version), body }));

export interface DisputeFilter { area: string; ended: boolean; colour?: Colour; offset: number }
export const disputesQuery = (filter: DisputeFilter) =>
  queryOptions({
    queryKey: [...natureKeys.all, "disputes", filter],
    queryFn: ({ signal }) => take(api.GET("/api/v1/disputes", { params: { query: { ...filter, limit: PAGE } }, signal })),
  });
