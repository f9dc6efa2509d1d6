import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { followBusinessClock } from "../shared/clock";
import { api, take } from "./client";
import { aboutQuery, keys } from "./queries";

/** The demo's own routes. A real street has none of them, so they do not stand in its OpenAPI document. */
export interface Scenario {
  name: string; title: string; title_en: string; minutes: number; running: boolean;
  started_at: string | null; until: string | null; planned: number; told: number; held_back: number;
}
export interface Demo { now: string; speed: number; paused: boolean; usual: number; scenarios: Scenario[] }

interface DemoPaths {
  "/api/v1/demo": { get: { responses: { 200: { content: { "application/json": Demo } } } } };
}
type Answer = Promise<{ data?: Demo; error?: unknown; response: Response }>;
const routes = api as unknown as {
  GET: (path: keyof DemoPaths, init: { signal: AbortSignal }) => Answer;
  POST: (path: `/api/v1/demo/${string}`, init: { body: object }) => Answer;
};

/** Somebody else may have changed the speed or started something (milliseconds). */
const REFRESH_MS = 4_000;
const ABOUT_MS = 3_000;
const demoKey = ["demo"] as const;

function followed(demo: Demo): Demo {
  followBusinessClock(demo.now, demo.speed);
  return demo;
}

export const demoQuery = queryOptions({
  queryKey: demoKey,
  queryFn: async ({ signal }) => followed(await take(routes.GET("/api/v1/demo", { signal }))),
  refetchInterval: REFRESH_MS,
});

async function change(client: QueryClient, path: string, body: object = {}): Promise<Demo> {
  const demo = followed(await take(routes.POST(`/api/v1/demo/${path}`, { body })));
  // what was asked before is older than this
  await client.cancelQueries({ queryKey: demoKey });
  client.setQueryData(demoKey, demo);
  return demo;
}
export const runAt = (client: QueryClient, speed: number): Promise<Demo> => change(client, "speed", { speed });
export const pause = (client: QueryClient): Promise<Demo> => change(client, "pause");
export const resume = (client: QueryClient): Promise<Demo> => change(client, "resume");
export const startScenario = (client: QueryClient, name: string): Promise<Demo> => change(client, `scenarios/${name}`);

/** How much of the older history has arrived (0 to 1); null when all of it is there. */
export const historyArriving = (about: object | undefined): number | null => {
  const share = (about as { history_arriving?: number | null } | undefined)?.history_arriving;
  return typeof share === "number" ? share : null;
};

/** Asked again only while history still arrives. */
export const arrivingQuery = queryOptions({
  ...aboutQuery,
  queryKey: keys.about,
  refetchInterval: (query) => (historyArriving(query.state.data) === null ? false : ABOUT_MS),
});
