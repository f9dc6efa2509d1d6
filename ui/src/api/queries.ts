import { infiniteQueryOptions, queryOptions, type QueryClient } from "@tanstack/react-query";
import { setBusinessClock } from "../shared/clock";
import { api, take, upload } from "./client";
import { Problem } from "./problem";
import type {
  ActionBody, ActionName, BulkBody, BulkResult, CasePage, CaseView, Import, MapBase, Pending, Session, UploadedFile,
  ForgetBody, Forgets, ForgetTarget, RevealBody, Revealed, Rotation,
} from "./types";

/** What a list of cases is filtered by; exactly what stands in the URL. */
export interface CaseFilter {
  area?: string; state?: string[]; unit?: string; category?: string; grid?: string;
  due?: string; back?: string; mine?: boolean; q?: string; opened?: string; closed?: string; sort?: string;
}

export const keys = {
  about: ["about"] as const,
  session: ["session"] as const,
  overview: (area: string) => ["overview", area] as const,
  map: (area: string) => ["map", area] as const,
  mapCases: (area: string) => ["map-cases", area] as const,
  caseLists: ["cases"] as const,
  cases: (filter: CaseFilter) => ["cases", filter] as const,
  case: (id: string) => ["case", id] as const,
  directory: (area: string) => ["directory", area] as const,
  // under "directory": a change of the roster shows at once
  onDuty: (area: string) => ["directory", area, "on-duty"] as const,
  mappings: ["mappings"] as const,
  imports: ["imports"] as const,
  personal: (id: string) => ["personal", id] as const,
  vault: ["vault"] as const,
  rotation: ["vault", "rotation"] as const,
  vaultUses: ["vault", "uses"] as const,
  quarantine: (id: string) => ["imports", id, "quarantine"] as const,
};

const minute = 60_000;

export const aboutQuery = queryOptions({
  queryKey: keys.about,
  queryFn: ({ signal }) => take(api.GET("/api/v1/about", { signal })),
  staleTime: 10 * minute,
});

/** null means that nobody is signed in. */
export async function fetchSession(): Promise<Session | null> {
  try {
    const session = await take(api.GET("/api/v1/session"));
    setBusinessClock(session.now, session.clock_speed);
    return session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export const overviewQuery = (area: string) =>
  queryOptions({
    queryKey: keys.overview(area),
    queryFn: ({ signal }) => take(api.GET("/api/v1/overview", { params: { query: { area } }, signal })),
    staleTime: minute,
  });

export const mapQuery = (area: string) =>
  queryOptions({
    queryKey: keys.map(area),
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/v1/map", { params: { query: { area } }, signal }))) as unknown as MapBase,
    staleTime: Infinity,
  });

export const mapCasesQuery = (area: string) =>
  queryOptions({
    queryKey: keys.mapCases(area),
    queryFn: ({ signal }) => take(api.GET("/api/v1/map/cases", { params: { query: { area } }, signal })),
    staleTime: minute,
  });

export const PAGE = 100;

export function fetchCases(filter: CaseFilter, cursor: string | null, signal?: AbortSignal): Promise<CasePage> {
  return take(api.GET("/api/v1/cases", { params: { query: { ...filter, cursor: cursor ?? undefined, limit: PAGE } }, signal }));
}

export const casesQuery = (filter: CaseFilter) =>
  infiniteQueryOptions({
    queryKey: keys.cases(filter),
    queryFn: ({ pageParam, signal }) => fetchCases(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // rows are patched in place by the live feed; a list never refetches by itself under the pointer
    staleTime: Infinity,
    refetchOnReconnect: false,
  });

export function fetchCase(id: string, signal?: AbortSignal): Promise<CaseView> {
  return take(api.GET("/api/v1/cases/{case_id}", { params: { path: { case_id: id } }, signal }));
}

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: keys.case(id), queryFn: ({ signal }) => fetchCase(id, signal), staleTime: 10_000 });

export const directoryQuery = (area: string) =>
  queryOptions({
    queryKey: keys.directory(area),
    queryFn: ({ signal }) => take(api.GET("/api/v1/directory", { params: { query: { area } }, signal })),
    staleTime: 10 * minute,
  });

/** People come and go by the hour: asked again every few minutes, and only while the page is looked at. */
export const onDutyQuery = (area: string) =>
  queryOptions({
    queryKey: keys.onDuty(area),
    queryFn: ({ signal }) => take(api.GET("/api/v1/directory/on-duty", { params: { query: { area } }, signal })),
    staleTime: 2 * minute,
    refetchInterval: 3 * minute,
  });

export const mappingsQuery = queryOptions({
  queryKey: keys.mappings,
  queryFn: ({ signal }) => take(api.GET("/api/v1/mappings", { signal })),
  staleTime: 10 * minute,
});

export const importsQuery = queryOptions({
  queryKey: keys.imports,
  queryFn: ({ signal }) => take(api.GET("/api/v1/imports", { signal })),
  staleTime: 5_000,
});

export const quarantineQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.quarantine(id),
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET("/api/v1/imports/{import_id}/quarantine", {
          params: { path: { import_id: id }, query: pageParam === null ? {} : { cursor: Number(pageParam) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

/** What the vault holds of a case; `version` because a note or signal more may hold more. */
export const personalQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: [...keys.personal(id), version] as const,
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/personal", { params: { path: { case_id: id } }, signal })),
    staleTime: minute,
  });

/** One value in the clear. It is kept by whoever shows it, never in a cache. */
export const reveal = (item: string, n: number, body: RevealBody): Promise<Revealed> =>
  take(api.POST("/api/v1/vault/fields/{item_id}/{n}/reveal", { params: { path: { item_id: item, n } }, body }));

export const vaultQuery = queryOptions({
  queryKey: keys.vault,
  queryFn: ({ signal }) => take(api.GET("/api/v1/vault", { signal })),
});

export const rotationQuery = queryOptions({
  queryKey: keys.rotation,
  queryFn: ({ signal }) => take(api.GET("/api/v1/vault/rotation", { signal })),
});

export const vaultUsesQuery = queryOptions({
  queryKey: keys.vaultUses,
  queryFn: ({ signal }) => take(api.GET("/api/v1/vault/uses", { signal })),
});

export const startRotation = (): Promise<Rotation> => take(api.POST("/api/v1/vault/rotation"));
export const previewForget = (body: ForgetTarget): Promise<Forgets> => take(api.POST("/api/v1/vault/forget/preview", { body }));
export const forget = (body: ForgetBody): Promise<Forgets> => take(api.POST("/api/v1/vault/forget", { body }));

/** Another viewer, or none: nothing that the one before read stays. */
export function changeViewer(client: QueryClient, session: Session | null): void {
  if (session) setBusinessClock(session.now, session.clock_speed);
  client.removeQueries({ predicate: ({ queryKey: [root] }) => root !== "session" && root !== "about" });
  client.setQueryData(keys.session, session);
}

/** Signed in, or what the sign-in waits for. */
export type WentOn = Session | Pending;
export const isPending = (answer: WentOn): answer is Pending => "step" in answer;
export const signIn = (login: string, password: string): Promise<WentOn> =>
  take(api.POST("/api/v1/session", { body: { login, password } }));

export const signOut = (): Promise<unknown> => take(api.DELETE("/api/v1/session"));

export const act = (id: string, version: number, action: ActionName, body: ActionBody): Promise<CaseView | null> =>
  take(
    api.POST("/api/v1/cases/{case_id}/actions/{action}", {
      params: { path: { case_id: id, action }, header: { "if-match": `"${version}"` } },
      body,
    }),
  );

export const actOnMany = (action: ActionName, body: BulkBody): Promise<BulkResult> =>
  take(api.POST("/api/v1/cases/actions/{action}", { params: { path: { action } }, body }));

export function uploadPhoto(file: File, onProgress?: (share: number) => void, taken: object = {}): Promise<UploadedFile> {
  const form = new FormData();
  for (const [name, value] of Object.entries(taken)) form.set(name, String(value));
  form.set("file", file);
  return upload<UploadedFile>("/api/v1/files", form, onProgress);
}

export function startImport(file: File, mapping: string, onProgress?: (share: number) => void): Promise<Import> {
  const form = new FormData();
  form.set("mapping", mapping);
  form.set("file", file);
  return upload<Import>("/api/v1/imports", form, onProgress);
}
