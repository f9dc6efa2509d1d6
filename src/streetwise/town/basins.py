"""How water gathers where it should not: each low place as one small reservoir.

What falls on the catchment runs in; what the drains take runs out, and the fuller the place,
the less they take (leaves, mud, a drowned pump). Levels are metres over the dry floor; for the
river they are metres over the gauge's zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chance import Array


@dataclass(frozen=True, slots=True)
class Basin:
    """One place that fills: drain in mm of rain a minute, depth in metres per mm stored."""

    key: str
    drain: float
    clogged: float  # share of the drain that is left when the place is full
    eases: float  # mm stored over which the drain falls to that
    metres: float
    lag: float  # minutes that the rain takes to get there
    rest: float = 0.0  # level in dry weather
    share: float = 0.0  # of the store that leaves in a minute, whatever the drain does


UNDERPASS = Basin("underpass", 0.82, 0.17, 8.0, 0.0125, 6.0)
LOW_POINTS = (
    Basin("low_point_1", 0.95, 0.30, 9.0, 0.0105, 5.0),
    Basin("low_point_2", 1.20, 0.25, 8.0, 0.0098, 8.0),
    Basin("low_point_3", 0.70, 0.45, 10.0, 0.0066, 4.0),
    Basin("low_point_4", 1.45, 0.35, 7.0, 0.0110, 10.0),
)
RIVER = Basin("river", 0.0, 1.0, 1.0, 0.014, 55.0, rest=1.20, share=1 / 420)
BASINS = (UNDERPASS, *LOW_POINTS, RIVER)


def levels(rain: Array, minutes: float, basins: tuple[Basin, ...] = BASINS) -> Array:
    """Levels in metres for rain given in steps of so many minutes.

    Rain is (…, steps) in mm per step; the answer is (…, steps, basins), the level at the end of
    each step. Everything begins dry.
    """
    drain, clogged, eases, metres, lag, rest, share = (
        np.array([getattr(b, name) for b in basins])
        for name in ("drain", "clogged", "eases", "metres", "lag", "rest", "share")
    )
    catch = 1.0 - np.exp(-minutes / lag)  # of what is under way, the part that arrives in a step
    leave = 1.0 - np.exp(-minutes * share)
    shape = (*rain.shape[:-1], len(basins))
    coming, stored = np.zeros(shape), np.zeros(shape)
    out = np.empty((*rain.shape, len(basins)))
    for i in range(rain.shape[-1]):
        coming = coming + rain[..., i, None]
        arrived = coming * catch
        coming = coming - arrived
        stored = stored + arrived
        working = clogged + (1.0 - clogged) * np.exp(-stored / eases)
        stored = np.maximum(0.0, stored - drain * working * minutes)
        stored = stored * (1.0 - leave)
        out[..., i, :] = rest + metres * stored
    return out
