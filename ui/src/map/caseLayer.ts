/**
 * The cases on the map: groups for the present scale, kept in step with the data by comparing ids, so that what
 * did not change is not touched; and above them the case that is pointed at and the one that is chosen.
 */
import Feature from "ol/Feature";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import Icon from "ol/style/Icon";
import Style from "ol/style/Style";
import { clusterCases, type Group, type PlacedCase } from "./cluster";
import { caseKind, KINDS } from "./kinds";
import { clusterRadius, type Stamp, Stamps } from "./paint";
import type { Palette } from "./palette";
import type { MapPoint } from "./shapes";

type PointFeature = Feature<Point>;

/** Nearer than this on the screen, glyphs would cover one another. */
const CLUSTER_PX = 28;
/** Close up, streets are wide enough for glyphs side by side. */
const CLOSE_PX = 20;
const CLOSE_METRES_PER_PIXEL = 0.6;
const GLYPH_REACH_PX = 13;
const PIN = "pin";

export class CaseLayer {
  readonly layer: VectorLayer<VectorSource<PointFeature>>;
  readonly marks: VectorLayer<VectorSource<PointFeature>>;
  private readonly source = new VectorSource<PointFeature>();
  private readonly markSource = new VectorSource<PointFeature>();
  private placed = new Map<string, PlacedCase>();
  private groups: Group[] = [];
  private stamps: Stamps;
  private styles = new Map<Stamp, Style>();
  private resolution = 0;
  private radius = 0;
  private selectedId: string | null = null;
  private hoverId: string | null = null;

  constructor(palette: Palette) {
    this.stamps = new Stamps(palette);
    const style = (feature: unknown) => this.groupStyle((feature as PointFeature).get("group") as Group);
    this.layer = new VectorLayer({ source: this.source, style, renderBuffer: 48 });
    const markStyle = (feature: unknown) => this.markStyle(feature as PointFeature);
    this.marks = new VectorLayer({ source: this.markSource, style: markStyle, renderBuffer: 48 });
  }

  setPalette(palette: Palette): void {
    this.stamps = new Stamps(palette);
    this.styles = new Map();
    this.layer.changed();
    this.marks.changed();
  }

  setCases(cases: readonly MapPoint[]): void {
    const next = new Map<string, PlacedCase>();
    for (const c of cases) {
      const [x, y] = fromLonLat([c.lon, c.lat]) as [number, number];
      next.set(c.id, { id: c.id, x, y, state: c.state, due_state: c.due_state });
    }
    this.placed = next;
    this.regroup();
    this.drawMarks();
  }

  /** `metresPerPixel` decides how close is too close, `resolution` is the view's own unit per pixel. */
  setScale(resolution: number, metresPerPixel: number): void {
    const radius = (metresPerPixel > CLOSE_METRES_PER_PIXEL ? CLUSTER_PX : CLOSE_PX) * resolution;
    this.resolution = resolution;
    if (Math.abs(radius - this.radius) < this.radius * 0.01) return;
    this.radius = radius;
    this.regroup();
  }

  setMarked(selectedId: string | null, hoverId: string | null): void {
    if (selectedId === this.selectedId && hoverId === this.hoverId) return;
    this.selectedId = selectedId;
    this.hoverId = hoverId;
    this.drawMarks();
  }

  /** One plain pin, for the page of a single case. */
  setPin(lon: number, lat: number): void {
    const known = this.markSource.getFeatureById(PIN) as PointFeature | null;
    const at = fromLonLat([lon, lat]);
    if (known) {
      known.getGeometry()!.setCoordinates(at);
      return;
    }
    const feature: PointFeature = new Feature(new Point(at));
    feature.setId(PIN);
    this.markSource.addFeature(feature);
  }

  place(id: string): [number, number] | null {
    const c = this.placed.get(id);
    return c ? [c.x, c.y] : null;
  }

  extent(): [number, number, number, number] | null {
    if (this.placed.size === 0) return null;
    const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { x, y } of this.placed.values()) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
    return box;
  }

  /** The group under a point of the map, with some room for the hand. */
  groupAt(x: number, y: number): Group | null {
    let best: Group | null = null;
    let bestGap = 0;
    for (const group of this.groups) {
      const reach = group.ids.length > 1 ? clusterRadius(group.ids.length) + 1 : GLYPH_REACH_PX;
      const gap = Math.hypot(group.x - x, group.y - y) / this.resolution - reach;
      if (gap < bestGap) {
        best = group;
        bestGap = gap;
      }
    }
    return best;
  }

  private regroup(): void {
    if (this.radius === 0) return;
    this.groups = clusterCases([...this.placed.values()], this.radius);
    const gone = new Set(this.source.getFeatures().map((f) => String(f.getId())));
    const fresh: PointFeature[] = [];
    for (const group of this.groups) {
      gone.delete(group.key);
      const feature = this.source.getFeatureById(group.key) as PointFeature | null;
      if (feature) refresh(feature, group);
      else fresh.push(makeFeature(group));
    }
    for (const key of gone) this.source.removeFeature(this.source.getFeatureById(key) as PointFeature);
    this.source.addFeatures(fresh);
  }

  private drawMarks(): void {
    const wanted = [this.selectedId, this.hoverId].filter((id, i, all): id is string => !!id && all.indexOf(id) === i);
    this.markSource.clear();
    for (const id of wanted) {
      const at = this.place(id);
      if (!at) continue;
      const feature: PointFeature = new Feature(new Point(at));
      feature.setId(id);
      this.markSource.addFeature(feature);
    }
  }

  private markStyle(feature: PointFeature): Style | undefined {
    const id = String(feature.getId());
    if (id === PIN) return this.stampStyle(this.stamps.pin(), 3);
    const c = this.placed.get(id);
    if (!c) return undefined;
    return this.stampStyle(this.stamps.marked(caseKind(c), id === this.selectedId), id === this.selectedId ? 2 : 1);
  }

  private groupStyle(group: Group): Style {
    const single = group.ids.length === 1;
    const stamp = single ? this.stamps.glyph(group.kind) : this.stamps.cluster(group);
    return this.stampStyle(stamp, (single ? 0 : 10) + KINDS.length - KINDS.indexOf(group.kind));
  }

  private stampStyle(stamp: Stamp, zIndex: number): Style {
    let style = this.styles.get(stamp);
    if (!style) {
      style = new Style({ image: new Icon({ img: stamp.canvas, scale: stamp.scale }), zIndex });
      this.styles.set(stamp, style);
    }
    return style;
  }
}

function makeFeature(group: Group): PointFeature {
  const feature: PointFeature = new Feature(new Point([group.x, group.y]));
  feature.setId(group.key);
  feature.set("group", group, true);
  return feature;
}

function refresh(feature: PointFeature, group: Group): void {
  const old = feature.get("group") as Group;
  const same =
    old.x === group.x && old.y === group.y && old.ids.length === group.ids.length && old.kind === group.kind &&
    old.counts.overdue === group.counts.overdue && old.counts.soon === group.counts.soon;
  feature.set("group", group, true);
  if (same) return;
  feature.getGeometry()!.setCoordinates([group.x, group.y]);
  feature.changed();
}
