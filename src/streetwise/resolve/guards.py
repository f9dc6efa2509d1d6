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
from streetwise.resolve.natures.loop import HELD
from streetwise.resolve.steps import CALLED, HERE, WAITING, in_part
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


def _outsider(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.unit_id is None or case.unit_id not in viewer.units:
        return None
    said = f"Your unit holds {case.number}; somebody else must decide on this."
    return _no(case, said, "own_case")


def _lead(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.lead_unit_id in viewer.units:
        return None
    return _no(case, f"Another unit leads {case.number}.", "not_lead")


def _called(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if in_part(case, viewer.units, CALLED):
        return None
    return _no(case, f"No unit of yours is called to {case.number} and awaited.", "not_called")


def _here(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if in_part(case, viewer.units, HERE):
        return None
    said = f"No unit of yours is at {case.number} and has not reported yet."
    return _no(case, said, "not_here")


def _parties_here(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.parties_left:
        return None
    return _not_now(case, f"All units called to {case.number} are released.", "nobody_called")


def _parties_gone(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if not case.parties_left:
        return None
    said = f"{case.parties_left} units called to {case.number} are not released yet."
    return _not_now(case, said, "parties_left", count=case.parties_left)


def _unmerged(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.merged_into is None:
        return None
    return _not_now(case, f"{case.number} was merged into another; undo that.", "was_merged")


def _not_appealed(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.appeal is None:
        return None
    return _not_now(case, f"There was an appeal about {case.number} already.", "appealed_once")


def _appealed(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.appeal is not None and case.appeal["state"] in WAITING:
        return None
    return _not_now(case, f"No appeal about {case.number} waits for anybody.", "no_appeal")


def _fresh(viewer: Viewer, case: Case) -> StreetwiseError | None:
    known = set(case.appeal["people"]) if case.appeal else set()
    if known.isdisjoint(str(one) for one in viewer.people):
        return None
    said = (
        f"You have said what you think of the appeal about {case.number}; another must review it."
    )
    return _no(case, said, "appeal_own")


def _not_now(case: Case, said: str, code: str, **params: Any) -> Conflict:
    return Conflict(said, code=code, number=case.number, **params)


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


def _written_off(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.nature != "hazard" or case.nature_state in (None, "written_off"):
        return None
    said = f"The hazard of {case.number} is not written off yet."
    return _not_now(case, said, "hazard_open", state=case.nature_state)


def _not_ordered(viewer: Viewer, case: Case) -> StreetwiseError | None:
    if case.nature_state not in HELD:
        return None
    said = f"{case.number} is '{case.nature_state}': that has to come to its end first."
    return _not_now(case, said, "nature_held", state=case.nature_state)


def _no(case: Case, said: str, code: str, **params: Any) -> Forbidden:
    return Forbidden(said, code=code, number=case.number, **params)


GUARDS: dict[Guard, Callable[[Viewer, Case], StreetwiseError | None]] = {
    "holder": _holder,
    "outsider": _outsider,
    "not_reporter": _not_reporter,
    "lead": _lead,
    "called": _called,
    "here": _here,
    "parties_here": _parties_here,
    "parties_gone": _parties_gone,
    "unmerged": _unmerged,
    "not_appealed": _not_appealed,
    "appealed": _appealed,
    "fresh": _fresh,
    "may_extend": _may_extend,
    "may_suspend": _may_suspend,
    "nothing_asked": _nothing_asked,
    "extension_asked": _asked("extension"),
    "suspension_asked": _asked("suspension"),
    "written_off": _written_off,
    "not_ordered": _not_ordered,
}


def guarded(viewer: Viewer, case: Case, line: Transition) -> StreetwiseError | None:
    """The refusal of the first of the line's guards that refuses, or None: the viewer may pass."""
    for name in line.guards:
        refusal = GUARDS[name](viewer, case)
        if refusal is not None:
            return refusal
    return None
