"""Whether what comes with an action fits the case, before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.kernel.errors import Conflict, Invalid
from streetwise.resolve import choices
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.loop import Transition
from streetwise.resolve.steps import DONE, RELEASED


def require_fitting(
    row: Any,
    line: Transition,
    inputs: Inputs,
    unit: UUID | None,
    named: Sequence[UUID],
    now: datetime,
) -> None:
    """Raise where a ground or an outcome is none of the line's, or a unit is not the right one."""
    if inputs.ground and inputs.ground not in choices.grounds(line.action):
        raise Invalid(
            f"'{inputs.ground}' is no ground for '{line.action}'.",
            code="ground_unknown",
            ground=inputs.ground,
        )
    if inputs.outcome:
        _outcome(row, inputs)
    if line.action in ("dispatch", "reassign"):
        _new_holder(row, line, unit)
    if line.action == "whistle":
        _callable(row, named)
        if inputs.until is not None and inputs.until <= now:
            raise Invalid("The limit lies in the past.", code="limit_past")
    if line.action == "release":
        _releasable(row, inputs, named)


def _outcome(row: Any, inputs: Inputs) -> None:
    found = next((one for one in choices.outcomes(row.state) if one.code == inputs.outcome), None)
    if found is None:
        raise Invalid(
            f"A case that is '{row.state}' cannot end as '{inputs.outcome}'.",
            code="outcome_unknown",
            outcome=inputs.outcome,
        )
    if found.body != bool(inputs.body):
        code = "input_needed" if found.body else "input_not_taken"
        says = "says whose it is" if found.body else "names nobody"
        raise Invalid(f"'{found.code}' {says}.", code=code, input="body", action="close_otherwise")


def _stage(row: Any, unit: UUID) -> str | None:
    found: str | None = (row.parties or {}).get(str(unit))
    return found


def _new_holder(row: Any, line: Transition, unit: UUID | None) -> None:
    if line.action == "reassign" and unit == row.unit_id:
        raise Conflict(
            f"{row.number} is with this unit already.", code="same_unit", number=row.number
        )
    if unit is not None and _stage(row, unit) not in (None, RELEASED):
        raise Conflict(
            f"This unit was called to {row.number} and is not released yet.",
            code="unit_called",
            number=row.number,
        )


def _callable(row: Any, named: Sequence[UUID]) -> None:
    for unit in named:
        if unit == row.unit_id or _stage(row, unit) not in (None, RELEASED):
            raise Conflict(
                f"A unit of these is at {row.number} already.",
                code="unit_called",
                number=row.number,
            )


def _releasable(row: Any, inputs: Inputs, named: Sequence[UUID]) -> None:
    for unit in named:
        stage = _stage(row, unit)
        if stage in (None, RELEASED):
            raise Conflict(
                f"A unit of these is not at {row.number}.", code="unit_not_called",
                number=row.number,
            )  # fmt: skip
        if stage != DONE and not inputs.note:
            # It was called, and goes without having reported: somebody answers for that.
            raise Invalid(
                "A unit that has not reported is released with a reason.",
                code="input_needed",
                input="note",
                action="release",
            )
