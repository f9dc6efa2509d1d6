"""Python's collector of garbage, told what it need not look at again and again."""

from __future__ import annotations

import gc

#: New objects before the youngest are looked at; Python's 700 is less than one request makes.
YOUNG_OBJECTS = 10_000


def settle() -> None:
    """What the program itself is made of stays; called once, when everything is there.

    Otherwise the collector walks through all of it every few seconds, and everybody waits: a
    quarter of a million objects, 150 ms each time on a machine of 2026 with two cores.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
