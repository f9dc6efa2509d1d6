"""The mouths by which the town speaks, and their habits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHANNELS = (
    "hotline12345",
    "street_hotline",
    "grid_worker",
    "wechat",
    "petition",
    "police",
    "procuratorate",
    "court",
    "justice_office",
    "media",
    "district",
)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a channel behaves.

    ``share``: by nature, how many of its reports come this way, as weights against the other
    channels; ``office_hours``: only while offices are open; ``located``: the part of its
    reports that come with a coordinate; ``length``: short, record (a clerk's note) or long.
    """

    share: Mapping[str, float]
    office_hours: bool
    located: float
    length: str


def _share(problem: float, hazard: float, dispute: float, request: float) -> Mapping[str, float]:
    return {"problem": problem, "hazard": hazard, "dispute": dispute, "request": request}


CHANNEL_HABITS: Mapping[str, Habit] = {
    "hotline12345": Habit(_share(46, 22, 30, 52), office_hours=False, located=0.0, length="record"),
    "street_hotline": Habit(_share(10, 8, 12, 12), office_hours=False, located=0.0, length="short"),
    "grid_worker": Habit(_share(26, 46, 18, 4), office_hours=True, located=1.0, length="short"),
    "wechat": Habit(_share(22, 14, 12, 22), office_hours=False, located=0.55, length="short"),
    "petition": Habit(_share(3, 2, 9, 7), office_hours=True, located=0.0, length="long"),
    "police": Habit(_share(1.2, 1.5, 8, 0.8), office_hours=False, located=0.1, length="record"),
    "procuratorate": Habit(
        _share(0.25, 1.0, 0.1, 0.1), office_hours=True, located=0.0, length="record"
    ),
    "court": Habit(_share(0.02, 0.05, 3.0, 0.2), office_hours=True, located=0.0, length="record"),
    "justice_office": Habit(
        _share(0.05, 0.05, 5.0, 0.5), office_hours=True, located=0.0, length="record"
    ),
    "media": Habit(_share(0.8, 0.5, 0.2, 0.7), office_hours=False, located=0.0, length="record"),
    "district": Habit(_share(1.5, 2.0, 0.5, 0.7), office_hours=True, located=0.3, length="record"),
}
