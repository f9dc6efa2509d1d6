/** The map's colours, read from the custom properties of its container, so that the theme decides them. */
import { KINDS, KIND_VAR, type CaseKind } from "./kinds";

const NAMES = [
  "ground", "town", "outline", "green", "reed", "water", "building", "building-line", "road", "road-main", "road-line",
  "path", "grid", "community", "label", "label-soft", "label-water", "label-green", "halo", "paper", "ink", "muted",
  "graticule", "focus",
] as const;

export type PaletteName = (typeof NAMES)[number];

export interface Palette {
  color: Record<PaletteName, string>;
  kind: Record<CaseKind, string>;
  font: string;
}

export function readPalette(element: Element): Palette {
  const css = getComputedStyle(element);
  const read = (name: string): string => css.getPropertyValue(name).trim() || "#888";
  const color = Object.fromEntries(NAMES.map((n) => [n, read(`--map-${n}`)])) as Palette["color"];
  const kind = Object.fromEntries(KINDS.map((k) => [k, read(KIND_VAR[k])])) as Palette["kind"];
  return { color, kind, font: css.fontFamily || "sans-serif" };
}

/** Calls back when the theme may have changed: an attribute of the page's root, or the system's preference. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  }
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", onChange);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", onChange);
  };
}
