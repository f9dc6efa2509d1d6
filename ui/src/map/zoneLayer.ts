/** Grids in which something gathers: shaded; where it gathers no more, only their edge, dashed and grey. */
import type { FeatureLike } from "ol/Feature";
import Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { Palette } from "./palette";
import type { Zone } from "./shapes";

const SHADE = "3d";

export class ZoneLayer {
  readonly layer: VectorLayer<VectorSource>;
  private readonly source = new VectorSource();

  constructor(palette: Palette) {
    this.layer = new VectorLayer({ source: this.source });
    this.setPalette(palette);
  }

  setPalette({ kind, color }: Palette): void {
    const now = new Style({ fill: new Fill({ color: `${kind.soon}${SHADE}` }), stroke: new Stroke({ color: kind.soon, width: 1.5 }) });
    const over = new Style({ stroke: new Stroke({ color: color.muted, width: 1.5, lineDash: [4, 4] }) });
    this.layer.setStyle((feature: FeatureLike) => (feature.get("over") ? over : now));
  }

  /** A grid of several zones is drawn once, as the liveliest of them. ``grids``: all of the street, by code. */
  setZones(zones: readonly Zone[], grids: ReadonlyMap<string, Geometry>): void {
    const over = new Map<string, boolean>();
    for (const zone of zones) for (const code of zone.codes) over.set(code, (over.get(code) ?? true) && zone.over);
    this.source.clear(true);
    this.source.addFeatures([...over].flatMap(([code, gone]) => {
      const geometry = grids.get(code);
      return geometry ? [new Feature({ geometry, over: gone })] : [];
    }));
  }

  /** Around all that is drawn; null where nothing is. */
  extent(): number[] | null {
    return this.source.isEmpty() ? null : this.source.getExtent();
  }
}
