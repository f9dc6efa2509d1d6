"""The loop of a hazard 隐患, as one table beside the case's own. Pure.

Found, ordered to be rectified (责令整改), reported rectified, re-checked by somebody else (复查),
written off (销号); or not done, and ordered again. Its case cannot close before the write-off.
"""

from __future__ import annotations

from streetwise.resolve.natures.loop import BEGINS, Line

FOUND = BEGINS["hazard"]
ORDERED, RECTIFIED, PASSED, WRITTEN_OFF = "ordered", "rectified", "passed", "written_off"
STATES = (FOUND, ORDERED, RECTIFIED, PASSED, WRITTEN_OFF)


def _rechecks(source: str) -> tuple[Line, ...]:
    """Also of what nobody has reported: whoever comes by sees how it is."""
    return (
        Line("recheck", source, PASSED, "case.verify", "hazard.passed", "pass",
             guards=("not_orderer",)),
        Line("recheck", source, FOUND, "case.verify", "hazard.failed", "fail",
             needs=("note",), guards=("not_orderer",)),
    )  # fmt: skip


LINES: tuple[Line, ...] = (
    Line("assess", FOUND, FOUND, "hazard.order", "hazard.assessed"),
    Line("order", FOUND, ORDERED, "hazard.order", "hazard.ordered",
         needs=("unit", "note", "until")),
    Line("rectify", ORDERED, RECTIFIED, "case.report", "hazard.rectified", needs=("note",),
         guards=("ordered",)),
    *_rechecks(ORDERED),
    *_rechecks(RECTIFIED),
    Line("write_off", PASSED, WRITTEN_OFF, "hazard.order", "hazard.written_off"),
)  # fmt: skip
ACTIONS = tuple(dict.fromkeys(line.action for line in LINES))
