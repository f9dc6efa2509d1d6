/** Cameras and sensors of the directory, drawn over the ground and under the cases, from near enough to tell them apart. */
import type { FeatureLike } from "ol/Feature";
import Feature from "ol/Feature";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { Palette } from "./palette";
import type { Device } from "./shapes";
import { DEVICE_METRES_PER_PIXEL, wedge } from "./wedge";

const WEDGE_PX = 26;
const HAND_PX = 10;
const CLEAR = "38";

export class DeviceLayer {
  readonly layer: VectorLayer<VectorSource>;
  private readonly source = new VectorSource();
  private resolution = 1;

  constructor(palette: Palette) {
    this.layer = new VectorLayer({ source: this.source, visible: false, renderBuffer: WEDGE_PX });
    this.setPalette(palette);
  }

  setPalette({ color }: Palette): void {
    const ink = color.label;
    const edge = new Stroke({ color: color.paper, width: 1.5 });
    const line = new Stroke({ color: ink, width: 1.5 });
    const sight = { fill: new Fill({ color: `${ink}${CLEAR}` }) };
    // filled: a program looks at its pictures
    const cameras = [true, false].map((analysed) => new CircleStyle({
      radius: 4, fill: new Fill({ color: analysed ? ink : color.paper }), stroke: analysed ? edge : line,
    }));
    const sensor = new Style({ image: new RegularShape({ points: 4, radius: 6, angle: 0, fill: new Fill({ color: color.paper }), stroke: line }) });
    this.layer.setStyle((feature: FeatureLike, resolution: number) => {
      const { kind, sight: seen, analysed } = feature.get("device") as Device;
      if (kind === "sensor" || !seen) return sensor;
      return [
        new Style({ ...sight, geometry: new Polygon([wedge(at(feature), seen, WEDGE_PX * resolution)]) }),
        new Style({ image: cameras[analysed ? 0 : 1] }),
      ];
    });
  }

  setDevices(devices: readonly Device[]): void {
    this.source.clear(true);
    this.source.addFeatures(devices.map((device) => {
      const feature = new Feature(new Point(fromLonLat([device.lon, device.lat])));
      feature.set("device", device, true);
      return feature;
    }));
  }

  setScale(resolution: number, metresPerPixel: number): void {
    this.resolution = resolution;
    this.layer.setVisible(metresPerPixel <= DEVICE_METRES_PER_PIXEL);
  }

  /** The device under a point of the map, with some room for the hand. */
  deviceAt(coordinate: number[]): Device | null {
    if (!this.layer.getVisible()) return null;
    const feature = this.source.getClosestFeatureToCoordinate(coordinate);
    if (!feature) return null;
    const [x, y] = at(feature);
    const gap = Math.hypot(x - coordinate[0]!, y - coordinate[1]!) / this.resolution;
    return gap <= HAND_PX ? (feature.get("device") as Device) : null;
  }
}

const at = (feature: FeatureLike): [number, number] => (feature.getGeometry() as Point).getCoordinates() as [number, number];
