/** Parts of the street that something is said of (warnings): quiet circles under the cases. */
import Feature from "ol/Feature";
import CircleShape from "ol/geom/Circle";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { Palette } from "./palette";
import type { Circle } from "./shapes";

const CLEAR = "22";

export class CircleLayer {
  readonly layer: VectorLayer<VectorSource>;
  private readonly source = new VectorSource();

  constructor(palette: Palette) {
    this.layer = new VectorLayer({ source: this.source });
    this.setPalette(palette);
  }

  setPalette({ kind }: Palette): void {
    this.layer.setStyle(new Style({
      fill: new Fill({ color: `${kind.soon}${CLEAR}` }),
      stroke: new Stroke({ color: kind.soon, width: 1.5, lineDash: [6, 4] }),
    }));
  }

  setCircles(circles: readonly Circle[]): void {
    this.source.clear(true);
    this.source.addFeatures(circles.map(({ lon, lat, metres }) => new Feature(new CircleShape(fromLonLat([lon, lat]), metres / Math.cos((lat * Math.PI) / 180)))));
  }
}
