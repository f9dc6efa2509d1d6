"""What crosses the API of dispatch."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import (
    NOTE_MAX_CHARACTERS,
    ActionName,
    CaseRow,
    CaseVersion,
    OutcomeOffer,
    RefusedCase,
    StepView,
    UnitOffer,
)

#: Cases in one action, each to its own unit.
MOST = 1_000
#: Cases of which it is asked what may be done with them together.
OFFERS_MOST = 200


class UnitLoad(Shown):
    """What a unit holds now, and how many more it would get. Of units, never of persons."""

    __shows__ = shows({"unit": "code name", "L2 work": "open overdue more"})

    code: str
    name: str
    open: int
    overdue: int
    more: int


class DispatchLine(Shown):
    """A case and who it would go to. ``unit`` None: the officer is asked, and ``asks`` says why.

    ``options``: units that something speaks for, the likeliest first.
    """

    __shows__ = shows({"holds": "case options asks", "L2 work": "unit confidence"})

    case: CaseRow
    unit: str | None
    confidence: float | None
    options: list[UnitOffer]
    asks: list[StepView]


class DispatchPreview(Shown):
    """What would go where. ``left``: cases that wait and did not fit in here."""

    __shows__ = shows({"holds": "lines units", "L2 work": "left"})

    lines: list[DispatchLine]
    #: All units that can get a case.
    units: list[UnitLoad]
    left: int


class PreviewForm(BaseModel):
    """Cases to be dispatched. None named: those of the area that wait, the most urgent first."""

    model_config = ConfigDict(extra="forbid")
    area: str | None = Field(None, max_length=100)
    ids: list[UUID] = Field(default_factory=list, max_length=MOST)


class DispatchItem(CaseVersion):
    """A case, the version that was decided on, and its unit."""

    unit: str = Field(max_length=100)


class DispatchForm(BaseModel):
    """Cases, each to its own unit; ``note`` goes with every one."""

    model_config = ConfigDict(extra="forbid")
    items: list[DispatchItem] = Field(min_length=1, max_length=MOST)
    note: str | None = Field(None, max_length=NOTE_MAX_CHARACTERS)


class DispatchResult(Shown):
    """What came of it: ids of the cases that have gone, and the others with the reason."""

    __shows__ = shows({"cases": "done=id", "holds": "refused"})

    done: list[UUID]
    refused: list[RefusedCase]


class OffersForm(BaseModel):
    """Of which cases it is asked."""

    model_config = ConfigDict(extra="forbid")
    ids: list[UUID] = Field(min_length=1, max_length=OFFERS_MOST)


class BulkOffer(Shown):
    """An action that the viewer may take together on these cases (``ids``), by the loop's table."""

    __shows__ = shows(
        {"L2 work": "action result needs takes", "L1 catalogue": "grounds", "holds": "outcomes",
         "cases": "ids=id"}
    )  # fmt: skip

    action: ActionName
    result: Literal["pass", "fail"] | None
    needs: list[str]
    takes: list[str]
    grounds: list[str]
    outcomes: list[OutcomeOffer]
    ids: list[UUID]


class BulkOffers(Shown):
    """What may be done with several cases together; the likely ones first."""

    __shows__ = shows({"holds": "offers"})

    offers: list[BulkOffer]
