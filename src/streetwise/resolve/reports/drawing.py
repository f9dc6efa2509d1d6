"""Charts of a report as plain shapes, for what has no charts of its own. Pure: no library.

Coordinates are in points from the upper left corner of a box of ``WIDTH``; PDF draws the shapes as
lines and letters, DOCX gets them as a picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from streetwise.resolve.reports.content import Chart, shown

WIDTH, LINE_HEIGHT = 480.0, 170.0
TITLE_SIZE, LABEL_SIZE = 10.0, 8.0
TOP, BAR, GAP, LABELS = 28.0, 13.0, 6.0, 120.0
#: Dark and light of one hue, told apart in grey too; nothing else is coloured.
COLOURS = ("#2f5d8a", "#a9c1da")
INK, QUIET, RULE = "#262626", "#737373", "#d0d0d0"
#: So many labels below a line chart at most.
LABELS_MOST = 16

#: How wide a text of this size is, in points.
Measure = Callable[[str, float], float]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 0.5


@dataclass(frozen=True, slots=True)
class Label:
    """A text; ``y`` is its baseline. ``anchor``: which part of it stands at ``x``."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False


Shape = Box | Stroke | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in a box."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def draw(chart: Chart, measure: Measure) -> Drawing:
    """The shapes of a chart."""
    shapes: list[Shape] = [Label(0, 12, chart.title, TITLE_SIZE, INK, bold=True)]
    shapes += _legend(chart, measure)
    if chart.shape == "bar":
        rows = len(chart.labels) * len(chart.series)
        height = TOP + rows * BAR + len(chart.labels) * GAP
        shapes += _bars(chart, measure)
    else:
        height = LINE_HEIGHT
        shapes += _lines(chart)
    return Drawing(WIDTH, height, tuple(shapes))


def top_of(values: list[float]) -> float:
    """The end of the axis, not below the largest value: a quarter of it is a round number too."""
    largest = max(values, default=0)
    if largest <= 4:
        return 4.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= largest)


def _legend(chart: Chart, measure: Measure) -> Iterator[Shape]:
    if len(chart.series) < 2:
        return
    x = WIDTH
    for series, colour in reversed(list(zip(chart.series, COLOURS, strict=False))):
        x -= measure(series.name, LABEL_SIZE)
        yield Label(x, 12, series.name, LABEL_SIZE, QUIET)
        x -= 12
        yield Box(x, 5, 8, 8, colour)
        x -= 10


def _values(chart: Chart) -> list[float]:
    return [value for series in chart.series for value in series.values if value is not None]


def _top(chart: Chart) -> float:
    return 1.0 if chart.form == "rate" else top_of(_values(chart))


def _bars(chart: Chart, measure: Measure) -> Iterator[Shape]:
    top, room = _top(chart), WIDTH - LABELS - 46
    y = TOP
    below = TOP + len(chart.labels) * (len(chart.series) * BAR + GAP) - 4
    yield Stroke(LABELS, TOP - 4, LABELS, below, RULE)
    for number, label in enumerate(chart.labels):
        middle = y + len(chart.series) * BAR / 2 + LABEL_SIZE * 0.36
        text = _shortened(label, LABELS - 8, measure)
        yield Label(LABELS - 6, middle, text, LABEL_SIZE, INK, "end")
        for series, colour in zip(chart.series, COLOURS, strict=False):
            value = series.values[number]
            long = 0.0 if value is None else max(value, 0) / top * room
            if long:
                yield Box(LABELS, y + 1, long, BAR - 2, colour)
            told = shown(value, chart.form)
            yield Label(LABELS + long + 4, y + BAR - 3.4, told, LABEL_SIZE, QUIET)
            y += BAR
        y += GAP


def _shortened(text: str, room: float, measure: Measure) -> str:
    if measure(text, LABEL_SIZE) <= room:
        return text
    while text and measure(text + "…", LABEL_SIZE) > room:
        text = text[:-1]
    return text + "…"


def _lines(chart: Chart) -> Iterator[Shape]:
    left, right, base = 34.0, WIDTH - 8, LINE_HEIGHT - 22
    top, count = _top(chart), len(chart.labels)
    for part in range(5):
        y = base - (base - TOP) * part / 4
        yield Stroke(left, y, right, y, RULE)
        mark = top * part / 4
        told = shown(mark, chart.form) if chart.form == "rate" else f"{mark:g}"
        yield Label(left - 5, y + 3, told, LABEL_SIZE, QUIET, "end")
    step = (right - left) / max(1, count - 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return left + n * step, base - value / top * (base - TOP)

    every = max(1, -(-count // LABELS_MOST))
    for n in range(0, count, every):
        yield Label(left + n * step, base + 12, chart.labels[n], LABEL_SIZE, QUIET, "middle")
    for series, colour in zip(chart.series, COLOURS, strict=False):
        for n, (value, following) in enumerate(
            zip(series.values, (*series.values[1:], None), strict=True)
        ):
            if value is None:
                continue
            x, y = at(n, value)
            yield Box(x - 1.5, y - 1.5, 3, 3, colour)
            if following is not None:
                yield Stroke(x, y, *at(n + 1, following), colour, 1.4)
