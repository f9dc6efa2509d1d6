/**
 * How the ground looks: a function from a feature and the metres per pixel to styles.
 * What is not needed at a distance is not drawn, so the map stays readable at every step.
 */
import type { FeatureLike } from "ol/Feature";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Palette } from "./palette";

export type BaseStyle = (feature: FeatureLike, metresPerPixel: number) => Style | Style[] | undefined;

interface RoadLook {
  /** Width on the ground, in metres, and on the screen at least and at most. */
  metres: number;
  min: number;
  max: number;
  /** Not drawn, and not named, when a pixel is more metres than this. */
  until: number;
  named: number;
  order: number;
}

const ROADS: Record<string, RoadLook> = {
  arterial: { metres: 24, min: 4, max: 30, until: Infinity, named: 6, order: 4 },
  street: { metres: 14, min: 2.6, max: 22, until: 16, named: 2.9, order: 3 },
  lane: { metres: 6, min: 1.4, max: 13, until: 7, named: 1, order: 2 },
  path: { metres: 2, min: 0.8, max: 2.4, until: 2.6, named: 0.7, order: 1 },
};

const BUILDINGS_UNTIL = 4;
/** What people give as a direction is named from afar, the rest when there is room. */
const MAJOR = new Set(["office", "hospital", "mall", "park", "market", "station", "place"]);
const MAJOR_UNTIL = 3.8;
const MINOR_UNTIL = 1.9;
const NUMBERS_UNTIL = 0.6;
const GRID_NAMES_UNTIL = 1.7;

function roadLook(feature: FeatureLike): RoadLook {
  return ROADS[String(feature.get("kind"))] ?? ROADS.lane!;
}

export function baseStyle(palette: Palette): BaseStyle {
  const areas = areaStyles(palette);
  return (feature, mpp) => {
    const layer = String(feature.get("layer"));
    if (layer === "road") return roadStyles(feature, mpp, palette);
    if (layer === "building" && mpp > BUILDINGS_UNTIL) return undefined;
    return areas[layer === "green" && feature.get("kind") === "reed" ? "reed" : layer];
  };
}

function areaStyles({ color }: Palette): Record<string, Style> {
  const plain = (name: keyof Palette["color"], zIndex: number) =>
    new Style({ fill: new Fill({ color: color[name] }), zIndex });
  return {
    outline: new Style({
      fill: new Fill({ color: color.town }),
      stroke: new Stroke({ color: color.outline, width: 1.5 }),
      zIndex: 0,
    }),
    green: plain("green", 1),
    // Beds of reed lie on the green of a wetland.
    reed: plain("reed", 1.5),
    // Streams may come as lines: the stroke gives them a body.
    water: new Style({
      fill: new Fill({ color: color.water }),
      stroke: new Stroke({ color: color.water, width: 1.5 }),
      zIndex: 2,
    }),
    building: new Style({
      fill: new Fill({ color: color.building }),
      stroke: new Stroke({ color: color["building-line"], width: 0.6 }),
      zIndex: 3,
    }),
    grid: new Style({ stroke: new Stroke({ color: color.grid, width: 0.8 }), zIndex: 30 }),
    border: new Style({ stroke: new Stroke({ color: color.community, width: 1, lineDash: [8, 4, 2, 4] }), zIndex: 31 }),
  };
}

/** All casings lie below all surfaces, so that crossings open into one another. */
function roadStyles(feature: FeatureLike, mpp: number, { color }: Palette): Style[] | undefined {
  const look = roadLook(feature);
  if (mpp > look.until) return undefined;
  const width = Math.min(look.max, Math.max(look.min, look.metres / mpp));
  if (feature.get("kind") === "path") {
    return [new Style({ stroke: new Stroke({ color: color.path, width, lineDash: [4, 3] }), zIndex: 9 })];
  }
  const surface = feature.get("kind") === "arterial" ? color["road-main"] : color.road;
  return [
    new Style({ stroke: new Stroke({ color: color["road-line"], width: width + 1.4 }), zIndex: 10 + look.order }),
    new Style({ stroke: new Stroke({ color: surface, width }), zIndex: 20 + look.order }),
  ];
}

export function labelStyle(palette: Palette): BaseStyle {
  return (feature, mpp) => {
    const name = feature.get("name") as string | undefined;
    if (!name) return undefined;
    switch (String(feature.get("layer"))) {
      case "road":
        return roadName(feature, name, mpp, palette);
      case "landmark":
        return mpp > (MAJOR.has(String(feature.get("kind"))) ? MAJOR_UNTIL : MINOR_UNTIL)
          ? undefined
          : landmarkName(name, palette);
      case "grid":
        return mpp > GRID_NAMES_UNTIL ? undefined : gridName(feature, name, palette);
      case "building":
        return mpp > NUMBERS_UNTIL ? undefined : buildingName(name, palette);
      case "water":
        return mpp > 8 ? undefined : areaName(name, palette, "label-water");
      case "green":
        return mpp > 4 ? undefined : areaName(name, palette, "label-green");
      default:
        return undefined;
    }
  };
}

function roadName(feature: FeatureLike, name: string, mpp: number, palette: Palette): Style | undefined {
  const look = roadLook(feature);
  if (mpp > look.named) return undefined;
  return new Style({
    text: new Text({
      text: name,
      placement: "line",
      repeat: 420,
      maxAngle: Math.PI / 5,
      font: `12px ${palette.font}`,
      fill: new Fill({ color: palette.color["label-soft"] }),
      stroke: new Stroke({ color: palette.color.halo, width: 3 }),
    }),
    zIndex: 40 + look.order,
  });
}

function landmarkName(name: string, palette: Palette): Style {
  return new Style({
    text: new Text({
      text: name,
      font: `12px ${palette.font}`,
      fill: new Fill({ color: palette.color.label }),
      stroke: new Stroke({ color: palette.color.halo, width: 3 }),
    }),
    zIndex: 50,
  });
}

/** House numbers and names, where they fit into the house. */
function buildingName(name: string, palette: Palette): Style {
  return new Style({
    text: new Text({
      text: name,
      font: `12px ${palette.font}`,
      fill: new Fill({ color: palette.color["label-soft"] }),
    }),
    zIndex: 20,
  });
}

function areaName(name: string, palette: Palette, color: "label-water" | "label-green"): Style {
  return new Style({
    text: new Text({
      text: name,
      font: `italic 12px ${palette.font}`,
      fill: new Fill({ color: palette.color[color] }),
      stroke: new Stroke({ color: palette.color.halo, width: 2 }),
    }),
    zIndex: 45,
  });
}

function gridName(feature: FeatureLike, name: string, palette: Palette): Style {
  return new Style({
    text: new Text({
      text: name || String(feature.get("code") ?? ""),
      font: `12px ${palette.font}`,
      fill: new Fill({ color: palette.color["label-soft"] }),
      stroke: new Stroke({ color: palette.color.halo, width: 3 }),
    }),
    zIndex: 30,
  });
}

/** The grid that the pointer is on. */
export function gridHoverStyle(palette: Palette): Style {
  return new Style({ stroke: new Stroke({ color: palette.color["label-soft"], width: 1.6 }) });
}
