"""Draw the synthetic street to pictures, so that somebody can look at it: whole and close up.

    python scripts/town_map.py --seed 7 --out /tmp/town

Writes `whole.png` and a few crops at finer scales, in the colours of a quiet base map, with
assets, cameras and sensors as dots where they were asked for (`--things`). Names need a font
with Chinese characters (`--font FILE`); without one they are left out.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from streetwise.town.geometry import XY
from streetwise.town.world import CENTRE, World, build_world

SMOOTH = 2  # drawn so many times as large and shrunk: soft edges
PAPER, TOWN, LINE = "#e9e7e1", "#f8f7f3", "#a8a498"
GREENS = {"reed": "#c9d3a4", "wetland": "#dfe8d2", "forest": "#d3e0c6", "grass": "#e3ebd2",
          "lawn": "#eaf0e0", "track": "#ead9cd", "pitch": "#d9e6cc",
          "riverside": "#dfe8d4"}  # fmt: skip
GREEN, WATER = "#e0e8d5", "#c5dae6"
HOUSES = {"shop": "#e9dcc9", "school": "#ecd9d9", "hospital": "#ecd9d9", "market": "#e6d9e6",
          "mall": "#e6d9e6", "office": "#dcdfea", "works": "#dfdcd6", "courtyard": "#e3dccf",
          "pavilion": "#d8cfc0"}  # fmt: skip
HOUSE, HOUSE_LINE = "#e4e0d7", "#c9c3b6"
#: Kind of road: width in metres, least pixels, surface.
ROADS = {"path": (2.0, 1.0, "#d2cdbf"), "lane": (6.0, 1.4, "#ffffff"),
         "street": (14.0, 2.6, "#ffffff"), "arterial": (24.0, 4.0, "#fff3d6")}  # fmt: skip
#: Places that are looked at closely, as (u, v) metres from the centre, and metres a pixel.
VIEWS = {
    "whole": ((0.0, 0.0), 2.4, (1000, 1100)),
    "north-west": ((-350.0, 420.0), 1.0, (1200, 1000)),
    "north-east": ((450.0, 300.0), 1.0, (1200, 1000)),
    "old-quarter": ((-250.0, -150.0), 0.5, (1200, 1000)),
    "south": ((-350.0, -700.0), 1.0, (1200, 1000)),
    "wetland": ((520.0, -800.0), 0.7, (1200, 1000)),
    "centre": ((80.0, -150.0), 0.35, (1200, 1000)),
}  # fmt: skip


class Sheet:
    """One picture: metres to pixels, and the strokes that the layers need."""

    def __init__(self, centre: XY, scale: float, size: tuple[int, int]) -> None:
        self._centre, self.scale = centre, scale / SMOOTH
        self._size = (size[0] * SMOOTH, size[1] * SMOOTH)
        self._image = Image.new("RGB", self._size, PAPER)
        self.draw = ImageDraw.Draw(self._image)

    def at(self, lon: float, lat: float) -> XY:
        x, y = CENTRE.metres(lon, lat)
        w, h = self._size
        return (
            w / 2 + (x - self._centre[0]) / self.scale,
            h / 2 - (y - self._centre[1]) / self.scale,
        )

    def area(self, geometry: dict[str, Any], fill: str | None, line: str | None = None) -> None:
        polygons = geometry["coordinates"]
        for rings in polygons if geometry["type"] == "MultiPolygon" else [polygons]:
            outer = [self.at(*c) for c in rings[0]]
            if fill is not None:
                self.draw.polygon(outer, fill=fill)
            if line is not None:
                self.draw.line(outer, fill=line, width=SMOOTH)

    def stroke(self, geometry: dict[str, Any], width: float, fill: str) -> None:
        points = [self.at(*c) for c in geometry["coordinates"]]
        wide = max(1, round(width))
        self.draw.line(points, fill=fill, width=wide, joint="curve")
        if wide > 3:
            r = wide / 2
            for x, y in (points[0], points[-1]):
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def dot(self, lon: str, lat: str, fill: str, radius: float) -> None:
        x, y = self.at(float(lon), float(lat))
        r = radius * SMOOTH
        self.draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def sight(self, row: dict[str, str]) -> None:
        """A camera's field of view, 25 m deep."""
        x, y = self.at(float(row["lon"]), float(row["lat"]))
        reach = 25 / self.scale
        middle, half = float(row["direction"]) - 90, float(row["field_of_view"]) / 2
        color = "#c2410c" if row["analysed"] == "yes" else "#3b6fb0"
        box = (x - reach, y - reach, x + reach, y + reach)
        self.draw.pieslice(box, middle - half, middle + half, outline=color, width=SMOOTH)

    def text(self, at: XY, words: str, font: ImageFont.FreeTypeFont, fill: str) -> None:
        self.draw.text(at, words, font=font, fill=fill, anchor="mm",
                       stroke_width=2 * SMOOTH, stroke_fill="#faf9f6")  # fmt: skip

    def save(self, path: Path) -> None:
        w, h = self._size
        self._image.resize((w // SMOOTH, h // SMOOTH), Image.Resampling.LANCZOS).save(path)


def paint(world: World, sheet: Sheet, *, things: bool, font: Path | None) -> None:
    """All layers from the ground up."""
    layers: dict[str, list[dict[str, Any]]] = {}
    for f in world.base:
        layers.setdefault(f["properties"]["layer"], []).append(f)
    for f in layers["outline"]:
        sheet.area(f["geometry"], TOWN, LINE)
    for f in layers["green"]:
        sheet.area(f["geometry"], GREENS.get(f["properties"]["kind"], GREEN))
    for f in layers["water"]:
        sheet.area(f["geometry"], WATER)
    for f in layers["building"]:
        sheet.area(f["geometry"], HOUSES.get(f["properties"]["kind"], HOUSE), HOUSE_LINE)
    for kind, (metres, least, surface) in ROADS.items():
        if kind in ("path", "lane") and sheet.scale * SMOOTH > (2.6 if kind == "path" else 7):
            continue
        wide = max(metres / sheet.scale, least * SMOOTH)
        roads = [f for f in layers["road"] if f["properties"]["kind"] == kind]
        if kind != "path":
            for f in roads:
                sheet.stroke(f["geometry"], wide + 2 * SMOOTH, "#cfc9ba")
        for f in roads:
            sheet.stroke(f["geometry"], wide, surface)
    for f in world.grids:
        sheet.area(f["geometry"], None, "#b9a9c9")
    if things:
        _things(world, sheet)
    if font is not None:
        _names(layers, sheet, ImageFont.truetype(str(font), 12 * SMOOTH))


def _things(world: World, sheet: Sheet) -> None:
    for a in world.assets:
        sheet.dot(a["lon"], a["lat"], "#6b8e4e" if a["class"].startswith("P-04") else "#777", 1.5)
    for c in getattr(world, "cameras", []):
        sheet.sight(c)
        sheet.dot(c["lon"], c["lat"], "#c2410c" if c["analysed"] == "yes" else "#3b6fb0", 2)
    for s in getattr(world, "sensors", []):
        sheet.dot(s["lon"], s["lat"], "#0f766e", 4)


def _names(
    layers: dict[str, list[dict[str, Any]]], sheet: Sheet, font: ImageFont.FreeTypeFont
) -> None:
    mpp = sheet.scale * SMOOTH
    until = {"arterial": 6.0, "street": 2.9, "lane": 1.0}
    for f in layers["road"]:
        name = f["properties"].get("name")
        if name and mpp <= until.get(f["properties"]["kind"], 0):
            c = f["geometry"]["coordinates"]
            sheet.text(sheet.at(*c[len(c) // 2]), name, font, "#5a5e65")
    for f in layers["landmark"]:
        if mpp <= 1.9:
            at = sheet.at(*f["geometry"]["coordinates"])
            sheet.text(at, f["properties"]["name"], font, "#1f4d7a")
    if mpp <= 0.6:
        for f in layers["building"]:
            ring = f["geometry"]["coordinates"][0]
            points = ring[0] if isinstance(ring[0][0], list) else ring
            lon = math.fsum(p[0] for p in points) / len(points)
            lat = math.fsum(p[1] for p in points) / len(points)
            if f["properties"].get("name"):
                sheet.text(sheet.at(lon, lat), f["properties"]["name"], font, "#8a8f96")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", choices=sorted(VIEWS), default=sorted(VIEWS))
    parser.add_argument("--things", action="store_true")
    parser.add_argument("--font", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    world = build_world(args.seed)
    for name in args.only:
        centre, scale, size = VIEWS[name]
        sheet = Sheet(centre, scale, size)
        paint(world, sheet, things=args.things, font=args.font)
        sheet.save(args.out / f"{name}.png")


if __name__ == "__main__":
    main()
