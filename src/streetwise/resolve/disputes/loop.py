"""The loop of a dispute 矛盾纠纷, as one table beside the case's own. Pure.

Given to who mediates, visited, and then agreed, not agreed, or referred to who may decide. What
was agreed is looked at again on a day: kept, or mediated anew.
"""

from __future__ import annotations

from streetwise.resolve.natures.loop import BEGINS, Line

OPEN = BEGINS["dispute"]
MEDIATING, AGREED, NOT_AGREED = "mediating", "agreed", "not_agreed"
REFERRED, KEPT = "referred", "kept"
STATES = (OPEN, MEDIATING, AGREED, NOT_AGREED, REFERRED, KEPT)
#: Nobody has found an end yet.
UNENDED = (OPEN, MEDIATING)
_MAY = "dispute.mediate"

LINES: tuple[Line, ...] = (
    *(
        Line("assign", source, MEDIATING, _MAY, "dispute.assigned",
             needs=("kind", "colour", "unit"))
        for source in (OPEN, MEDIATING)
    ),
    Line("visit", MEDIATING, MEDIATING, _MAY, "dispute.visited", needs=("result", "note")),
    Line("agree", MEDIATING, AGREED, _MAY, "dispute.agreed", needs=("note", "day")),
    Line("disagree", MEDIATING, NOT_AGREED, _MAY, "dispute.not_agreed", needs=("note",)),
    *(
        Line("refer", source, REFERRED, _MAY, "dispute.referred", needs=("body",))
        for source in (MEDIATING, NOT_AGREED)
    ),
    Line("follow_up", AGREED, KEPT, _MAY, "dispute.kept", "pass", needs=("note",)),
    Line("follow_up", AGREED, MEDIATING, _MAY, "dispute.broken", "fail", needs=("note",)),
    Line("resume", NOT_AGREED, MEDIATING, _MAY, "dispute.resumed"),
)  # fmt: skip
ACTIONS = tuple(dict.fromkeys(line.action for line in LINES))
