"""How fast a model is here, and whether the engines agree on it: measured, not assumed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from streetwise.discover.detectors.boxes import Floats
from streetwise.discover.detectors.card import Card
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.runtime import Engine, Runtime, agree, open_runtime
from streetwise.kernel.errors import Invalid, StreetwiseError

_WARM, _ROUNDS = 2, 5
#: Pictures given together, as the batches of the product are.
_BATCH = 4


@dataclass(frozen=True, slots=True)
class Speed:
    """One engine: milliseconds per picture, alone and in batches, and of CPU (in batches).

    ``agrees``: its raw outputs are those of the first engine, within the tolerance.
    """

    engine: Engine
    threads: int
    ms: float
    ms_batched: float
    cpu_ms: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """All engines that are installed here, and of those that agree the one that needs least CPU."""

    engine: Engine
    speeds: tuple[Speed, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"engine": self.engine, "speeds": [asdict(one) for one in self.speeds]}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Measurement:
        """The other way round."""
        return cls(content["engine"], tuple(Speed(**one) for one in content["speeds"]))


def measure(model: bytes, card: Card, engines: Sequence[Engine], threads: int) -> Measurement:
    """Try the model on each engine; Invalid where its input or output is not what its card says.

    The pictures are noise from a fixed seed: the work of these networks depends on the size alone.
    """
    rng = np.random.default_rng(8)
    # A small picture made large: noise of single pixels would say nothing to a network.
    small = rng.integers(0, 256, (card.height // 16, card.width // 16, 3), np.uint8)
    picture = np.kron(small, np.ones((16, 16, 1), np.uint8))
    pictures = rng.uniform(0, 255 * card.scale, (_BATCH, 3, card.height, card.width))
    batch = pictures.astype(np.float32)
    speeds: list[Speed] = []
    first: Floats | None = None
    for engine in engines:
        runtime = open_runtime(model, engine, threads)
        raw = _tried(runtime, card, batch)
        Detector(card, runtime).look([picture])
        if first is None:
            first = raw
        speeds.append(_speed(runtime, batch, agree(first, raw)))
    # By CPU, not by the clock: cores are what is scarce, and it says the same on a busy machine.
    best = min((one for one in speeds if one.agrees), key=lambda one: one.cpu_ms)
    return Measurement(best.engine, tuple(speeds))


def _tried(runtime: Runtime, card: Card, batch: Floats) -> Floats:
    try:
        return runtime.infer(batch)
    except StreetwiseError:
        raise
    # Each engine has its own errors for an input of another size.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise Invalid(
            f"The model does not take pictures of {card.width}×{card.height}, which its card says:"
            f" {first}",
            code="detector_input",
        ) from error


def _speed(runtime: Runtime, batch: Floats, agrees: bool) -> Speed:
    for _ in range(_WARM):
        runtime.infer(batch[:1])
    alone, _ = _timed(runtime, [batch[:1]] * _ROUNDS)
    batched, cpu = _timed(runtime, [batch] * (_ROUNDS - _WARM))
    return Speed(
        runtime.engine, runtime.threads, round(alone, 2), round(batched, 2), round(cpu, 2), agrees
    )


def _timed(runtime: Runtime, rounds: Sequence[Floats]) -> tuple[float, float]:
    """Milliseconds and milliseconds of CPU of a picture; of the quickest round, since what else
    runs on the machine only ever adds."""
    wall, cpu = [], []
    for batch in rounds:
        began, began_cpu = time.perf_counter(), time.process_time()
        runtime.infer(batch)
        wall.append((time.perf_counter() - began) / len(batch))
        cpu.append((time.process_time() - began_cpu) / len(batch))
    return min(wall) * 1000, min(cpu) * 1000
