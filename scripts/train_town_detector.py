"""Train the detector of the town's cameras, and write its ONNX file.

For developers; the product runs what comes out (``src/streetwise/town/detector``) without torch.

    python3 -m venv .venv-train
    .venv-train/bin/pip install torch==2.13.0 numpy pillow shapely pyyaml httpx rich onnx onnxscript
    .venv/bin/python -m scripts.town_detector_pictures render WORK
    PYTHONPATH=src .venv-train/bin/python -m scripts.train_town_detector train WORK --places 2 &
    PYTHONPATH=src .venv-train/bin/python -m scripts.train_town_detector train WORK --places 2 \\
        --place 1
    PYTHONPATH=src .venv-train/bin/python -m scripts.train_town_detector export WORK
    .venv/bin/python -m scripts.town_detector_pictures judge WORK

The model is a small convolutional network of its own: depthwise-separable blocks (Howard et al.,
MobileNets, 2017), a top-down path (Lin et al., Feature Pyramid Networks, 2017), and at strides 8,
16 and 32 the decoupled anchor-free head of YOLOX (Ge et al., 2021), whose output layout it has. A
thing belongs to the cells around its middle, at the strides that go with its size.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as entropy
from torch.nn.utils.fusion import fuse_conv_bn_eval

from scripts.town_detector_pictures import HEIGHT, INNER, SHIPPED, WIDTH
from streetwise.town.detector.pictures import CLASSES

Floats = NDArray[np.float32]
GREY = 114
STRIDES = (8, 16, 32)
#: From and to which size (longer side, pixels of the input) a thing belongs to a stride.
SIZES = ((0, 44), (30, 104), (76, 9999))
BATCH = 8  # in each process


class Material:
    """All pictures that are learned from; ``batch`` gives some of them, changed by chance."""

    def __init__(self, work: Path) -> None:
        packs = [np.load(path) for path in sorted(work.glob("train*.npz"))]
        self.pics = np.concatenate([pack["pics"] for pack in packs])
        counts = np.concatenate([pack["counts"] for pack in packs])
        boxes = np.concatenate([pack["boxes"] for pack in packs])
        self.boxes = np.split(boxes, np.cumsum(counts)[:-1])
        self.noise = np.random.default_rng(1).normal(0, 1, (INNER + 64, WIDTH + 64))

    def batch(self, rows: Any, rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
        """Pictures (n, HEIGHT, WIDTH, 3), boxes (class, corners in pixels) of each."""
        out = np.full((len(rows), HEIGHT, WIDTH, 3), GREY, np.uint8)
        kept = []
        for n, row in enumerate(rows):
            boxes = self.boxes[row] * np.array([1, WIDTH, INNER, WIDTH, INNER], np.float32)
            image = Image.fromarray(self.pics[row]).point(_levels(rng))
            if rng.random() < 0.5:
                image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
                boxes[:, [1, 3]] = WIDTH - boxes[:, [3, 1]]
            if rng.random() < 0.5:
                image, boxes = _zoomed(image, boxes, rng)
            out[n, :INNER] = np.asarray(image)
            if rng.random() < 0.3:
                top, left = rng.integers(0, 64, 2)
                noise = self.noise[top : top + INNER, left : left + WIDTH] * rng.uniform(1, 5)
                out[n, :INNER] = np.clip(out[n, :INNER] + noise[:, :, None], 0, 255)
            kept.append(boxes)
        return out, kept


def _zoomed(image: Image.Image, boxes: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    zoom = rng.uniform(0.85, 1.25)
    x, y = rng.uniform(0, 1, 2) * (1 - 1 / zoom) * np.array([WIDTH, INNER])
    image = image.transform(
        (WIDTH, INNER), Image.Transform.AFFINE, (1 / zoom, 0, x, 0, 1 / zoom, y),
        Image.Resampling.BILINEAR, fillcolor=(GREY,) * 3,
    )  # fmt: skip
    boxes[:, 1:] = (boxes[:, 1:] - np.array([x, y, x, y])) * zoom
    area = np.prod(boxes[:, 3:] - boxes[:, 1:3], axis=1)
    boxes[:, 1:] = np.clip(boxes[:, 1:], 0, [WIDTH, INNER] * 2)
    return image, boxes[np.prod(boxes[:, 3:] - boxes[:, 1:3], axis=1) > 0.35 * area]


def _levels(rng: np.random.Generator) -> list[int]:
    """Another exposure, tint and gamma, as a table of 256 levels of each channel."""
    gain = rng.uniform(0.75, 1.25) * rng.uniform(0.93, 1.07, 3)
    level = np.clip(np.arange(256) / 255 * gain[:, None], 0, 1) ** rng.uniform(0.8, 1.25)
    return [int(one) for one in (255 * level).ravel()]


# -- the model ---------------------------------------------------------------------------------


def network() -> Any:
    """The model; its output is (n, rows, 5 + classes), in the layout `yolox`."""

    def conv(a: int, b: int, side: int = 3, step: int = 1, groups: int = 1) -> Any:
        return nn.Sequential(
            nn.Conv2d(a, b, side, step, side // 2, groups=groups, bias=False),
            nn.BatchNorm2d(b, momentum=0.05),
            nn.ReLU(inplace=True),
        )

    def apart(a: int, b: int, side: int = 3, step: int = 1) -> Any:
        return nn.Sequential(conv(a, a, side, step, a), conv(a, b, 1))

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, a: int, side: int) -> None:
            super().__init__()
            self.way = apart(a, a, side)

        def forward(self, x: Any) -> Any:
            return x + self.way(x)

    class Network(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Sequential(conv(3, 16, 3, 2), apart(16, 32, 3, 2))
            self.third = nn.Sequential(apart(32, 64, 3, 2), Block(64, 3), Block(64, 3))
            self.fourth = nn.Sequential(apart(64, 96, 5, 2), Block(96, 5), Block(96, 5))
            self.fifth = nn.Sequential(apart(96, 144, 5, 2), Block(144, 5), Block(144, 5))
            self.sides = nn.ModuleList([conv(a, 64, 1) for a in (64, 96, 144)])
            self.mixes = nn.ModuleList([Block(64, 3), Block(64, 5), Block(64, 5)])
            self.kinds = nn.ModuleList([apart(64, 64, s) for s in (3, 5, 5)])
            self.places = nn.ModuleList([apart(64, 64, s) for s in (3, 5, 5)])
            self.kind_out = nn.ModuleList([nn.Conv2d(64, len(CLASSES), 1) for _ in STRIDES])
            self.place_out = nn.ModuleList([nn.Conv2d(64, 5, 1) for _ in STRIDES])
            for kind, place in zip(self.kind_out, self.place_out, strict=True):
                nn.init.constant_(kind.bias, -2.0)
                nn.init.constant_(place.bias, 0.0)
                place.bias.data[4] = -4.6  # one cell in a hundred has a thing

        def raw(self, x: Any) -> Any:
            """Box (4), objectness and classes before the sigmoid, (n, rows, 5 + classes)."""
            c3 = self.third(self.stem(x))
            c4 = self.fourth(c3)
            c5 = self.fifth(c4)
            p5 = self.mixes[2](self.sides[2](c5))
            up = nn.functional.interpolate
            p4 = self.mixes[1](self.sides[1](c4) + up(p5, scale_factor=2.0, mode="nearest"))
            p3 = self.mixes[0](self.sides[0](c3) + up(p4, scale_factor=2.0, mode="nearest"))
            out = []
            for k, p in enumerate((p3, p4, p5)):
                place = self.place_out[k](self.places[k](p))
                kind = self.kind_out[k](self.kinds[k](p))
                out.append(torch.cat([place, kind], 1).flatten(2))
            return torch.cat(out, 2).transpose(1, 2)

        def forward(self, x: Any) -> Any:
            raw = self.raw(x)
            return torch.cat([raw[:, :, :4], raw[:, :, 4:].sigmoid()], 2)

    return Network()


def cells() -> tuple[np.ndarray, np.ndarray]:
    """Column and row of every cell, and its stride, in the order of the output."""
    grids, strides = [], []
    for stride in STRIDES:
        x, y = np.meshgrid(np.arange(WIDTH // stride), np.arange(HEIGHT // stride))
        grids.append(np.stack([x.ravel(), y.ravel()], 1))
        strides.append(np.full(x.size, stride))
    return np.concatenate(grids).astype(np.float32), np.concatenate(strides).astype(np.float32)


# -- training ----------------------------------------------------------------------------------


def assigned(boxes: np.ndarray, grid: np.ndarray, strides: np.ndarray) -> np.ndarray:
    """Of every cell the row of the thing it answers for, or -1: those whose middle lies within a
    cell's side of the thing's middle, at the strides of its size; the smaller thing goes first."""
    out = np.full(len(grid), -1)
    if not len(boxes):
        return out
    size = (boxes[:, 3:] - boxes[:, 1:3]).max(1)
    middle = (boxes[:, 1:3] + boxes[:, 3:]) / 2
    low = np.select([strides == s for s in STRIDES], [a for a, _ in SIZES])
    high = np.select([strides == s for s in STRIDES], [b for _, b in SIZES])
    for row in np.argsort(-size):
        apart = np.abs((grid + 0.5) * strides[:, None] - middle[row]).max(1)
        out[(apart < strides) & (size[row] >= low) & (size[row] < high)] = row
    return out


def loss_of(raw: Any, boxes: list[np.ndarray], grid: np.ndarray, strides: np.ndarray) -> Any:
    """Generalised IoU of boxes, binary cross-entropy of objectness and classes."""
    whose = np.stack([assigned(one, grid, strides) for one in boxes])
    n, cell = np.nonzero(whose >= 0)
    there = torch.zeros(raw.shape[:2])
    there[n, cell] = 1.0
    count = max(1, len(n))
    # Many cells have nothing; the sum over all is shared among those that have.
    loss = entropy(raw[:, :, 4], there, reduction="sum") / count
    if not len(n):
        return loss
    wanted = np.stack([boxes[a][whose[a, b]] for a, b in zip(n, cell, strict=True)])
    mine = raw[n, cell]
    side = torch.from_numpy(strides[cell])[:, None]
    centre = (mine[:, :2] + torch.from_numpy(grid[cell])) * side
    half = mine[:, 2:4].clamp(-6, 6).exp() * side / 2
    fit, giou = _overlap(centre - half, centre + half, torch.from_numpy(wanted[:, 1:]))
    kinds = torch.nn.functional.one_hot(torch.from_numpy(wanted[:, 0]).long(), len(CLASSES))
    sure = fit.detach().clamp(0.3, 1)[:, None] * kinds
    return loss + 3 * (1 - giou).mean() + entropy(mine[:, 5:], sure, reduction="sum") / count


def _overlap(low: Any, high: Any, wanted: Any) -> tuple[Any, Any]:
    a, b = torch.maximum(low, wanted[:, :2]), torch.minimum(high, wanted[:, 2:])
    common = (b - a).clamp(min=0).prod(1)
    union = (high - low).prod(1) + (wanted[:, 2:] - wanted[:, :2]).prod(1) - common
    outer = torch.maximum(high, wanted[:, 2:]) - torch.minimum(low, wanted[:, :2])
    fit = common / union.clamp(min=1e-6)
    hull = outer.prod(1).clamp(min=1e-6)
    return fit, fit - (hull - union) / hull


def train(work: Path, minutes: float, passes: int, rate: float, place: int, places: int) -> None:
    """Learn for so many passes or minutes, whichever is over first; keeps the mean of weights.

    ``place`` of ``places`` processes, which take the mean of their gradients at every step. One
    thread in each: on a busy machine torch's threads spend more time waiting for each other.
    """
    torch.set_num_threads(1)
    torch.manual_seed(8)
    meeting = (work / "meeting").absolute().as_uri()
    torch.distributed.init_process_group("gloo", meeting, rank=place, world_size=places)
    rng, (grid, strides), material = np.random.default_rng(8 + place), cells(), Material(work)
    model = network().to(memory_format=torch.channels_last)
    mean = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    ways = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02)
    steps = passes * len(material.pics) // (BATCH * places)
    began, step, gone, lately, order = time.time(), 0, 0.0, [], np.empty(0, int)
    while gone < 1:
        for group in ways.param_groups:
            # A short rise, then half a cosine down to a fiftieth.
            fall = 0.02 + 0.98 * (1 + math.cos(math.pi * gone)) / 2
            group["lr"] = rate * min(1.0, (step + 1) / 60) * fall
        if len(order) < BATCH:
            order = rng.permutation(len(material.pics))
        taken, order = order[:BATCH], order[BATCH:]
        given, boxes = material.batch(taken, rng)
        loss = loss_of(model.raw(torch.from_numpy(given).permute(0, 3, 1, 2) / 255), boxes, grid,
                       strides)  # fmt: skip
        ways.zero_grad()
        loss.backward()
        step += 1
        gone = _together(model, max(step / steps, (time.time() - began) / 60 / minutes), places)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 20.0)
        ways.step()
        mean.update_parameters(model)
        lately.append(loss.item())
        if step % 20 == 0 and place == 0:
            spent = f"{time.process_time():.0f} s of CPU"
            print(step, f"{gone:.3f} {np.mean(lately):.3f}", spent, flush=True)
            lately.clear()
            torch.save(mean.module.state_dict(), work / "weights.pt")
    if place == 0:
        torch.save(mean.module.state_dict(), work / "weights.pt")
        told = {"steps": step, "pictures": len(material.pics), "cpu_s": time.process_time()}
        (work / "trained.json").write_text(json.dumps(told), encoding="utf-8")


def _together(model: Any, gone: float, places: int) -> float:
    """All processes' gradients become their mean, and so does what they say is gone."""
    parts = [one.grad for one in model.parameters()]
    flat = torch.cat([torch.tensor([gone]), *(one.reshape(-1) for one in parts)])
    torch.distributed.all_reduce(flat)
    flat /= places
    at = 1
    for one in parts:
        one.copy_(flat[at : at + one.numel()].view(one.shape))
        at += one.numel()
    return float(flat[0])


# -- the file and its figures ------------------------------------------------------------------


def export(work: Path) -> None:
    """Write the ONNX file: fed with 0 to 255, normalised layers folded into the convolutions."""
    model = network()
    model.load_state_dict(torch.load(work / "weights.pt"))
    model.eval()
    for part in list(model.modules()):
        if isinstance(part, torch.nn.Sequential) and isinstance(part[0], torch.nn.Conv2d):
            part[0] = fuse_conv_bn_eval(part[0], part[1])
            part[1] = torch.nn.Identity()
    model.stem[0][0].weight.data /= 255
    made = torch.onnx.export(
        model, (torch.zeros(2, 3, HEIGHT, WIDTH),), input_names=["images"],
        output_names=["output"], dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True, opset_version=18,
    ).model_proto  # fmt: skip
    # The exporter notes where in whose folders each node came from.
    graph = made.graph
    for part in (made, graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        del part.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
    del graph.value_info[:]
    (SHIPPED / "town-nano.onnx").write_bytes(made.SerializeToString(deterministic=True))
    print(sum(one.numel() for one in model.parameters()), "parameters")


def main() -> None:
    """Training or export."""
    said = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    said.add_argument("step", choices=("train", "export"))
    said.add_argument("work", type=Path)
    said.add_argument("--minutes", type=float, default=30)
    said.add_argument("--passes", type=int, default=20)
    said.add_argument("--rate", type=float, default=3e-3)
    said.add_argument("--place", type=int, default=0)
    said.add_argument("--places", type=int, default=1)
    given = said.parse_args()
    if given.step == "train":
        train(given.work, given.minutes, given.passes, given.rate, given.place, given.places)
    else:
        export(given.work)


if __name__ == "__main__":
    main()
