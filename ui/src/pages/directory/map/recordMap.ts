/** A small map of one record, without React: its point or its border, shown or worked on. */
import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import Draw from "ol/interaction/Draw";
import Modify from "ol/interaction/Modify";
import Snap from "ol/interaction/Snap";
import VectorLayer from "ol/layer/Vector";
import OlMap from "ol/Map";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import View from "ol/View";
import type { MapBase } from "../../../api/types";
import { BaseLayers } from "../../../map/baseLayers";
import { readPalette, watchTheme } from "../../../map/palette";
import { wedge, type Sight } from "../../../map/wedge";
import { recordStyle } from "./recordStyle";

export interface LonLat { lon: number; lat: number }
interface Events { onPoint?: (at: LonLat) => void; onGeometry?: (geometry: object) => void }

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
/** About a centimetre: what was not moved reads as before. */
const DECIMALS = 7;
const REACH_METRES = 150;
/** How far the wedge of a camera is drawn; how far it really sees nobody has said. */
const SIGHT_METRES = 60;
const CLOSEST_METRES_PER_PIXEL = 0.12;
const PADDING = [32, 32, 32, 32];
const SNAP_PIXELS = 12;

export class RecordMapBoard {
  private readonly map: OlMap;
  private readonly base: BaseLayers;
  private readonly shape = new VectorSource();
  private readonly layer = new VectorLayer({ source: this.shape });
  private readonly neighbours = new VectorSource();
  private readonly stopWatching: () => void;
  private frame = 0;
  private written = "";

  constructor(private readonly target: HTMLElement, private readonly events: Events, onReady: () => void) {
    const palette = readPalette(target);
    const works = Boolean(events.onPoint || events.onGeometry);
    this.base = new BaseLayers(palette, (layer, old) => {
      if (old) this.map.removeLayer(old);
      if (layer) this.map.addLayer(layer);
    });
    this.layer.setStyle(recordStyle(palette, events.onGeometry !== undefined));
    this.map = new OlMap({
      target,
      controls: [],
      // the wheel belongs to the page, unless the map is worked on
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, doubleClickZoom: false, mouseWheelZoom: works }),
      layers: [...this.base.layers, this.layer],
      view: new View({ center: [0, 0], zoom: 2 }),
    });
    if (events.onPoint) this.pick(events.onPoint);
    this.stopWatching = watchTheme(() => this.restyleSoon());
    this.map.once("rendercomplete", onReady);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.stopWatching();
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  setBase(data: MapBase, own: string | null): void {
    this.base.setData(data);
    const grids = FORMAT.readFeatures(data.grids) as Feature[];
    this.neighbours.clear(true);
    this.neighbours.addFeatures(grids.filter((grid) => grid.get("code") !== own));
    if (data.bbox && this.shape.isEmpty()) this.frameOn(transformExtent(data.bbox, "EPSG:4326", "EPSG:3857"), [0, 0, 0, 0]);
  }

  /** The view follows only when what is shown is not in it. */
  showPoint(at: LonLat | null, sight: Sight | null = null): void {
    this.shape.clear();
    if (!at) return;
    const center = fromLonLat([at.lon, at.lat]);
    if (sight) {
      const far = SIGHT_METRES / Math.cos((at.lat * Math.PI) / 180);
      this.shape.addFeature(new Feature(new Polygon([wedge(center as [number, number], sight, far)])));
    }
    this.shape.addFeature(new Feature(new Point(center)));
    const [west, south, east, north] = this.map.getView().calculateExtent(this.map.getSize()) as [number, number, number, number];
    const [x, y] = center as [number, number];
    const near = east - west < 8 * REACH_METRES;
    if (near && x > west && x < east && y > south && y < north) return;
    const reach = REACH_METRES / Math.cos((at.lat * Math.PI) / 180);
    this.frameOn([x - reach, y - reach, x + reach, y + reach], [0, 0, 0, 0]);
  }

  showGeometry(geometry: object | null): void {
    const text = JSON.stringify(geometry);
    if (text === this.written) return; // our own drawing comes back
    this.written = text;
    this.shape.clear();
    if (geometry) {
      const feature = FORMAT.readFeature({ type: "Feature", geometry, properties: {} }) as Feature;
      this.shape.addFeature(feature);
      this.frameOn(feature.getGeometry()!.getExtent(), PADDING);
    }
    if (this.events.onGeometry) this.work(geometry === null);
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

  private pick(onPoint: (at: LonLat) => void): void {
    this.target.style.cursor = "crosshair";
    this.map.on("singleclick", (event) => {
      const [lon, lat] = toLonLat(event.coordinate) as [number, number];
      onPoint({ lon, lat });
    });
  }

  /** Corners are dragged; a new border is drawn first. */
  private work(fresh: boolean): void {
    for (const old of this.map.getInteractions().getArray().slice())
      if (old instanceof Draw || old instanceof Modify || old instanceof Snap) this.map.removeInteraction(old);
    if (fresh) {
      const draw = new Draw({ source: this.shape, type: "Polygon", snapTolerance: SNAP_PIXELS });
      draw.on("drawend", ({ feature }) => {
        this.map.removeInteraction(draw);
        this.tell(feature);
        this.work(false);
      });
      this.map.addInteraction(draw);
    } else {
      const modify = new Modify({ source: this.shape });
      modify.on("modifyend", ({ features }) => {
        const [feature] = features.getArray();
        if (feature) this.tell(feature);
      });
      this.map.addInteraction(modify);
    }
    this.map.addInteraction(new Snap({ source: this.neighbours, pixelTolerance: SNAP_PIXELS }));
  }

  private tell(feature: Feature): void {
    const geometry = FORMAT.writeGeometryObject(feature.getGeometry()!, { decimals: DECIMALS });
    this.written = JSON.stringify(geometry);
    this.events.onGeometry?.(geometry);
  }

  private restyleSoon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const palette = readPalette(this.target);
      this.base.setPalette(palette);
      this.layer.setStyle(recordStyle(palette, this.events.onGeometry !== undefined));
    });
  }
}
