"""Discover: what a street of cameras costs, with real streams, real decoding, real inference.

A farm of the town's cameras (its own process, not counted) sends H.264 640×360 as RTSP with a key
picture every two seconds; a real shard (reader and two eyes) reads, decodes, gates and infers with
YOLOX-nano, 416 wide and 256 high (``--size``; the baselines have the same). Figures are CPU seconds
per second, of all the shard's processes and of the loop above them, by the system's account; goals
are those of issue 8.

- ``discover.every-key``: 101 cameras, every key picture inferred; ``-square``: at the file's own
  416 × 416. ``discover.gated``: where the gate saw a change, else every two minutes.
  ``discover.1200``: 1,200 cameras, each looked at every six seconds, gated; with each key picture
  received against sent.
- ``discover.pipes``: beside it a process per camera that decodes all to five pictures a second, by
  pipe, gate and the same model, each camera looked at every five seconds; on few cameras, scaled.
- ``discover.capture``: all pictures read as OpenCV does, the same model every two seconds.
- ``discover.decode``, ``.gate``, ``.look``: the parts, milliseconds of CPU per picture.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from bench.discover_baselines import captures_by, pipes_by
from bench.discover_farm import KEY_SECONDS, Farmed, Order, farm, views
from bench.discover_shard import Figures, Way, figures
from bench.meter import cpu_seconds, median
from bench.report import Row, row
from bench.street import Bench
from streetwise.discover.detectors.card import sized
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.registry import Registry, card_from
from streetwise.discover.detectors.resizing import resized
from streetwise.discover.detectors.runtime import engines, open_runtime
from streetwise.discover.engine.decoding import Decoders
from streetwise.discover.gate import Gate
from streetwise.discover.values import Bgr, CodedPicture, Frame

MODEL = Path(__file__).resolve().parents[2] / "shared" / "data" / "models" / "yolox_nano.onnx"
CARD = "yolox-nano-coco"
#: What `model add --size` gives it for pictures of 16 to 9; its own is 416 × 416.
SIZE = (416, 256)

CAMERAS, QUICK_CAMERAS = 101, 6
MANY, QUICK_MANY = 1_200, 24
VIEWS, QUICK_VIEWS = 12, 2
SECONDS, QUICK_SECONDS = 24, 6
#: Sub-streams have 12 to 25 pictures a second; of 1,200 the sender itself would take a core.
FPS, MANY_FPS, MANY_VIEWS, MANY_CHANNELS = 15, 5, 4, 48
#: Cameras of a baseline: what it costs grows with them, so it is scaled from a few.
BASELINE_CAMERAS, QUICK_BASELINE_CAMERAS = 4, 2
START_SECONDS = 60.0
#: Decoded of the key pictures that were sent, at least.
KEPT_UP = 0.95
#: Looks at everything, or where the gate saw a change and else every two minutes.
EVERY_KEY = Way(CARD, 1.0, 1.0)
GATED = Way(CARD, 1.0, 120.0)
EACH_FIVE = Way(CARD, 4.9, 4.9)
MANY_GATED = Way(CARD, 5.9, 120.0, pace=5.9, warm=90.0)


def run(bench: Bench) -> list[Row]:
    """All rows; without the model's file only those that need none."""
    home = bench.home / "discover"
    home.mkdir()
    if not MODEL.exists():
        bench.note(f"discover: without {MODEL} nothing can be inferred; left out")
        return []
    Registry(home / "square").add(str(MODEL), card_from(CARD), threads=1)
    Registry(home / "models").add(str(MODEL), sized(card_from(CARD), *SIZE), threads=1)
    return asyncio.run(_measured(bench, home))


async def _measured(bench: Bench, home: Path) -> list[Row]:
    cameras, seconds = bench.size(CAMERAS, QUICK_CAMERAS), bench.size(SECONDS, QUICK_SECONDS)
    order = Order(str(home), cameras, bench.size(VIEWS, QUICK_VIEWS), FPS)
    models = home / "models"
    bench.note(f"discover: drawing {order.views} views, then {cameras} cameras")
    found: dict[str, Figures] = {}
    others: dict[str, float] = {}
    async with farm(order) as sent:
        for name, way in (("every-key", EVERY_KEY), ("gated", GATED), ("five", EACH_FIVE)):
            found[name] = await figures(sent, models, cameras, way, seconds)
            bench.note(f"discover: {name}: {found[name].core:.3f} {_unit('core', found[name])}")
        found["square"] = await figures(sent, home / "square", cameras, EVERY_KEY, seconds)
        bench.note(f"discover: square: {found['square'].core:.3f} core")
        few = bench.size(BASELINE_CAMERAS, QUICK_BASELINE_CAMERAS)
        for kind, every in (("pipes", 5.0), ("capture", 2.0)):
            others[kind] = await _baseline(sent, models, kind, few, every, seconds)
            bench.note(f"discover: {kind}: {others[kind]:.4f} core a camera, of {few}")
    many = bench.size(MANY, QUICK_MANY)
    async with farm(
        Order(str(home), many, min(order.views, MANY_VIEWS), MANY_FPS, MANY_CHANNELS)
    ) as sent:
        bench.note(f"discover: {many:,} cameras, {seconds} s")
        found["many"] = await figures(sent, models, many, MANY_GATED, seconds, exact=True)
    return [
        *_rows(found, {name: value * cameras for name, value in others.items()}, cameras, many),
        *_parts(views(order)[0].keys(), models, views(order)[0].zone),
    ]


def _rows(
    found: dict[str, Figures], others: dict[str, float], cameras: int, many: int
) -> list[Row]:
    pipes = (f"{pipes_by()} a camera, 5/s, every 5 s, scaled", others["pipes"])
    capture = (f"{captures_by()} reads all, every 2 s, scaled", others["capture"])
    every, gated, five, lots = (found[one] for one in ("every-key", "gated", "five", "many"))
    said = f"core, {cameras} cameras"
    return [
        row("discover.every-key", every.core, _unit(said, every), baseline=capture,
            goal=_goal("value <= 1", every, cameras)),
        row("discover.every-key-square", found["square"].core, _unit(said, found["square"]),
            baseline=("at 416 × 256", every.core),
            goal=_goal("value <= 1", found["square"], cameras)),
        row("discover.gated", gated.core, _unit(said, gated), baseline=capture,
            goal=_goal("value <= 0.4", gated, cameras)),
        row("discover.1200", lots.core, _unit(f"core, {many:,} cameras", lots),
            baseline=("two cores", 2.0), goal="value <= 2"),
        row("discover.1200-keys", lots.keys_received, _keys_unit(lots),
            baseline=("sent", lots.keys_sent), goal=_keys_goal(lots)),
        row("discover.pipes", five.core, _unit(said, five), baseline=pipes, goal="ratio <= 0.1"),
        row("discover.capture", every.core, said, baseline=capture, goal="ratio <= 0.333"),
        row("discover.reader", every.cores["reader"], said, baseline=("all of it", every.core)),
        row("discover.memory", every.mib / cameras, "MiB a camera (PSS)",
            baseline=(f"of {many:,}", lots.mib / many)),
    ]  # fmt: skip


def _keys_goal(one: Figures) -> str | None:
    """Every key picture, and no other: more than were sent is a count of something else."""
    counted = not one.full_streams and one.keys_received <= one.keys_sent
    return "ratio >= 1" if counted else None


def _keys_unit(one: Figures) -> str:
    said = f", and others of {one.full_streams} streams followed in full"
    return "key pictures received" + (said if one.full_streams else "")


def _goal(goal: str, one: Figures, cameras: int) -> str | None:
    """None where the eyes did not get to every key picture: on a machine that is busy with other
    things they take the latest and leave the rest, and what that cost says nothing of the goal."""
    return goal if one.decoded >= KEPT_UP * cameras / KEY_SECONDS else None


def _unit(said: str, one: Figures) -> str:
    """With what was really done: a figure of an eye that did not keep up would be no figure."""
    late = ", overload" if one.overload else ""
    return f"{said} ({one.decoded:.0f} decoded, {one.inferred:.1f} inferred /s{late})"


async def _baseline(
    sent: Farmed, models: Path, kind: str, count: int, every: float, seconds: float
) -> float:
    """Cores per camera of one way to read, all its processes counted."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.discover_baselines", kind,
        *(sent.address(f"c{number}") for number in range(count)),
        "--models", str(models), "--every", str(every), "--zone", json.dumps(sent.zones[0]),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            while json.loads(await process.stdout.readline())[3] < count:
                pass
        # Past its start: each has opened its stream and has been looked at.
        for _ in range(2):
            await process.stdout.readline()
        cpu, began = cpu_seconds([process.pid]), time.monotonic()
        await asyncio.sleep(seconds)
        used = cpu_seconds([process.pid]) - cpu
        return used / (time.monotonic() - began) / count
    finally:
        process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await process.communicate()
        if process.returncode is None:
            process.kill()
            await process.wait()


# -- the parts ----------------------------------------------------------------------------


def _parts(
    coded: Sequence[bytes], models: Path, zone: tuple[tuple[float, float], ...]
) -> list[Row]:
    decoders, gate = Decoders(), Gate({"z": zone})
    pictures = [CodedPicture("c", "h264", data, 2.0 * k) for k, data in enumerate(coded)]
    frames: list[Frame] = []
    decode = _cpu_ms(lambda: frames.__setitem__(slice(None), map(decoders.decode, pictures)),
                     len(pictures))  # fmt: skip
    looked = iter(range(10**9))

    def through_gate() -> None:
        for frame in frames:
            gate.read(frame.luma, 2.0 * next(looked))

    gating = _cpu_ms(through_gate, len(frames))
    rows = [row("discover.gate", gating, "ms CPU a picture", baseline=("decode", decode))]
    card = Registry(models).get(CARD).card
    model = resized(MODEL.read_bytes(), *SIZE)
    batch: list[Bgr] = [frame.bgr for frame in frames[:4]]
    for engine in engines():
        detector = Detector(card, open_runtime(model, engine, 1))
        look = _cpu_ms(lambda one=detector: one.look(batch), len(batch))  # type: ignore[misc]
        rows.append(row(f"discover.look-{engine}", look, "ms CPU a picture",
                        baseline=("decode", decode)))  # fmt: skip
        if engine == "onnxruntime":
            rows.insert(0, row("discover.decode", decode, "ms CPU a picture",
                               baseline=("look", look)))  # fmt: skip
    return rows


def _cpu_ms(work: Callable[[], object], pictures: int) -> float:
    """Milliseconds of CPU per picture, median of five after one that warms."""
    spent = []
    for _ in range(6):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000 / pictures)
    return median(spent[1:])
