import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";
import { wholeQuery, type DirectoryRecord } from "../../api/directory";
import { sightOf } from "../../map/wedge";
import type { Device } from "../../map/shapes";

export type DeviceKind = Device["kind"];
export const DEVICE_KINDS: readonly DeviceKind[] = ["camera", "sensor"];

interface Devices {
  devices: readonly Device[];
  /** Kinds that are switched on and of which the directory has none. */
  none: readonly DeviceKind[];
}

/** The cameras and sensors that are switched on; they are asked for only then. */
export function useDevices(area: string, on: readonly DeviceKind[]): Devices {
  const combine = useCallback((answers: UseQueryResult<DirectoryRecord[]>[]): Devices => {
    const shown = DEVICE_KINDS.map((kind, index) => ({ kind, rows: on.includes(kind) ? answers[index]?.data : undefined }));
    return {
      devices: shown.flatMap(({ kind, rows }) => (rows ?? []).map((row) => deviceOf(kind, row))),
      none: shown.filter(({ rows }) => rows?.length === 0).map(({ kind }) => kind),
    };
  }, [on]);
  return useQueries({
    queries: DEVICE_KINDS.map((kind) => ({ ...wholeQuery(area, kind), enabled: on.includes(kind) })),
    combine,
  });
}

function deviceOf(kind: DeviceKind, { code, title, values }: DirectoryRecord): Device {
  return {
    kind, code, name: title, lon: values["lon"] as number, lat: values["lat"] as number, sight: sightOf(values),
    analysed: values["analysed"] === true,
  };
}
