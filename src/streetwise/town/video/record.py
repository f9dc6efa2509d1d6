"""What ``town make`` writes of the cameras: their zones, and the truth of what they see."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from streetwise.town.courses import Course
from streetwise.town.folder import World

from .layout import Post, layout_of
from .program import happenings, posts_of
from .render import happening_box

#: Days before and after the end of the town's history whose happenings are written down.
BEFORE, AFTER = 7, 7
ZONE_COLUMNS = ("camera", "scene", "name", "corners")
#: ``box``: where a problem is once it is there, in shares of the picture, left top right bottom.
TRUTH_COLUMNS = ("camera", "scene", "kind", "what", "grows_from", "from", "to", "box")


def write_cameras(folder: Path, world: World, seed: int) -> None:
    """``zones.csv``, which the product's set-up imports, and the seed for ``town cameras``."""
    folder.mkdir(parents=True, exist_ok=True)
    said = json.dumps({"format": 1, "seed": seed})
    (folder / "street.json").write_text(said + "\n", encoding="utf-8", newline="\n")
    names = {row["code"]: row["name"] for row in world.cameras}
    _write(
        folder / "zones.csv",
        ZONE_COLUMNS,
        (
            (post.code, post.scene, f"{names[post.code]}检测区", corners_text(corners))
            for post in _analysed(world)
            if (corners := layout_of(seed, post).zone_corners())
        ),
    )


def write_scenes(
    path: Path, world: World, seed: int, until: date, courses: Sequence[Course]
) -> None:
    """``scenes.csv``: every happening around the end of the history, by camera and time."""
    first = until - timedelta(days=BEFORE)
    days = [first + timedelta(days=n) for n in range(BEFORE + AFTER)]
    _write(path, TRUTH_COLUMNS, _happenings(_analysed(world), seed, days, courses))


def _happenings(
    posts: Iterable[Post], seed: int, days: Sequence[date], courses: Sequence[Course]
) -> Iterator[tuple[str, ...]]:
    for post in posts:
        layout = layout_of(seed, post)
        for day in days:
            for one in happenings(seed, post, day, courses):
                # Only problems are to be found; their boxes cost most of the time here.
                box = happening_box(layout, one) if one.kind == "problem" else None
                yield (
                    post.code, post.scene, one.kind, one.what,
                    (one.begin - one.lead).isoformat(), one.begin.isoformat(),
                    one.end.isoformat(), " ".join(f"{v:.4f}" for v in box) if box else "",
                )  # fmt: skip


def corners_text(corners: Iterable[tuple[float, float]]) -> str:
    """Corners as the files have them: ``x y;x y;…``, in shares of the picture."""
    return ";".join(f"{x:.4f} {y:.4f}" for x, y in corners)


def _analysed(world: World) -> list[Post]:
    return [post for post in posts_of(world.cameras, world.scenes) if post.scene]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
