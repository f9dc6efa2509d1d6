/**
 * The map itself, without React: made on an element, told what to show, and taken down again.
 * Everything is drawn on Canvas from the street's own data; nothing comes from the internet.
 */
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import DragPan from "ol/interaction/DragPan";
import OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj";
import View from "ol/View";
import type { MapBase } from "../api/types";
import { BaseLayers, gridInfo } from "./baseLayers";
import { CaseLayer } from "./caseLayer";
import { CircleLayer } from "./circleLayer";
import type { Group } from "./cluster";
import { DeviceLayer } from "./deviceLayer";
import { readPalette, watchTheme } from "./palette";
import type { Circle, Device, MapEvents, MapPoint, Zone } from "./shapes";
import { ZoneLayer } from "./zoneLayer";

type Extent = [number, number, number, number];

const CLOSEST_METRES_PER_PIXEL = 0.12;
/** Room for the legend above and the scale below. */
const PADDING = [48, 32, 40, 32];
/** A small map has a pin in its middle and nothing to make room for. */
const TIGHT_PADDING = [0, 0, 0, 0];
/** What a small map shows around its pin, to each side. */
const PIN_REACH_METRES = 130;
/** A circle is shown with some ground around it. */
const CIRCLE_ROOM = 1.25;
const STEP_MS = 180;
/** Members of a cluster that are nearer than this at the closest view cannot be told apart by zooming. */
const INSEPARABLE_PX = 40;

export class StreetMap {
  private readonly map: OlMap;
  private readonly base: BaseLayers;
  private readonly cases: CaseLayer;
  private readonly devices: DeviceLayer;
  private readonly circles: CircleLayer;
  private readonly zones: ZoneLayer;
  private readonly stopWatching: () => void;
  private home: Extent | null = null;
  private shownArea: string | null = null;
  private moved = false;
  private ready = false;
  private hasCases = false;
  private pointedId: string | null = null;
  private frame = 0;
  private padding = PADDING;

  constructor(
    private readonly target: HTMLElement,
    private readonly events: MapEvents,
    /** The page scrolls past this map: one finger and the wheel belong to the page, two fingers to the map. */
    pageScrolls = false,
  ) {
    const palette = readPalette(target);
    this.base = new BaseLayers(palette, (layer, old) => {
      if (old) this.map.removeLayer(old);
      if (layer) this.map.addLayer(layer);
    });
    this.cases = new CaseLayer(palette);
    this.devices = new DeviceLayer(palette);
    this.circles = new CircleLayer(palette);
    this.zones = new ZoneLayer(palette);
    this.map = new OlMap({
      target,
      controls: [],
      interactions: interactions(pageScrolls),
      layers: [...this.base.layers, this.zones.layer, this.circles.layer, this.devices.layer, this.cases.layer, this.cases.marks],
      view: new View({ center: [0, 0], zoom: 2 }),
    });
    this.listen();
    this.stopWatching = watchTheme(() => this.restyleSoon());
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.stopWatching();
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  setBase(data: MapBase): void {
    this.base.setData(data);
    if (data.bbox) this.goHome(data.area, transformExtent(data.bbox, "EPSG:4326", "EPSG:3857") as Extent);
    else if (this.cases.extent()) this.goHome(data.area, this.cases.extent()!);
    else this.shownArea = null;
    this.map.set("data", data, true);
    this.settle();
  }

  setCases(cases: readonly MapPoint[]): void {
    this.cases.setCases(cases);
    this.hasCases = true;
    const data = this.map.get("data") as MapBase | undefined;
    const box = this.cases.extent();
    // An area that came without a ground is as large as what is known to lie in it.
    if (data && !data.bbox && box) this.goHome(data.area, box);
    this.settle();
  }

  setDevices(devices: readonly Device[]): void {
    this.devices.setDevices(devices);
  }

  setCircles(circles: readonly Circle[]): void {
    this.circles.setCircles(circles);
  }

  /** Call after setBase, which knows the grids. */
  setZones(zones: readonly Zone[]): void {
    this.zones.setZones(zones, this.base.shapes());
  }

  setMarked(selectedId: string | null, hoverId: string | null): void {
    this.cases.setMarked(selectedId, hoverId);
  }

  /** Brings a case into sight, if it is not, without changing the scale. */
  reveal(id: string): void {
    const at = this.cases.place(id);
    const size = this.map.getSize();
    if (!at || !size) return;
    const pixel = this.map.getPixelFromCoordinate(at);
    const inside = pixel && pixel[0]! > 24 && pixel[1]! > 48 && pixel[0]! < size[0]! - 24 && pixel[1]! < size[1]! - 24;
    if (!inside) this.map.getView().animate({ center: at, duration: STEP_MS });
  }

  /** One place, seen from near enough to tell the streets around it, or a circle of so many metres around it, with the zones that are drawn. Call after setBase and setZones. */
  showPin(area: string, lon: number, lat: number, metres?: number): void {
    const center = fromLonLat([lon, lat]) as [number, number];
    const reach = Math.max(PIN_REACH_METRES, (metres ?? 0) * CIRCLE_ROOM) / Math.cos((lat * Math.PI) / 180);
    if (metres === undefined) this.cases.setPin(lon, lat);
    else this.setCircles([{ id: "pin", lon, lat, metres }]);
    this.padding = TIGHT_PADDING;
    this.shownArea = null;
    this.goHome(area, join([center[0] - reach, center[1] - reach, center[0] + reach, center[1] + reach], this.zones.extent()));
    this.hasCases = true;
    this.settle();
  }

  zoomBy(steps: number): void {
    const view = this.map.getView();
    this.moved = true;
    view.animate({ zoom: (view.getZoom() ?? 15) + steps, duration: STEP_MS });
  }

  fit(): void {
    if (!this.home) return;
    this.moved = false;
    this.map.getView().fit(this.home, { padding: this.padding, duration: STEP_MS });
  }

  private goHome(area: string, extent: Extent): void {
    if (this.shownArea === area) return;
    this.shownArea = area;
    this.home = grow(extent);
    this.moved = false;
    const middle: [number, number] = [(extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2];
    const factor = Math.cos((toLonLat(middle)[1]! * Math.PI) / 180);
    this.base.setGroundFactor(factor);
    const size = this.map.getSize() ?? [600, 400];
    const widest = Math.max((this.home[2] - this.home[0]) / size[0]!, (this.home[3] - this.home[1]) / size[1]!);
    this.map.setView(
      new View({
        center: middle,
        resolution: widest,
        minResolution: CLOSEST_METRES_PER_PIXEL / factor,
        maxResolution: widest * 3,
        extent: this.home,
        constrainOnlyCenter: true,
        enableRotation: false,
        smoothExtentConstraint: false,
      }),
    );
    this.map.getView().fit(this.home, { padding: this.padding });
    this.viewChanged();
  }

  private listen(): void {
    this.map.on("moveend", () => this.viewChanged());
    this.map.on("movestart", () => {
      this.events.onDevice(null, null);
      this.point(null, null);
    });
    this.map.on("pointerdrag", () => (this.moved = true));
    this.map.on("change:size", () => {
      if (!this.moved && this.home) this.map.getView().fit(this.home, { padding: this.padding });
    });
    this.map.on("pointermove", (event) => this.pointed(event));
    this.map.on("click", (event) => this.clicked(event));
    this.map.on("dblclick", (event) => {
      const group = this.groupAt(event);
      if (group?.ids.length === 1) this.events.onOpen(group.ids[0]!);
    });
    this.target.addEventListener("wheel", () => (this.moved = true), { passive: true });
    this.target.addEventListener("pointerleave", () => this.left());
  }

  private groupAt(event: MapBrowserEvent): Group | null {
    return this.cases.groupAt(event.coordinate[0]!, event.coordinate[1]!);
  }

  private pointed(event: MapBrowserEvent): void {
    if (event.dragging) return;
    const group = this.groupAt(event);
    const grid = this.base.gridAt(event.coordinate);
    this.base.hoverGrid(grid);
    this.events.onGrid(grid ? gridInfo(grid) : null);
    const device = group ? null : this.devices.deviceAt(event.coordinate);
    this.target.style.cursor = group || device ? "pointer" : "";
    this.events.onDevice(device, device && this.pixelOf(device));
    if (group?.ids.length !== 1) {
      this.point(null, null);
      return;
    }
    const pixel = this.map.getPixelFromCoordinate([group.x, group.y]);
    this.point(group.ids[0]!, { x: pixel[0]!, y: pixel[1]! });
  }

  private pixelOf({ lon, lat }: Device): { x: number; y: number } {
    const [x, y] = this.map.getPixelFromCoordinate(fromLonLat([lon, lat])) as [number, number];
    return { x, y };
  }

  /** The map takes back only what it has pointed at itself: lists point too. */
  private point(id: string | null, at: { x: number; y: number } | null): void {
    if (id === this.pointedId) return;
    this.pointedId = id;
    this.events.onHover(id, at);
  }

  private left(): void {
    this.base.hoverGrid(null);
    this.events.onGrid(null);
    this.events.onDevice(null, null);
    this.point(null, null);
  }

  private clicked(event: MapBrowserEvent): void {
    const group = this.groupAt(event);
    const device = group ? null : this.devices.deviceAt(event.coordinate);
    if (device) this.events.onOpenDevice(device);
    else if (!group) this.events.onSelect(null);
    else if (group.ids.length === 1) this.events.onSelect(group.ids[0]!);
    else this.openGroup(group);
  }

  private openGroup(group: Group): void {
    const view = this.map.getView();
    const span = Math.max(group.extent[2] - group.extent[0], group.extent[3] - group.extent[1]);
    const atClosest = span / view.getMinResolution();
    const closeEnough = (view.getResolution() ?? 1) <= view.getMinResolution() * 1.05;
    if (atClosest < INSEPARABLE_PX || closeEnough) {
      this.events.onCluster(group.ids);
      return;
    }
    this.moved = true;
    view.fit(group.extent, { padding: [72, 72, 72, 72], duration: STEP_MS, minResolution: view.getMinResolution() });
  }

  private viewChanged(): void {
    const view = this.map.getView();
    const resolution = view.getResolution();
    const center = view.getCenter();
    if (!resolution || !center || !this.shownArea) return;
    const metresPerPixel = resolution * Math.cos((toLonLat(center)[1]! * Math.PI) / 180);
    this.cases.setScale(resolution, metresPerPixel);
    this.devices.setScale(resolution, metresPerPixel);
    this.events.onView({
      metresPerPixel,
      canZoomIn: resolution > view.getMinResolution() * 1.01,
      canZoomOut: resolution < view.getMaxResolution() * 0.99,
    });
  }

  private restyleSoon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const palette = readPalette(this.target);
      this.base.setPalette(palette);
      this.cases.setPalette(palette);
      this.devices.setPalette(palette);
      this.circles.setPalette(palette);
      this.zones.setPalette(palette);
    });
  }

  /** Ready is what has been drawn, not what has been asked for: browser tests look at the picture. */
  private settle(): void {
    if (this.ready || !this.hasCases || !this.map.get("data")) return;
    this.ready = true;
    this.viewChanged();
    this.map.once("rendercomplete", () => this.events.onReady());
    this.map.render();
  }
}

function interactions(pageScrolls: boolean) {
  const usual = defaultInteractions({
    altShiftDragRotate: false,
    pinchRotate: false,
    // A click must answer at once, not wait whether a second one comes.
    doubleClickZoom: false,
    mouseWheelZoom: !pageScrolls,
    dragPan: !pageScrolls,
  });
  if (!pageScrolls) return usual;
  const pan: DragPan = new DragPan({
    condition: (event) =>
      (event.originalEvent as PointerEvent).pointerType !== "touch" || pan.getPointerCount() === 2,
  });
  usual.push(pan);
  return usual;
}

function join(one: Extent, other: number[] | null): Extent {
  if (!other) return one;
  return [Math.min(one[0], other[0]!), Math.min(one[1], other[1]!), Math.max(one[2], other[2]!), Math.max(one[3], other[3]!)];
}

/** One lonely point has no size: give it a neighbourhood. */
function grow(extent: Extent): Extent {
  const pad = Math.max(0, 300 - Math.max(extent[2] - extent[0], extent[3] - extent[1])) / 2;
  return [extent[0] - pad, extent[1] - pad, extent[2] + pad, extent[3] + pad];
}
