"""The pictures that the town's detector learns from and is judged by, and its figures.

For developers; see ``scripts/train_town_detector.py``. Needs no torch:

    .venv/bin/python -m scripts.town_detector_pictures render WORK
    .venv/bin/python -m scripts.town_detector_pictures judge WORK

Pictures of seeds 301 to 305 are learned from; those that are judged are of seeds 21 and 22 and of
cameras of other numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from streetwise.discover.detectors.card import read_card
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.runtime import open_runtime
from streetwise.evaluation import detect
from streetwise.town.detector.pictures import CLASSES, labelled
from streetwise.town.video.render import Box

#: The model's input, and the lines of it that a picture of 640 x 360 fills.
WIDTH, HEIGHT, INNER = 416, 256, 234
SCENES = (
    "bins", "fire_lane", "no_stopping", "vendors", "heaps", "water", "river", "smoke", "bins",
    "no_stopping", "vendors", "",
)  # fmt: skip
LEARNED, JUDGED = (301, 302, 303, 304, 305), (21, 22)
CAMERAS, FIRST, OTHER_CAMERAS, OTHER_FIRST = 168, 1000, 36, 5000
SHIPPED = Path(__file__).parents[1] / "src/streetwise/town/detector"


def learned(work: Path) -> None:
    """Render what is learned from, as the model is fed, packed in one file."""
    made, boxes, rng = [], [], random.Random(FIRST)
    for k in range(FIRST, FIRST + CAMERAS):
        for one in labelled(LEARNED[k % len(LEARNED)], k, SCENES[k % len(SCENES)], 8, 2):
            # What a camera sends has been through a coder; how much it suffers differs.
            image = _coded(one.rgb, rng.randint(40, 92))
            image = image.resize((WIDTH, INNER), Image.Resampling.BILINEAR)
            made.append(np.asarray(image)[:, :, ::-1])
            boxes.append(_rows(one.things))
    np.savez(
        work / "train.npz",
        pics=np.stack(made),
        counts=np.array([len(rows) for rows in boxes]),
        boxes=np.concatenate(boxes),
    )


def held_out(work: Path) -> None:
    """Render what is judged: JPEG files and YOLO labels, as ``streetwise eval detect`` reads."""
    (work / "images").mkdir(exist_ok=True)
    (work / "labels").mkdir(exist_ok=True)
    (work / "labels/classes.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")
    for k in range(OTHER_FIRST, OTHER_FIRST + OTHER_CAMERAS):
        found = labelled(JUDGED[k % len(JUDGED)], k, SCENES[k % len(SCENES)], 6)
        for n, one in enumerate(found):
            Image.fromarray(one.rgb).save(work / f"images/{k}-{n}.jpg", quality=75)
            lines = [
                f"{int(kind)} {(a + c) / 2:.6f} {(b + d) / 2:.6f} {c - a:.6f} {d - b:.6f}\n"
                for kind, a, b, c, d in _rows(one.things).tolist()
            ]
            (work / f"labels/{k}-{n}.txt").write_text("".join(lines), encoding="utf-8")


def _coded(rgb: NDArray[np.uint8], quality: int) -> Image.Image:
    kept = io.BytesIO()
    Image.fromarray(rgb).save(kept, "JPEG", quality=quality)
    return Image.open(kept).convert("RGB")


def _rows(things: Iterable[tuple[str, Box]]) -> NDArray[np.float32]:
    rows = [[CLASSES.index(what), *box] for what, box in things]
    return np.array(rows, np.float32).reshape(-1, 5)


def judge(work: Path) -> None:
    """Score the shipped file on the held-out pictures, and write hash and figures to its card."""
    card_path, model = SHIPPED / "card.yaml", (SHIPPED / "town-nano.onnx").read_bytes()
    card = read_card(card_path.read_text(encoding="utf-8"))
    detector = Detector(card, open_runtime(model, "onnxruntime", 1))
    material = detect.read_material(work / "images", work / "labels", CLASSES)
    reached = detect.score(detect.judge(detector, material), card.classes, card.score)
    (work / "figures.json").write_text(detect.as_json(reached), encoding="utf-8")
    detect.tell(reached, Console(highlight=False))
    digest = hashlib.sha256(model).hexdigest()
    text = card_path.read_text(encoding="utf-8").replace(card.sha256, digest)
    for metric in ("map50", "precision", "recall"):
        value = f"{getattr(reached, metric):.3g}"
        text = re.sub(rf"(metric: {metric}\n    value: )[0-9.]+", rf"\g<1>{value}", text)
    card_path.write_text(text, encoding="utf-8")


def main() -> None:
    """One of the two steps."""
    said = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    said.add_argument("step", choices=("render", "judge"))
    said.add_argument("work", type=Path)
    given = said.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.step == "judge":
        judge(given.work)
    else:
        learned(given.work)
        held_out(given.work)


if __name__ == "__main__":
    main()
