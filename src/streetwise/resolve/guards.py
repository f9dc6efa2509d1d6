"""Who may take a line of the loop on this case: the guards that the table names.

Each looks at the case's row and the viewer alone, so that what is offered costs no query.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streetwise.kernel.errors import Forbidden, StreetwiseError
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.loop import Guard, Transition
from streetwise.resolve.tables import Case


def _holder(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.unit_id in viewer.units:
        return None
    return _no(case, f"{case.number} is held by another unit.", "not_holder")


def _not_reporter(viewer: Viewer, case: Case) -> StreetwiseError | None:
    # Both persons of a stand-in count as the maker, and both as the checker.
    if {case.reported_by, case.reported_for}.isdisjoint(viewer.people):
        return None
    said = f"You, or whom you stand in for, reported {case.number}; somebody else must check it."
    return _no(case, said, "maker_is_checker")


def _no(case: Case, said: str, code: str, **params: Any) -> Forbidden:
    return Forbidden(said, code=code, number=case.number, **params)


GUARDS: dict[Guard, Callable[[Viewer, Case], StreetwiseError | None]] = {
    "holder": _holder,
    "not_reporter": _not_reporter,
}


def guarded(viewer: Viewer, case: Case, line: Transition) -> StreetwiseError | None:
    """The refusal of the first of the line's guards that refuses, or None: the viewer may pass."""
    for name in line.guards:
        refusal = GUARDS[name](viewer, case)
        if refusal is not None:
            return refusal
    return None
