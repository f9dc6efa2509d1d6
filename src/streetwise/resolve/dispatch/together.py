"""What a viewer may do with several cases together: from the loop's table, case by case."""

from __future__ import annotations

from collections.abc import Iterable

from streetwise.kernel.viewer import Viewer
from streetwise.resolve import choices, loop
from streetwise.resolve.dispatch.schemas import BulkOffer
from streetwise.resolve.guards import guarded
from streetwise.resolve.loop import Transition
from streetwise.resolve.schemas import OutcomeOffer
from streetwise.resolve.tables import Case

#: What is said with these is about one case alone, and so is what they ask for.
SINGLY = frozenset(
    {"report", "co_report", "whistle", "arrive", "release", "appeal", "review_appeal",
     "ask_extension", "ask_suspension"}
)  # fmt: skip
#: Inputs that a bar of buttons can ask for.
_ASKABLE = frozenset({"unit", "note", "ground", "outcome"})


def offers_together(viewer: Viewer, cases: Iterable[Case]) -> list[BulkOffer]:
    """Each action with the cases on which this viewer may take it now; what somebody waits for
    first, then in the table's order.
    """
    lines: dict[tuple[str, str | None], list[tuple[Transition, Case]]] = {}
    waiting = list(cases)
    for line in loop.TRANSITIONS:
        if line.action in SINGLY or not viewer.may(line.capability):
            continue
        if not _ASKABLE.issuperset(line.needs):
            continue
        for case in waiting:
            if case.state == line.source and guarded(viewer, case, line) is None:
                lines.setdefault((line.action, line.result), []).append((line, case))
    found = sorted(lines.values(), key=lambda taken: not taken[0][0].awaited)
    offers = [_offer([line for line, _ in taken], [case for _, case in taken]) for taken in found]
    return [offer for offer in offers if "outcome" not in offer.needs or offer.outcomes]


def _offer(lines: list[Transition], cases: list[Case]) -> BulkOffer:
    first = lines[0]
    needs = {one for line in lines for one in line.needs}
    takes = {one for line in lines for one in line.takes if one in _ASKABLE} - needs
    ends: list[OutcomeOffer] = []
    if "outcome" in needs:
        # An end that names another body, or another case, is said of each by itself.
        known = [
            {one.code for one in choices.outcomes(case.state) if not one.body} for case in cases
        ]
        ends = [
            OutcomeOffer(code=one.code, body=False)
            for one in choices.outcomes(cases[0].state)
            if all(one.code in each for each in known)
        ]
    return BulkOffer(
        action=first.action,
        result=first.result,
        needs=sorted(needs),
        takes=sorted(takes),
        grounds=list(choices.grounds(first.action)) if "ground" in needs | takes else [],
        outcomes=ends,
        ids=[case.id for case in cases],
    )
