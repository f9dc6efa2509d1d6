"""Bulk work rests for what others waited, and for nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streetwise.kernel.pace import Pace, waited_seconds

TOLD = "some avg10=1.22 avg60=16.00 avg300=18.13 total=17546281685\nfull avg10=0.00 total=0\n"


@pytest.mark.parametrize(
    ("says", "seconds"), [(TOLD, 17546.281685), ("", 0), ("some total=nothing\n", 0), (None, 0)]
)
def test_what_the_system_says_or_does_not(tmp_path: Path, says: str | None, seconds: float) -> None:
    file = tmp_path / "cpu"
    if says is not None:
        file.write_text(says)
    assert waited_seconds(file) == seconds


@pytest.mark.parametrize(
    ("worked", "waited", "factor", "rest", "busy"),
    [
        (2.0, 0.5, 10, 5.0, True),
        (2.0, 0.0, 10, 0.0, False),
        (2.0, 0.01, 10, 0.1, False),
        # Several that wait at once are one wait; and a machine that was asleep counts from anew.
        (2.0, 3.0, 10, 20.0, True),
        (2.0, -7.0, 10, 0.0, False),
        (2.0, 0.5, 0, 0.0, False),
    ],
)
def test_it_rests_for_what_others_waited_in_this_piece_of_work(
    worked: float, waited: float, factor: float, rest: float, busy: bool
) -> None:
    now, told, rested = [100.0], [40.0], []

    async def sleep(seconds: float) -> None:
        rested.append(seconds)
        now[0] += seconds
        told[0] += seconds  # others go on waiting meanwhile: that is not our doing

    async def twice() -> Pace:
        pace = Pace(factor, told=lambda: told[0], sleep=sleep, clock=lambda: now[0])
        for _ in range(2):
            now[0] += worked
            told[0] += waited
            await pace.rest()
        return pace

    pace = asyncio.run(twice())
    assert rested == pytest.approx([rest, rest])
    assert pace.busy is busy
