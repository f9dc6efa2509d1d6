"""``streetwise eval detect``: score a detector on anybody's pictures with YOLO labels.

A label file has a line per thing: number of the class, then centre x, centre y, width, height as
shares of the picture (or the corners of an outline, whose box counts). A picture without a label
file has nothing in it; a label file without a picture is left out and told.

``map50`` is the mean over the labelled classes of the area under the precision-recall curve, every
point of it counted (as the PASCAL VOC challenge since 2010), at IoU 0.5. A detection takes the
best-fitting thing of its class that no surer one has taken. Precision, recall and f1 are those at
the card's threshold.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image, UnidentifiedImageError
from rich.console import Console
from rich.table import Table

from streetwise.discover.detectors.boxes import overlaps
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.values import Bgr, Box, Detection
from streetwise.kernel.errors import Invalid, NotFound

PICTURES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp"))
IOU = 0.5
#: The curve is drawn down to here; what is less sure changes no area worth telling.
LEAST_SCORE = 0.01
_BATCH = 8
_NAME_FILES = ("data.yaml", "classes.txt")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something labelled: what, and where in shares of the picture."""

    what: str
    box: Box


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture: what is in it, what the detector says is in it."""

    things: tuple[Thing, ...]
    found: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class: area under its curve, and precision, recall, f1 at the card's threshold."""

    ap50: float
    precision: float
    recall: float
    f1: float
    things: int


@dataclass(frozen=True, slots=True)
class DetectScore:
    """All figures; ``unknown`` are labelled classes that the detector has no word for."""

    images: int
    things: int
    map50: float
    precision: float
    recall: float
    f1: float
    threshold: float
    per_class: dict[str, ClassFigures]
    unknown: tuple[str, ...]
    labels_without_image: int = 0

    def as_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "images": self.images,
            "things": self.things,
            "map50": round(self.map50, 4),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "threshold": self.threshold,
            "iou": IOU,
            "per_class": {
                what: {
                    "ap50": round(one.ap50, 4),
                    "precision": round(one.precision, 4),
                    "recall": round(one.recall, 4),
                    "f1": round(one.f1, 4),
                    "things": one.things,
                }
                for what, one in self.per_class.items()
            },
            "unknown_classes": list(self.unknown),
            "labels_without_image": self.labels_without_image,
        }


@dataclass(frozen=True, slots=True)
class Material:
    """A folder of pictures and its labels, read but for the pictures themselves."""

    pictures: tuple[tuple[Path, tuple[Thing, ...]], ...]
    labels_without_image: int


def read_material(images: Path, labels: Path, names: Sequence[str]) -> Material:
    """The pictures of a folder with what is in them; Invalid names the first bad line."""
    for folder in (images, labels):
        if not folder.is_dir():
            raise NotFound(f"There is no folder {folder}.", code="eval_folder")
    files = sorted(one for one in images.iterdir() if one.suffix.lower() in PICTURES)
    if not files:
        raise Invalid(f"There are no pictures in {images}.", code="eval_folder")
    told = {one.stem: one for one in labels.glob("*.txt") if one.name not in _NAME_FILES}
    pictures = tuple((one, read_labels(told.pop(one.stem, None), names)) for one in files)
    return Material(pictures, len(told))


def read_labels(path: Path | None, names: Sequence[str]) -> tuple[Thing, ...]:
    """The things of one label file; None: of a picture without one."""
    if path is None:
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(
        _thing(line.split(), names, f"{path.name} line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    )


def class_names(given: Path | None, near: Path, model: Sequence[str]) -> tuple[str, ...]:
    """The classes by number: of a file that was named, of one that lies with the labels or one
    folder above (data.yaml, classes.txt), or else those of the model, in its order."""
    if given is not None:
        return _names_in(given)
    for folder in (near, near.parent):
        for name in _NAME_FILES:
            if (folder / name).is_file():
                return _names_in(folder / name)
    return tuple(model)


def judge(detector: Detector, material: Material) -> list[Judged]:
    """What the detector sees in every picture, beside what is there."""
    out: list[Judged] = []
    for start in range(0, len(material.pictures), _BATCH):
        part = material.pictures[start : start + _BATCH]
        found = detector.look([_picture(path) for path, _ in part], LEAST_SCORE)
        out += [Judged(things, seen) for (_, things), seen in zip(part, found, strict=True)]
    return out


def score(judged: Sequence[Judged], classes: Iterable[str], threshold: float) -> DetectScore:
    """All figures of a detector that knows ``classes``, at its threshold."""
    known = set(classes)
    there = Counter(thing.what for one in judged for thing in one.things)
    verdicts = _verdicts(judged)
    # A class that is labelled nowhere has no recall; what is said of it cannot be judged.
    per_class = {what: _figures(verdicts[what], there[what], threshold) for what in sorted(there)}
    sure = [right for what in there for value, right in verdicts[what] if value >= threshold]
    precision, recall = _shares(sum(sure), len(sure), sum(there.values()))
    return DetectScore(
        images=len(judged),
        things=sum(there.values()),
        map50=float(np.mean([one.ap50 for one in per_class.values()])) if per_class else 0.0,
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        threshold=threshold,
        per_class=per_class,
        unknown=tuple(what for what in sorted(there) if what not in known),
    )


def average_precision(right: Sequence[bool], things: int) -> float:
    """The area under the precision-recall curve; ``right``: of the detections, surest first.

    Precision at a recall is the best that is reached at that recall or a higher one.
    """
    if not things or not right:
        return 0.0
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    # Each hit is a step of 1/things to the right.
    return float(best[np.asarray(right, bool)].sum() / things)


def _verdicts(judged: Sequence[Judged]) -> dict[str, list[tuple[float, bool]]]:
    """Per class all detections, surest first: score, and whether it took a thing."""
    out: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for one in judged:
        for what in {detection.what for detection in one.found}:
            found = [d for d in one.found if d.what == what]
            things = [t for t in one.things if t.what == what]
            out[what] += _taken(sorted(found, key=lambda d: -d.score), things)
    for rows in out.values():
        rows.sort(key=lambda row: -row[0])
    return out


def _taken(found: Sequence[Detection], things: Sequence[Thing]) -> Iterator[tuple[float, bool]]:
    if not things:
        yield from ((one.score, False) for one in found)
        return
    fits = overlaps(
        np.array([one.box for one in found], np.float32),
        np.array([one.box for one in things], np.float32),
    )
    for row, one in zip(fits, found, strict=True):
        best = int(row.argmax())
        right = bool(row[best] >= IOU)
        if right:
            fits[:, best] = -1.0
        yield one.score, right


def _figures(rows: Sequence[tuple[float, bool]], things: int, threshold: float) -> ClassFigures:
    sure = [right for value, right in rows if value >= threshold]
    precision, recall = _shares(sum(sure), len(sure), things)
    ap50 = average_precision([right for _, right in rows], things)
    return ClassFigures(ap50, precision, recall, _f1(precision, recall), things)


def _shares(right: int, said: int, things: int) -> tuple[float, float]:
    return (right / said if said else 0.0, right / things if things else 0.0)


def _f1(precision: float, recall: float) -> float:
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def _thing(parts: Sequence[str], names: Sequence[str], where: str) -> Thing:
    try:
        kind, numbers = int(parts[0]), [float(part) for part in parts[1:]]
    except ValueError as error:
        raise _bad_line(where) from error
    if len(numbers) == 4:
        x, y, width, height = numbers
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    elif len(numbers) >= 6 and len(numbers) % 2 == 0:
        box = (min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))
    else:
        raise _bad_line(where)
    if not all(np.isfinite(numbers)):
        raise _bad_line(where)
    if not 0 <= kind < len(names):
        raise Invalid(
            f"{where}: there is no class {kind}; {len(names)} are named.", code="eval_label"
        )
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in box)
    return Thing(names[kind], (left, top, right, bottom))


def _bad_line(where: str) -> Invalid:
    return Invalid(
        f"{where}: a line is a class and four numbers (or the corners of an outline).",
        code="eval_label",
    )


def _names_in(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", code="eval_names")
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".yaml", ".yml"):
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(f"{path} is not YAML.", code="eval_names") from error
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and sorted(names) == list(range(len(names))):
        names = [names[i] for i in range(len(names))]
    if not isinstance(names, list) or not names:
        raise Invalid(f"{path} has no list `names`.", code="eval_names")
    return tuple(str(one) for one in names)


def _picture(path: Path) -> Bgr:
    try:
        with Image.open(path) as image:
            rgb = np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise Invalid(
            f"{path.name} is not a picture that can be read.", code="eval_image"
        ) from error
    return np.ascontiguousarray(rgb[:, :, ::-1])


def tell(reached: DetectScore, console: Console) -> None:
    """The figures for a person."""
    console.print(
        f"{reached.images} pictures, {reached.things} things: mAP50 {reached.map50:.3f};"
        f" at {reached.threshold:g}: precision {reached.precision:.3f},"
        f" recall {reached.recall:.3f}, f1 {reached.f1:.3f}"
    )
    table = Table("class", "things", "AP50", "precision", "recall", "f1")
    for what, one in reached.per_class.items():
        figures = (one.ap50, one.precision, one.recall, one.f1)
        table.add_row(what, str(one.things), *(f"{figure:.3f}" for figure in figures))
    console.print(table)
    if reached.unknown:
        console.print(f"The detector has no word for: {', '.join(reached.unknown)}.")
    if reached.labels_without_image:
        console.print(f"{reached.labels_without_image} label files have no picture: left out.")


def as_json(reached: DetectScore) -> str:
    """One JSON object."""
    return json.dumps(reached.as_dict(), ensure_ascii=False)
