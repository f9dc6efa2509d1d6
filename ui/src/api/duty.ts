import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Duty = Schemas["DutyView"];
export type DutyLine = Schemas["LogView"];
export type LineForm = Schemas["LogForm"];
export type Handover = Schemas["HandoverView"];
export type HandoverRow = Schemas["HandoverRow"];
export type OpenGroup = Schemas["GroupView"];
export type OpenItem = Schemas["ItemView"];
export type Directive = Schemas["DirectiveView"];
export type DirectiveAction = Directive["actions"][number];
export type CaseDirectives = Schemas["CaseDirectives"];
export type GiveForm = Schemas["DirectiveGiveForm"];
export type Incident = Schemas["IncidentView"];
export type Report = Schemas["ReportView"];

/** What stands under this is asked anew after every change of the room. */
export const dutyKeys = { all: ["duty"] as const };
/** Others write in the room too: who hears nothing live still sees it within this time (milliseconds). */
const REFRESH_MS = 60_000;

export const dutyQuery = (area: string) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "room", area],
    queryFn: ({ signal }) => take(api.GET("/api/v1/duty", { params: { query: { area } }, signal })),
    refetchInterval: REFRESH_MS,
  });
export const handoverQuery = (id: string) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "handover", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/duty/handovers/{handover_id}", { params: { path: { handover_id: id } }, signal })),
  });
export const writeLine = (body: LineForm): Promise<DutyLine> => take(api.POST("/api/v1/duty/log", { body }));
export const giveHandover = (area: string, text: string): Promise<Handover> => take(api.POST("/api/v1/duty/handovers", { body: { area, text } }));
export function signHandover(row: Pick<HandoverRow, "id" | "version">, how: "take" | "read"): Promise<Handover> {
  const params = { path: { handover_id: row.id }, header: { "if-match": `"${row.version}"` } };
  return how === "take"
    ? take(api.POST("/api/v1/duty/handovers/{handover_id}/take", { params }))
    : take(api.POST("/api/v1/duty/handovers/{handover_id}/read", { params }));
}

export interface DirectiveFilter { done?: boolean; late?: boolean; mine?: boolean }
export const directivesQuery = (area: string, filter: DirectiveFilter) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "directives", area, filter],
    queryFn: ({ signal }) => take(api.GET("/api/v1/directives", { params: { query: { area, ...filter } }, signal })),
    refetchInterval: REFRESH_MS,
  });
export const caseDirectivesQuery = (id: string) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "case-directives", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/directives", { params: { path: { case_id: id } }, signal })),
  });
export const giveDirective = (id: string, body: GiveForm): Promise<CaseDirectives> =>
  take(api.POST("/api/v1/cases/{case_id}/directives", { params: { path: { case_id: id } }, body }));
export function actOnDirective(one: Directive, action: DirectiveAction, text: string): Promise<Directive> {
  const given = { params: { path: { directive_id: one.id }, header: { "if-match": `"${one.version}"` } }, body: { text } };
  if (action === "report") return take(api.POST("/api/v1/directives/{directive_id}/report", given));
  if (action === "pass") return take(api.POST("/api/v1/directives/{directive_id}/pass", given));
  if (action === "return") return take(api.POST("/api/v1/directives/{directive_id}/return", given));
  return take(api.POST("/api/v1/directives/{directive_id}/withdraw", given));
}

export const incidentsQuery = (area: string) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "incidents", area],
    queryFn: ({ signal }) => take(api.GET("/api/v1/incidents", { params: { query: { area } }, signal })),
    refetchInterval: REFRESH_MS,
  });
export const caseIncidentQuery = (id: string) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "case-incident", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/incident", { params: { path: { case_id: id } }, signal })),
  });
export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: [...dutyKeys.all, "incident", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: id } }, signal })),
  });
export const openIncident = (id: string, level: number, happenedAt: string): Promise<Incident> =>
  take(api.POST("/api/v1/cases/{case_id}/incident", { params: { path: { case_id: id } }, body: { level, happened_at: happenedAt } }));

const held = (one: Incident) => ({ path: { incident_id: one.id }, header: { "if-match": `"${one.version}"` } });
export const writeReport = (one: Incident, text: string): Promise<Incident> =>
  take(api.POST("/api/v1/incidents/{incident_id}/report", { params: held(one), body: { text } }));
export const setLevel = (one: Incident, level: number): Promise<Incident> =>
  take(api.POST("/api/v1/incidents/{incident_id}/level", { params: held(one), body: { level } }));
export const endIncident = (one: Incident): Promise<Incident> => take(api.POST("/api/v1/incidents/{incident_id}/over", { params: held(one) }));
export const noteTold = (one: Incident, tell: string): Promise<Incident> => {
  const { path, header } = held(one);
  return take(api.POST("/api/v1/incidents/{incident_id}/tells/{tell_id}", { params: { path: { ...path, tell_id: tell }, header } }));
};
