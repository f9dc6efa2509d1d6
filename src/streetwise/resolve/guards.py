"""Who may take a line of the loop on this case: the guards that the table names.

Each looks at the case's row and the viewer alone, so that what is offered costs no query.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streetwise.kernel.errors import Conflict, Forbidden, StreetwiseError
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.rules import scheme_rules
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


def _may_extend(viewer: Viewer, case: Case) -> StreetwiseError | None:
    most = scheme_rules(case.clock_scheme).extensions
    if most == 0:
        return _unknown(case, "extension")
    if case.extended >= most:
        said = f"The time of {case.number} was extended {case.extended} times; no further time."
        return Conflict(said, code="extensions_used", number=case.number, most=most)
    return None


def _may_suspend(viewer: Viewer, case: Case) -> StreetwiseError | None:
    most = scheme_rules(case.clock_scheme).suspensions
    if most == 0:
        return _unknown(case, "suspension")
    if case.suspended >= most:
        said = f"{case.number} was suspended before; it cannot be a second time."
        return Conflict(said, code="suspensions_used", number=case.number, most=most)
    return None


def _unknown(case: Case, what: str) -> StreetwiseError:
    said = f"The rules by which {case.number} is due know no {what}."
    return Conflict(said, code=f"{what}_unknown", number=case.number, scheme=case.clock_scheme)


def _nothing_asked(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.asked is None:
        return None
    said = f"Something is asked for of {case.number} and not decided yet."
    return Conflict(said, code="asked_already", number=case.number, asked=case.asked)


def _asked(what: str) -> Callable[[Viewer, Case], StreetwiseError | None]:
    def guard(viewer: Viewer, case: Case) -> StreetwiseError | None:
        if case.asked == what:
            return None
        said = f"Nobody asks for this of {case.number} (any more)."
        return Conflict(said, code="nothing_asked", number=case.number, what=what)

    return guard


def _no(case: Case, said: str, code: str, **params: Any) -> Forbidden:
    return Forbidden(said, code=code, number=case.number, **params)


GUARDS: dict[Guard, Callable[[Viewer, Case], StreetwiseError | None]] = {
    "holder": _holder,
    "not_reporter": _not_reporter,
    "may_extend": _may_extend,
    "may_suspend": _may_suspend,
    "nothing_asked": _nothing_asked,
    "extension_asked": _asked("extension"),
    "suspension_asked": _asked("suspension"),
}


def guarded(viewer: Viewer, case: Case, line: Transition) -> StreetwiseError | None:
    """The refusal of the first of the line's guards that refuses, or None: the viewer may pass."""
    for name in line.guards:
        refusal = GUARDS[name](viewer, case)
        if refusal is not None:
            return refusal
    return None
