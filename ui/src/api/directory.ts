/** What the directory's pages ask of the server. */
import { infiniteQueryOptions, queryOptions, type QueryClient } from "@tanstack/react-query";
import { api, take, upload } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Kind = Schemas["KindView"];
export type Column = Schemas["ColumnView"];
export type DirectoryRecord = Schemas["RecordView"];
export type RecordPage = Schemas["RecordPage"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type FieldChange = Schemas["FieldChange"];
export type Change = Schemas["Change"];
export type Preview = Schemas["Preview"];
export type Effect = Schemas["Effect"];
export type EffectCount = Schemas["EffectCount"];
export type Touch = Schemas["Touch"];
export type Applied = Schemas["Applied"];

const ROOT = "directory-records";
const PAGE = 200;
/** Kinds that are shown whole (a tree, a matrix) are read page by page up to this. */
const WHOLE_MAX = 5_000;
const SHORT = 30_000;

/** An administrator has no area; the server then shows what belongs to none. */
const areaOf = (area: string): string | undefined => area || undefined;

export const kindsQuery = (area: string) =>
  queryOptions({
    queryKey: [ROOT, "kinds", area],
    queryFn: ({ signal }) => take(api.GET("/api/v1/directory/kinds", { params: { query: { area: areaOf(area) } }, signal })),
    staleTime: SHORT,
  });

/** `from`: only codes behind this one. */
export interface ListAsked { area: string; kind: string; q: string; ended: boolean; from?: string }

function fetchPage({ area, kind, q, ended }: ListAsked, after: string | null, limit: number, signal?: AbortSignal): Promise<RecordPage> {
  return take(
    api.GET("/api/v1/directory/records/{kind}", {
      params: { path: { kind }, query: { area: areaOf(area), q: q || undefined, ended, after: after ?? undefined, limit } },
      signal,
    }),
  );
}

export const recordsQuery = (asked: ListAsked) =>
  infiniteQueryOptions({
    queryKey: [ROOT, "list", asked],
    queryFn: ({ pageParam, signal }) => fetchPage(asked, pageParam, PAGE, signal),
    initialPageParam: (asked.from ?? null) as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: SHORT,
  });

/** Every record of a kind. */
export const wholeQuery = (area: string, kind: string) =>
  queryOptions({
    queryKey: [ROOT, "whole", area, kind],
    queryFn: async ({ signal }) => {
      const all: DirectoryRecord[] = [];
      let after: string | null = null;
      do {
        const page: RecordPage = await fetchPage({ area, kind, q: "", ended: false }, after, 500, signal);
        all.push(...page.items);
        after = page.next;
      } while (after && all.length < WHOLE_MAX);
      return all;
    },
    staleTime: SHORT,
  });

/** A few records for a field that is being typed into. */
export const someQuery = (area: string, kind: string, q: string) =>
  queryOptions({
    queryKey: [ROOT, "some", area, kind, q],
    queryFn: ({ signal }) => fetchPage({ area, kind, q, ended: false }, null, 20, signal),
    staleTime: SHORT,
  });

const at = (area: string, kind: string, code: string) => ({ path: { kind, code }, query: { area: areaOf(area) } });

export function fetchRecord(area: string, kind: string, code: string, signal?: AbortSignal): Promise<DirectoryRecord> {
  return take(api.GET("/api/v1/directory/records/{kind}/{code}", { params: at(area, kind, code), signal }));
}

export const recordQuery = (area: string, kind: string, code: string) =>
  queryOptions({
    queryKey: [ROOT, "one", area, kind, code],
    queryFn: ({ signal }) => fetchRecord(area, kind, code, signal),
    staleTime: SHORT,
  });

export const historyQuery = (area: string, kind: string, code: string) =>
  queryOptions({
    queryKey: [ROOT, "history", area, kind, code],
    queryFn: ({ signal }) => take(api.GET("/api/v1/directory/records/{kind}/{code}/history", { params: at(area, kind, code), signal })),
    staleTime: SHORT,
  });

export const previewChanges = (area: string, changes: Change[]): Promise<Preview> =>
  take(api.POST("/api/v1/directory/preview", { body: { area: area || null, changes } }));

export const makeChanges = (area: string, changes: Change[], reason: string, digest: string): Promise<Applied> =>
  take(api.POST("/api/v1/directory/changes", { body: { area: area || null, changes, reason, digest } }));

function folderForm(file: File, more: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  form.set("file", file);
  return form;
}

export const previewFolder = (file: File, onProgress?: (share: number) => void): Promise<Preview> =>
  upload<Preview>("/api/v1/directory/folder/preview", folderForm(file), onProgress);

export const applyFolder = (file: File, reason: string, digest: string): Promise<Applied> =>
  upload<Applied>("/api/v1/directory/folder", folderForm(file, { reason, digest }));

/** Everything of the directory is read afresh, also the names that other pages show. */
export function directoryChanged(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: ({ queryKey: [root] }) => root === ROOT || root === "directory" || root === "map" });
}

export const referencesQuery = (area: string, kind: string, code: string) =>
  queryOptions({
    queryKey: [ROOT, "references", area, kind, code],
    queryFn: ({ signal }) => take(api.GET("/api/v1/directory/references/{kind}/{code}", { params: at(area, kind, code), signal })),
    staleTime: SHORT,
  });

export type Responsible = Schemas["Responsible"];
export interface Asked { scheme?: string; code?: string; grid?: string; at?: string }

export const responsibleQuery = (area: string, asked: Asked) =>
  queryOptions({
    queryKey: [ROOT, "responsible", area, asked],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/directory/responsible", { params: { query: { ...asked, area: areaOf(area) } }, signal })),
    staleTime: 0,
  });

/** A file that the server makes: a folder as an archive, or a kind's records as a table. */
export async function download(path: "export" | "records", area: string, kind?: string): Promise<Blob> {
  const query = { area: areaOf(area) };
  if (path === "records" && kind)
    return take(api.GET("/api/v1/directory/records/{kind}.csv", { params: { path: { kind }, query }, parseAs: "blob" })) as Promise<Blob>;
  return take(api.GET("/api/v1/directory/export", { params: { query }, parseAs: "blob" })) as Promise<Blob>;
}
