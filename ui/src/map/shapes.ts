/** The map's own types: what it is given, and what it tells back. */
import type { CaseState, DueState } from "../api/types";
import type { Sight } from "./wedge";

export interface MapPoint {
  id: string;
  number: string;
  title: string;
  lon: number;
  lat: number;
  state: CaseState;
  due_state: DueState;
}

/** A camera or a sensor of the directory. */
export interface Device {
  kind: "camera" | "sensor";
  code: string;
  name: string;
  lon: number;
  lat: number;
  /** Of a camera: where it looks, and whether a program looks at its pictures. */
  sight: Sight | null;
  analysed: boolean;
}

/** A part of the street that something is said of. */
export interface Circle {
  id: string;
  lon: number;
  lat: number;
  metres: number;
}

/** Grids, by their codes, in which something gathers, or did. */
export interface Zone {
  codes: readonly string[];
  over: boolean;
}

export interface GridInfo {
  code: string;
  name: string;
  community: string;
}

export interface ViewInfo {
  /** On the ground, in the middle of the map. */
  metresPerPixel: number;
  canZoomIn: boolean;
  canZoomOut: boolean;
}

export interface MapEvents {
  /** A case was chosen, or nothing (a click on the ground). */
  onSelect: (id: string | null) => void;
  /** A case that was chosen is to be opened (double click). */
  onOpen: (id: string) => void;
  onHover: (id: string | null, at: { x: number; y: number } | null) => void;
  /** A cluster that no zoom can take apart: its members are to be listed. */
  onCluster: (ids: string[]) => void;
  /** The pointer is on a device, or on none. */
  onDevice: (device: Device | null, at: { x: number; y: number } | null) => void;
  /** A device was chosen. */
  onOpenDevice: (device: Device) => void;
  onGrid: (grid: GridInfo | null) => void;
  onView: (view: ViewInfo) => void;
  /** The first complete drawing with data is on the screen. */
  onReady: () => void;
}
