/** Where a camera looks, as a shape on the map. */

/** `direction` degrees clockwise from true north, `view` horizontal degrees. */
export interface Sight { direction: number; view: number }

/** Devices are drawn from so near on: further away, a thousand of them would only be a pattern. */
export const DEVICE_METRES_PER_PIXEL = 1.3;
const STEP_DEGREES = 10;
const WHOLE = 360;

/** The corners of the wedge from `x`, `y`, as far as `reach`, closed. All round: a circle. Mercator keeps angles. */
export function wedge([x, y]: readonly [number, number], { direction, view }: Sight, reach: number): number[][] {
  const steps = Math.max(2, Math.ceil(view / STEP_DEGREES));
  const rim = Array.from({ length: steps + 1 }, (_, step) => {
    const bearing = ((direction - view / 2 + (view * step) / steps) * Math.PI) / 180;
    return [x + Math.sin(bearing) * reach, y + Math.cos(bearing) * reach];
  });
  return view >= WHOLE ? rim : [[x, y], ...rim, [x, y]];
}

/** What a camera's record says of where it looks. */
export function sightOf(values: Record<string, unknown>): Sight | null {
  const direction = values["direction"];
  const view = values["field_of_view"];
  return typeof direction === "number" && typeof view === "number" ? { direction, view } : null;
}
