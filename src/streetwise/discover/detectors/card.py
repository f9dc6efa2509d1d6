"""A detector's card: what the file is, whose, how it is fed and read, how good it was. Pure.

One YAML file per model (docs/reference/detectors.md in words; ``discover/cards/`` has those that
ship). A card without hash or licence is refused: nobody could say what runs here, or whether it
may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, cast, get_args

import yaml

from streetwise.kernel.errors import Invalid

Layout = Literal["yolox", "yolov8"]
Colour = Literal["bgr", "rgb"]
Align = Literal["corner", "centre"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: One licence identifier or an expression of them, by its letters (SPDX, annex D).
_SPDX = re.compile(
    r"(?:LicenseRef-)?[A-Za-z0-9][A-Za-z0-9.+-]*(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*"
)
_NO_LICENCE = frozenset(("none", "noassertion", "unknown", "unlicensed", "other", "n/a", "tbd"))
_SIDE_MAX = 4096
_SHAPES = {"size": 2, "mean": 3, "deviation": 3}


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of accuracy: which, how much, on which data, and who measured it."""

    metric: str
    value: float
    data: str
    by: str


@dataclass(frozen=True, slots=True)
class Card:
    """What must be known of a model before it may run.

    ``width``, ``height``: pixels of its input; ``resized``: the file was made for others, and is
    given these when it is loaded (``resizing``). A channel is fed as ``(value * scale - mean) /
    deviation``. ``letterbox``: the grey, 0 to 255, beside a picture of other proportions;
    ``align``: whether the picture then lies in the upper left corner or in the middle. ``score``:
    what counts as seen when nobody has set another threshold; ``mask_score``: what is masked
    already, lower, since to miss a person costs more than to blur a bush. ``overlap``: above this
    IoU two boxes of a class are one. ``persons``, ``vehicles``: the classes whose people and plates
    are masked; without either of them nothing is masked by this model (``masks``).
    """

    name: str
    version: str
    sha256: str
    address: str
    licence: str
    attribution: str
    classes: tuple[str, ...]
    persons: frozenset[str]
    vehicles: frozenset[str]
    width: int
    height: int
    resized: bool
    colour: Colour
    scale: float
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    letterbox: int
    align: Align
    layout: Layout
    strides: tuple[int, ...]
    score: float
    mask_score: float
    overlap: float
    most: int
    accuracy: tuple[Measured, ...]
    precision: Literal["f32"]
    text: str
    """The card as it was written, for keeping beside the file."""

    @property
    def masks(self) -> bool:
        """Whether it tells both persons and vehicles, so that people and plates can be masked by
        what it sees. One that knows only persons leaves every plate bare.
        """
        return bool(self.persons) and bool(self.vehicles)


def read_card(text: str) -> Card:
    """The card that a YAML text says; Invalid with one sentence about the first thing wrong."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _bad(f"it is not YAML ({str(error).splitlines()[0]})") from error
    top = _Part(content, "")
    name = top.text("name")
    if not _NAME.fullmatch(name):
        raise _bad("`name` is made of small letters, digits, dots, dashes")
    file, licence = top.part("file"), top.part("licence")
    feed, output = top.part("input"), top.part("output")
    limits = top.part("thresholds")
    classes = top.texts("classes")
    if not classes or len(set(classes)) != len(classes):
        raise _bad("`classes` is a list of different names, in the order of the model")
    masked = top.part("masked")
    size = [int(side) for side in feed.numbers("size")]
    if not all(32 <= side <= _SIDE_MAX for side in size):
        raise _bad(f"`input.size` is width and height, 32 to {_SIDE_MAX} pixels")
    deviation = feed.numbers("deviation", (1.0, 1.0, 1.0))
    if not all(deviation):
        raise _bad("`input.deviation` is what is divided by, and not 0")
    layout = output.one_of("layout", get_args(Layout))
    card = Card(
        name=name,
        version=top.text("version"),
        sha256=_hash(file.text("sha256")),
        address=file.text("address"),
        licence=_licence(licence.text("spdx")),
        attribution=licence.text("attribution"),
        classes=classes,
        persons=_known(masked.texts("persons"), classes, "persons"),
        vehicles=_known(masked.texts("vehicles"), classes, "vehicles"),
        width=size[0],
        height=size[1],
        resized=feed.flag("resized"),
        colour=cast(Colour, feed.one_of("colour", get_args(Colour))),
        scale=feed.number("scale", 1e-9, 1.0, 1.0),
        mean=_three(feed.numbers("mean", (0.0, 0.0, 0.0))),
        deviation=_three(deviation),
        letterbox=int(feed.number("letterbox", 0, 255, 114)),
        align=cast(Align, feed.one_of("align", get_args(Align))),
        layout=cast(Layout, layout),
        strides=_strides(output, layout, size),
        score=limits.number("score", 0, 1),
        mask_score=limits.number("mask", 0, 1),
        overlap=limits.number("overlap", 0, 1, 0.45),
        most=int(limits.number("most", 1, 1000, 100)),
        accuracy=tuple(_measured(_Part(one, f"accuracy[{i}].")) for i, one in top.many("accuracy")),
        precision=cast(Literal["f32"], top.one_of("precision", ("f32",))),
        text=text,
    )
    if card.mask_score > card.score:
        raise _bad("`thresholds.mask` may not be higher than `thresholds.score`")
    return card


def sized(card: Card, width: int, height: int) -> Card:
    """The card for pictures of another size than its file was made for; Invalid where the grids
    do not fit. What it says of accuracy was measured at the other size."""
    content = yaml.safe_load(card.text)
    content["input"] |= {"size": [width, height], "resized": True}
    return read_card(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def shipped_cards() -> dict[str, Card]:
    """The cards that come with the product, by name; the files they tell of do not."""
    folder = resources.files("streetwise.discover").joinpath("cards")
    cards = (
        read_card(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    )
    return {card.name: card for card in sorted(cards, key=lambda card: card.name)}


def _bad(what: str) -> Invalid:
    return Invalid(f"The card cannot be used: {what}.", code="detector_card")


class _Part:
    """One mapping of the card, asked key by key."""

    def __init__(self, content: Any, where: str) -> None:
        if not isinstance(content, Mapping):
            raise _bad(f"`{where.rstrip('.') or 'the card'}` is not a list of keys and values")
        self._content = content
        self._where = where

    def _get(self, key: str, default: Any = None) -> Any:
        value = self._content.get(key, default)
        if value is None:
            raise _bad(f"`{self._where}{key}` is missing")
        return value

    def part(self, key: str) -> _Part:
        return _Part(self._get(key), f"{self._where}{key}.")

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str) or not value.strip():
            raise _bad(f"`{self._where}{key}` is a text (put it in quotes)")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _bad(f"`{self._where}{key}` is a list of texts (put `no` and the like in quotes)")
        return tuple(value)

    def many(self, key: str) -> list[tuple[int, Any]]:
        value = self._get(key)
        if not isinstance(value, list):
            raise _bad(f"`{self._where}{key}` is a list, which may be empty")
        return list(enumerate(value))

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self._get(key)
        if value not in allowed:
            raise _bad(f"`{self._where}{key}` is one of {', '.join(allowed)}")
        return str(value)

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _bad(f"`{self._where}{key}` is a number")
        if not least <= value <= most:
            raise _bad(f"`{self._where}{key}` is a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, key: str) -> bool:
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise _bad(f"`{self._where}{key}` is true or false")
        return value

    def numbers(self, key: str, default: tuple[float, ...] | None = None) -> list[float]:
        value = self._get(key, list(default) if default else None)
        count = _SHAPES[key]
        if not (
            isinstance(value, list)
            and len(value) == count
            and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
        ):
            raise _bad(f"`{self._where}{key}` is a list of {count} numbers")
        return [float(one) for one in value]


def _hash(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise _bad("`file.sha256` is the file's SHA-256, 64 hexadecimal digits")
    return value


def _licence(value: str) -> str:
    if value.lower() in _NO_LICENCE or not _SPDX.fullmatch(value):
        raise _bad("`licence.spdx` names no licence; a model that nobody licensed may not run")
    return value


def _known(chosen: tuple[str, ...], classes: tuple[str, ...], key: str) -> frozenset[str]:
    strange = [one for one in chosen if one not in classes]
    if strange:
        raise _bad(f"`masked.{key}` names {strange[0]}, which is not among `classes`")
    return frozenset(chosen)


def _strides(output: _Part, layout: str, size: list[int]) -> tuple[int, ...]:
    """Of yolox only: the cells of its grids in pixels; the other layout brings whole boxes."""
    if layout != "yolox":
        return ()
    strides = tuple(int(one) for _, one in output.many("strides") if isinstance(one, int))
    if not strides or any(one < 1 or size[0] % one or size[1] % one for one in strides):
        raise _bad("`output.strides` are whole numbers that divide the sides of `input.size`")
    return strides


def _three(values: list[float]) -> tuple[float, float, float]:
    return (values[0], values[1], values[2])


def _measured(part: _Part) -> Measured:
    return Measured(
        part.text("metric"), part.number("value", 0, 1), part.text("data"), part.text("by")
    )
