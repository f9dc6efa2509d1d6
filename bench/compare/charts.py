"""Line charts as SVG, written by hand: a few lines, a few ticks, a legend above."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 78, 26, 44, 48
#: Real ones first, the town last: it is the one in orange. Told apart without colour by dashes.
REAL_STROKES = (("#1d4e89", ""), ("#4b8f6b", "7 4"), ("#7a5c99", "2 3"))
TOWN_STROKE = ("#c2410c", "")
_FONT = 'font-family="system-ui, sans-serif" font-size="12"'
_INK, _GRID = "#30343b", "#e3e3de"


@dataclass(frozen=True, slots=True)
class Line:
    """One series of points; ``ours``: the town."""

    name: str
    points: Sequence[tuple[float, float]]
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """What it shows, from where to where, where its ticks stand and what they say."""

    name: str
    ticks: Sequence[tuple[float, str]]
    log: bool = False

    def place(self, value: float) -> float:
        """0 at the first tick, 1 at the last; what lies beyond is cut off."""
        low, high = self.ticks[0][0], self.ticks[-1][0]
        clipped = min(max(value, low), high)
        if self.log:
            return math.log(clipped / low) / math.log(high / low)
        return (clipped - low) / (high - low)


def chart(title: str, lines: Sequence[Line], x: Axis, y: Axis) -> str:
    """The whole picture as an SVG document."""

    def across(value: float) -> float:
        return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_grid(x, y, across, up),
    ]
    strokes = iter(REAL_STROKES)
    at = float(LEFT)
    for line in lines:
        colour, dash = TOWN_STROKE if line.ours else next(strokes)
        style = f'fill="none" stroke="{colour}" stroke-width="{2.4 if line.ours else 1.8}"'
        style += f' stroke-dasharray="{dash}"' if dash else ""
        path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in line.points)
        out.append(f'<polyline points="{path}" {style} stroke-linejoin="round"/>')
        out.append(f'<line x1="{at:.0f}" y1="22" x2="{at + 26:.0f}" y2="22" {style}/>')
        out.append(_words(at + 32, 26, line.name))
        at += 56 + sum(12.5 if ord(c) > 0x2E80 else 6.6 for c in line.name)
    return "\n".join([*out, "</svg>", ""])


def _grid(
    x: Axis, y: Axis, across: Callable[[float], float], up: Callable[[float], float]
) -> list[str]:
    low, high = HEIGHT - BOTTOM, TOP
    out = []
    for value, said in y.ticks:
        out.append(
            f'<line x1="{LEFT}" y1="{up(value):.1f}" x2="{WIDTH - RIGHT}" y2="{up(value):.1f}"'
            f' stroke="{_GRID}"/>'
        )
        out.append(_words(LEFT - 8, up(value) + 4, said, "end"))
    for value, said in x.ticks:
        out.append(
            f'<line x1="{across(value):.1f}" y1="{low}" x2="{across(value):.1f}" y2="{high}"'
            f' stroke="{_GRID}"/>'
        )
        out.append(_words(across(value), low + 18, said, "middle"))
    out.append(_words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x.name, "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    out.append(
        f'<text x="14" y="{middle:.0f}" transform="rotate(-90 14 {middle:.0f})" fill="{_INK}"'
        f' text-anchor="middle" {_FONT}>{escape(y.name)}</text>'
    )
    return out


def _words(x: float, y: float, said: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{_INK}" text-anchor="{anchor}" {_FONT}>'
        f"{escape(said)}</text>"
    )
