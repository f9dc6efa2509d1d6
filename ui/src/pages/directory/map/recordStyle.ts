import MultiPoint from "ol/geom/MultiPoint";
import Polygon from "ol/geom/Polygon";
import MultiPolygon from "ol/geom/MultiPolygon";
import type { FeatureLike } from "ol/Feature";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import type { Palette } from "../../../map/palette";

/** A point as a disc, a border as a strong line; `corners`: with handles to drag. */
export function recordStyle({ color, kind }: Palette, corners: boolean): (feature: FeatureLike) => Style[] {
  const blue = kind.working;
  const shape = new Style({
    stroke: new Stroke({ color: blue, width: 2.5 }),
    fill: new Fill({ color: `${blue}1f` }),
    image: new CircleStyle({ radius: 7, fill: new Fill({ color: blue }), stroke: new Stroke({ color: color.paper, width: 2 }) }),
  });
  const handles = new Style({
    image: new CircleStyle({ radius: 4.5, fill: new Fill({ color: color.paper }), stroke: new Stroke({ color: blue, width: 2 }) }),
    geometry: (feature) => new MultiPoint(cornersOf(feature)),
  });
  return () => (corners ? [shape, handles] : [shape]);
}

function cornersOf(feature: FeatureLike): number[][] {
  const geometry = feature.getGeometry();
  if (geometry instanceof Polygon) return geometry.getCoordinates().flat();
  return geometry instanceof MultiPolygon ? geometry.getCoordinates().flat(2) : [];
}
