/** The layers below the cases: ground, roads, grids and names, read from the server's GeoJSON. */
import type { FeatureLike } from "ol/Feature";
import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import type Geometry from "ol/geom/Geometry";
import MultiLineString from "ol/geom/MultiLineString";
import type BaseLayer from "ol/layer/Base";
import Graticule from "ol/layer/Graticule";
import VectorLayer from "ol/layer/Vector";
import VectorImageLayer from "ol/layer/VectorImage";
import VectorSource from "ol/source/Vector";
import Stroke from "ol/style/Stroke";
import type { MapBase } from "../api/types";
import { type BaseStyle, baseStyle, gridHoverStyle, labelStyle } from "./baseStyle";
import { communityEdges, type GridShape } from "./edges";
import type { Palette } from "./palette";
import type { GridInfo } from "./shapes";

type Picture = VectorImageLayer<VectorSource>;

const READ = { dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" };
/** What has an area or a line is drawn; what only has a name is only lettered. */
const DRAWN = new Set(["outline", "green", "water", "road", "building", "grid", "border"]);
const LETTERED = new Set(["road", "landmark", "water", "green", "building", "grid"]);
/** A margin around the picture, so that a short drag does not run off it. */
const IMAGE_RATIO = 1.4;

/**
 * Ground and names are kept as pictures and drawn anew only when the view has come to rest: pointing at a case
 * must not redraw a town, and office machines draw without a graphics card.
 */
export class BaseLayers {
  private readonly ground: Picture = picture();
  private readonly names: Picture = picture(true);
  private readonly gridHover = new VectorLayer({ source: new VectorSource() });
  private readonly grids = new VectorSource();
  private graticule: Graticule | null = null;
  /** Metres on the ground per unit of the projection: Mercator stretches with latitude. */
  private groundFactor = 1;

  constructor(
    private palette: Palette,
    private readonly attach: (layer: Graticule | null, old: Graticule | null) => void,
  ) {
    this.setPalette(palette);
  }

  /** Below first. */
  get layers(): BaseLayer[] {
    return [this.ground, this.gridHover, this.names];
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    const scaled = (style: BaseStyle) => (feature: FeatureLike, resolution: number) =>
      style(feature, resolution * this.groundFactor);
    this.ground.setStyle(scaled(baseStyle(palette)));
    this.names.setStyle(scaled(labelStyle(palette)));
    this.gridHover.setStyle(gridHoverStyle(palette));
    if (this.graticule) this.showGraticule(true);
  }

  setGroundFactor(factor: number): void {
    this.groundFactor = factor;
  }

  setData(data: MapBase): void {
    const format = new GeoJSON(READ);
    const base = data.base ? (format.readFeatures(data.base) as Feature<Geometry>[]) : [];
    const grids = format.readFeatures(data.grids) as Feature<Geometry>[];
    for (const grid of grids) grid.set("layer", "grid", true);
    const all = [...base, ...grids, ...borderFeature(grids)];
    fill(this.ground.getSource()!, all.filter((f) => DRAWN.has(String(f.get("layer")))));
    fill(this.names.getSource()!, all.filter((f) => LETTERED.has(String(f.get("layer"))) && f.get("name")));
    fill(this.grids, grids);
    this.gridHover.getSource()?.clear();
    this.showGraticule(!data.base);
  }

  gridAt(coordinate: number[]): Feature<Geometry> | null {
    return (this.grids.getFeaturesAtCoordinate(coordinate)[0] as Feature<Geometry> | undefined) ?? null;
  }

  /** Every grid's shape, by its code. */
  shapes(): Map<string, Geometry> {
    return new Map(this.grids.getFeatures().map((grid) => [String(grid.get("code")), grid.getGeometry() as Geometry]));
  }

  hoverGrid(grid: Feature<Geometry> | null): void {
    const source = this.gridHover.getSource()!;
    if (source.getFeatures()[0] === grid || (!grid && source.isEmpty())) return;
    source.clear();
    if (grid) source.addFeature(grid);
  }

  private showGraticule(wanted: boolean): void {
    const old = this.graticule;
    const { color } = this.palette;
    this.graticule = wanted
      ? new Graticule({
          strokeStyle: new Stroke({ color: color.graticule, width: 1 }),
          showLabels: false,
          targetSize: 120,
          wrapX: false,
          zIndex: -1,
        })
      : null;
    this.attach(this.graticule, old);
  }
}

function picture(declutter = false): Picture {
  return new VectorImageLayer({ source: new VectorSource(), imageRatio: IMAGE_RATIO, declutter });
}

function fill(source: VectorSource, features: Feature<Geometry>[]): void {
  source.clear(true);
  source.addFeatures(features);
}

export function gridInfo(grid: Feature<Geometry>): GridInfo {
  return {
    code: String(grid.get("code") ?? ""),
    name: String(grid.get("name") ?? ""),
    community: String(grid.get("community_name") ?? ""),
  };
}

function borderFeature(grids: Feature<Geometry>[]): Feature<Geometry>[] {
  const shapes = grids.map(gridShape);
  const lines = communityEdges(shapes);
  if (lines.length === 0) return [];
  const feature = new Feature<Geometry>(new MultiLineString(lines));
  feature.set("layer", "border");
  return [feature];
}

function gridShape(grid: Feature<Geometry>): GridShape {
  const geometry = grid.getGeometry() as unknown as { getType(): string; getCoordinates(): unknown };
  const many = geometry.getType() === "MultiPolygon";
  const polygons = (many ? geometry.getCoordinates() : [geometry.getCoordinates()]) as number[][][][];
  return { community: String(grid.get("community_code") ?? ""), rings: polygons.flat() };
}
