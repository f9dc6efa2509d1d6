/** A small map of candidates, without React: numbered pins, the reported point, and a point to set. */
import Feature from "ol/Feature";
import Point from "ol/geom/Point";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import VectorLayer from "ol/layer/Vector";
import OlMap from "ol/Map";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import View from "ol/View";
import type { MapBase } from "../../api/types";
import { BaseLayers } from "../../map/baseLayers";
import { readPalette, watchTheme, type Palette } from "../../map/palette";

export interface LonLat { lon: number; lat: number }
export type NumberedPin = LonLat & { code: string };

const CLOSEST_METRES_PER_PIXEL = 0.12;
const REACH_METRES = 130;
const PADDING = [28, 28, 28, 28];

export class PickBoard {
  private readonly map: OlMap;
  private readonly base: BaseLayers;
  private readonly pins = new VectorSource();
  private readonly layer = new VectorLayer({ source: this.pins });
  private readonly stopWatching: () => void;
  private frame = 0;

  constructor(private readonly target: HTMLElement, onPick: (at: LonLat) => void, onReady: () => void) {
    const palette = readPalette(target);
    this.base = new BaseLayers(palette, (layer, old) => {
      if (old) this.map.removeLayer(old);
      if (layer) this.map.addLayer(layer);
    });
    this.layer.setStyle(pinStyle(palette));
    this.layer.setZIndex(10);
    this.map = new OlMap({
      target,
      controls: [],
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, doubleClickZoom: false }),
      layers: [...this.base.layers, this.layer],
      view: new View({ center: [0, 0], zoom: 2 }),
    });
    this.map.on("singleclick", (event) => {
      const [lon, lat] = toLonLat(event.coordinate) as [number, number];
      onPick({ lon, lat });
    });
    this.stopWatching = watchTheme(() => this.restyleSoon());
    this.map.once("rendercomplete", onReady);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.stopWatching();
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  setBase(data: MapBase): void {
    this.base.setData(data);
    if (data.bbox && this.pins.isEmpty()) this.frameOn(transformExtent(data.bbox, "EPSG:4326", "EPSG:3857"), [0, 0, 0, 0]);
  }

  /** The view holds all of them; one alone gets its surroundings; none leaves the whole area. */
  setPins(pins: readonly NumberedPin[], reported: LonLat | null): void {
    this.pins.clear();
    if (reported) this.pins.addFeature(at(reported, "reported"));
    pins.forEach((pin, index) => this.pins.addFeature(at(pin, String(index + 1))));
    const extent = this.pins.getExtent();
    if (this.pins.isEmpty() || !extent) return;
    const [west, south, east, north] = extent as [number, number, number, number];
    const [, lat] = toLonLat([(west + east) / 2, (south + north) / 2]) as [number, number];
    const reach = REACH_METRES / Math.cos((lat * Math.PI) / 180);
    const padX = Math.max(0, reach - (east - west) / 2);
    const padY = Math.max(0, reach - (north - south) / 2);
    this.frameOn([west - padX, south - padY, east + padX, north + padY], PADDING);
  }

  setPicking(on: boolean): void {
    this.target.style.cursor = on ? "crosshair" : "";
  }

  center(): LonLat | null {
    const center = this.map.getView().getCenter();
    if (!center) return null;
    const [lon, lat] = toLonLat(center) as [number, number];
    return { lon, lat };
  }

  zoomBy(steps: number): void {
    const view = this.map.getView();
    view.animate({ zoom: (view.getZoom() ?? 15) + steps, duration: 180 });
  }

  private frameOn(extent: number[], padding: number[]): void {
    const [, lat] = toLonLat([(extent[0]! + extent[2]!) / 2, (extent[1]! + extent[3]!) / 2]) as [number, number];
    const factor = Math.cos((lat * Math.PI) / 180);
    this.base.setGroundFactor(factor);
    this.map.getView().fit(extent, { padding, minResolution: CLOSEST_METRES_PER_PIXEL / factor });
  }

  private restyleSoon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const palette = readPalette(this.target);
      this.base.setPalette(palette);
      this.layer.setStyle(pinStyle(palette));
    });
  }
}

function at({ lon, lat }: LonLat, name: string): Feature {
  const feature = new Feature(new Point(fromLonLat([lon, lat])));
  feature.set("name", name);
  return feature;
}

/** Numbers as in the list; the reported point is a ring, for it is no candidate. */
function pinStyle({ color, font }: Palette): (feature: { get: (name: string) => unknown }) => Style {
  return (feature) => {
    const name = String(feature.get("name"));
    if (name === "reported")
      return new Style({ image: new CircleStyle({ radius: 6, fill: new Fill({ color: color.paper }), stroke: new Stroke({ color: color.ink, width: 3 }) }) });
    return new Style({
      image: new CircleStyle({ radius: 11, fill: new Fill({ color: color.ink }), stroke: new Stroke({ color: color.paper, width: 2 }) }),
      text: new Text({ text: name, font: `600 13px ${font}`, fill: new Fill({ color: color.paper }), offsetY: 1 }),
      zIndex: 10 - Number(name),
    });
  };
}
