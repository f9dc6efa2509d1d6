import { businessNow } from "../../shared/clock";
import type { CaseCheck } from "../../api/types";

/** Where and when a photo was taken, as this browser knows it. */
export interface Taken { lon: number; lat: number; accuracy_metres: number; taken_at: string }

/** A position may be as old as this, and we wait so long for one. */
const OLDEST_MS = 30_000;
const WAIT_MS = 10_000;

/** Asks the person once, by the browser's own question; null: not allowed, or not known. */
export function whereTaken(): Promise<Taken | null> {
  if (!("geolocation" in navigator)) return Promise.resolve(null);
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({
        lon: coords.longitude, lat: coords.latitude, accuracy_metres: coords.accuracy, taken_at: new Date(businessNow()).toISOString(),
      }),
      () => resolve(null),
      { enableHighAccuracy: true, maximumAge: OLDEST_MS, timeout: WAIT_MS },
    );
  });
}

const EARTH_METRES = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres from the case's place; null: it has none. As the server's haversine_m. */
export function awayMetres(check: Pick<CaseCheck, "lon" | "lat">, taken: Pick<Taken, "lon" | "lat">): number | null {
  if (check.lon === null || check.lat === null) return null;
  const [north, south] = [radians(check.lat), radians(taken.lat)];
  const half = Math.sin((south - north) / 2) ** 2 + Math.cos(north) * Math.cos(south) * Math.sin(radians(taken.lon - check.lon) / 2) ** 2;
  return 2 * EARTH_METRES * Math.asin(Math.sqrt(half));
}

/** Farther away than it may be wrong by: the same rule as the server's. */
export function farAway(check: Pick<CaseCheck, "lon" | "lat" | "far_metres">, taken: Taken): boolean {
  const away = awayMetres(check, taken);
  return away !== null && away - taken.accuracy_metres > check.far_metres;
}
