import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, take, upload } from "./client";
import type { Cadence, CameraPage, CameraState, Catalogue, EvidenceList, Finding, FindingPage, Look, LookReason, NewCamera, PushToken, SetUpBody, VerdictBody, WatchedCamera, ZoneBody } from "./types";

export const discoverKeys = { all: ["discover"] as const };
/** How often a page that is looked at asks how it goes. */
const EVERY = 15_000;

export interface CameraFilter { area: string; state?: CameraState; scene?: string; q?: string }

export const camerasQuery = (filter: CameraFilter) =>
  infiniteQueryOptions({
    queryKey: [...discoverKeys.all, "cameras", filter] as const,
    queryFn: ({ pageParam, signal }): Promise<CameraPage> =>
      take(api.GET("/api/v1/cameras", { params: { query: { ...filter, after: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: EVERY,
  });

export const cameraQuery = (id: string) =>
  queryOptions({
    queryKey: [...discoverKeys.all, "camera", id] as const,
    queryFn: ({ signal }): Promise<WatchedCamera> => take(api.GET("/api/v1/cameras/{watched_id}", { params: { path: { watched_id: id } }, signal })),
    refetchInterval: EVERY,
  });

export const cadenceQuery = (id: string, hours: number) =>
  queryOptions({
    queryKey: [...discoverKeys.all, "cadence", id, hours] as const,
    queryFn: ({ signal }): Promise<Cadence> =>
      take(api.GET("/api/v1/cameras/{watched_id}/cadence", { params: { path: { watched_id: id }, query: { hours } }, signal })),
    refetchInterval: 4 * EVERY,
  });

export interface FindingFilter { area: string; camera?: string; scene?: string; open?: boolean; verdict?: "right" | "wrong" | "none" }

export const findingsQuery = (filter: FindingFilter) =>
  infiniteQueryOptions({
    queryKey: [...discoverKeys.all, "findings", filter] as const,
    queryFn: ({ pageParam, signal }): Promise<FindingPage> =>
      take(api.GET("/api/v1/findings", { params: { query: { ...filter, cursor: pageParam ?? undefined, limit: 20 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: EVERY,
  });

export const pictureUrl = (finding: Finding, moment: string): string => `/api/v1/findings/${finding.id}/pictures/${moment}`;

export const judge = (finding: Finding, body: VerdictBody): Promise<Finding> =>
  take(api.POST("/api/v1/findings/{finding_id}/verdict", {
    params: { path: { finding_id: finding.id }, header: { "if-match": `"${finding.version}"` } }, body,
  }));

const of = (camera: WatchedCamera) => ({ path: { watched_id: camera.id }, header: { "if-match": `"${camera.version}"` } });

export const addCamera = (body: NewCamera): Promise<WatchedCamera> => take(api.POST("/api/v1/cameras", { body }));
export const setUp = (camera: WatchedCamera, body: SetUpBody): Promise<WatchedCamera> =>
  take(api.POST("/api/v1/cameras/{watched_id}/set-up", { params: of(camera), body }));
export const switchOn = (camera: WatchedCamera): Promise<WatchedCamera> => take(api.POST("/api/v1/cameras/{watched_id}/on", { params: of(camera) }));
export const switchOff = (camera: WatchedCamera, reason: "maintenance" | "no_need" | "relocated" | "objection" | "other"): Promise<WatchedCamera> =>
  take(api.POST("/api/v1/cameras/{watched_id}/off", { params: of(camera), body: { reason } }));
export const drawZones = (camera: WatchedCamera, zones: ZoneBody[]): Promise<WatchedCamera> =>
  take(api.POST("/api/v1/cameras/{watched_id}/zones", { params: of(camera), body: { zones } }));

export const acceptView = (camera: WatchedCamera): Promise<WatchedCamera> => take(api.POST("/api/v1/cameras/{watched_id}/view", { params: of(camera) }));
/** `least` null: as the scene says, and verdicts set it. */
export const setThreshold = (camera: WatchedCamera, scene: string, least: number | null): Promise<WatchedCamera> =>
  take(api.POST("/api/v1/cameras/{watched_id}/threshold", { params: of(camera), body: { scene, least } }));
export const newPushToken = (camera: WatchedCamera): Promise<PushToken> => take(api.POST("/api/v1/cameras/{watched_id}/push-token", { params: of(camera) }));

export const evidenceQuery = (caseId: string) =>
  queryOptions({
    queryKey: [...discoverKeys.all, "evidence", caseId] as const,
    queryFn: ({ signal }): Promise<EvidenceList> => take(api.GET("/api/v1/cases/{case_id}/evidence", { params: { path: { case_id: caseId } }, signal })),
  });
export const evidenceUrl = (caseId: string, finding: string, moment: string): string => `/api/v1/cases/${caseId}/evidence/${finding}/${moment}`;

export const askForLook = (camera: string, reason: LookReason, note: string): Promise<Look> =>
  take(api.POST("/api/v1/cameras/{watched_id}/looks", { params: { path: { watched_id: camera } }, body: { reason, note: note.trim() || null } }));

/** Asked again until the picture is there, or the look is over. */
export const lookQuery = (id: string) =>
  queryOptions({
    queryKey: [...discoverKeys.all, "look", id] as const,
    queryFn: ({ signal }): Promise<Look> => take(api.GET("/api/v1/looks/{look_id}", { params: { path: { look_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.over ? false : 700),
    gcTime: 0,
  });

export interface CatalogueGiven { file: File; template: string; gateway: string; streamsMax: string; area: string }

function form(given: CatalogueGiven): FormData {
  const body = new FormData();
  body.append("file", given.file);
  for (const [name, value] of [["template", given.template], ["gateway", given.gateway], ["streams_max", given.streamsMax]] as const)
    if (value.trim()) body.append(name, value.trim());
  return body;
}

export const previewCatalogue = (given: CatalogueGiven): Promise<Catalogue> =>
  upload(`/api/v1/cameras/catalogue/preview?area=${encodeURIComponent(given.area)}`, form(given));

export function takeCatalogue(given: CatalogueGiven, digest: string): Promise<Catalogue> {
  const body = form(given);
  body.append("digest", digest);
  return upload(`/api/v1/cameras/catalogue?area=${encodeURIComponent(given.area)}`, body);
}
