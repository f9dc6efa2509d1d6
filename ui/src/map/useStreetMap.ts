import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import type { MapBase } from "../api/types";
import { StreetMap } from "./streetMap";
import type { Circle, Device, GridInfo, MapEvents, MapPoint, ViewInfo, Zone } from "./shapes";

export interface Pin {
  lon: number;
  lat: number;
  /** A circle around it instead of a mark on it. */
  metres?: number;
}

export interface Tip {
  id: string;
  x: number;
  y: number;
}

export interface DeviceTip {
  device: Device;
  x: number;
  y: number;
}

interface Options {
  base: MapBase;
  cases: readonly MapPoint[] | undefined;
  devices: readonly Device[] | undefined;
  circles: readonly Circle[] | undefined;
  zones: readonly Zone[] | undefined;
  pin: Pin | undefined;
  selectedId: string | null;
  hoverId: string | null;
  pageScrolls: boolean;
  onSelect: ((id: string | null) => void) | undefined;
  onOpen: ((id: string) => void) | undefined;
  onHover: ((id: string | null) => void) | undefined;
  onOpenDevice: ((device: Device) => void) | undefined;
}

export interface StreetMapState {
  target: RefObject<HTMLDivElement | null>;
  zoom: (steps: number) => void;
  fit: () => void;
  ready: boolean;
  grid: GridInfo | null;
  view: ViewInfo | null;
  tip: Tip | null;
  deviceTip: DeviceTip | null;
  /** Ids of a cluster that is being listed. */
  listed: string[] | null;
  setListed: (ids: string[] | null) => void;
}

/** Ties the map's life to the component's, and keeps it showing what it is given. */
export function useStreetMap(options: Options): StreetMapState {
  const target = useRef<HTMLDivElement | null>(null);
  const map = useRef<StreetMap | null>(null);
  const latest = useRef(options);
  const [ready, setReady] = useState(false);
  const [grid, setGrid] = useState<GridInfo | null>(null);
  const [view, setView] = useState<ViewInfo | null>(null);
  const [tip, setTip] = useState<Tip | null>(null);
  const [deviceTip, setDeviceTip] = useState<DeviceTip | null>(null);
  const [listed, setListed] = useState<string[] | null>(null);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    const events: MapEvents = {
      onSelect: (id) => {
        setListed(null);
        latest.current.onSelect?.(id);
      },
      onOpen: (id) => latest.current.onOpen?.(id),
      onHover: (id, at) => {
        setTip((old) => (id && at ? (old?.id === id ? old : { id, ...at }) : null));
        latest.current.onHover?.(id);
      },
      onCluster: (ids) => {
        latest.current.onSelect?.(null);
        setListed(ids);
      },
      onDevice: (device, at) => setDeviceTip((old) => (device && at ? (old?.device === device ? old : { device, ...at }) : null)),
      onOpenDevice: (device) => latest.current.onOpenDevice?.(device),
      onGrid: (next) => setGrid((old) => (old?.code === next?.code ? old : next)),
      onView: setView,
      onReady: () => setReady(true),
    };
    const made = new StreetMap(target.current!, events, latest.current.pageScrolls);
    map.current = made;
    return () => {
      made.dispose();
      map.current = null;
      setReady(false);
    };
  }, []);

  useShown(map, options);
  const zoom = useCallback((steps: number) => {
    map.current?.zoomBy(steps);
  }, []);
  const fit = useCallback(() => {
    map.current?.fit();
  }, []);
  return { target, zoom, fit, ready, grid, view, tip, deviceTip, listed, setListed };
}

function useShown(map: RefObject<StreetMap | null>, { base, cases, devices, circles, zones, pin, selectedId, hoverId }: Options): void {
  useEffect(() => map.current?.setBase(base), [map, base]);
  useEffect(() => {
    if (cases) map.current?.setCases(cases);
  }, [map, cases]);
  useEffect(() => {
    if (devices) map.current?.setDevices(devices);
  }, [map, devices]);
  useEffect(() => {
    if (circles) map.current?.setCircles(circles);
  }, [map, circles]);
  useEffect(() => {
    if (zones) map.current?.setZones(zones);
  }, [map, base, zones]);
  useEffect(() => map.current?.setMarked(selectedId, hoverId), [map, selectedId, hoverId]);
  useEffect(() => {
    if (selectedId) map.current?.reveal(selectedId);
  }, [map, selectedId]);
  const lon = pin?.lon;
  const lat = pin?.lat;
  const metres = pin?.metres;
  useEffect(() => {
    if (lon !== undefined && lat !== undefined) map.current?.showPin(base.area, lon, lat, metres);
  }, [map, base, lon, lat, metres]);
}
