"""Of which steps of a case whoever told may be told now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from streetwise.resolve import loop
from streetwise.resolve.understand.draft import STEPS, Step

#: The case has a result, and that is its last word.
_DONE = (loop.REPORTED, loop.VERIFIED, loop.CLOSED)
_OF_STATE: dict[str, Step] = {
    loop.RECEIVED: "received",
    loop.ACCEPTED: "accepted",
    loop.DISPATCHED: "handling",
    loop.HANDLING: "handling",
    loop.SUSPENDED: "suspended",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What has happened to a case, as far as whoever told is told of it. ``joined``: the voice came
    to a case that others had told of."""

    state: str
    outcome: str | None = None
    extended: bool = False
    reopened: bool = False
    joined: bool = False


def steps_of(story: Story) -> tuple[Step, ...]:
    """The steps, what matters most now first; none where the case was put right: then the answer
    itself says all."""
    if story.state in _DONE:
        known = story.outcome in STEPS
        return (cast(Step, story.outcome),) if story.state == loop.CLOSED and known else ()
    found: list[Step] = []
    state = _OF_STATE[story.state]
    if state == "suspended":
        found.append(state)
    if story.reopened:
        found.append("reopened")
    if story.extended:
        found.append("extended")
    if story.joined:
        found.append("joined")
    if state not in found:
        # What came back is in hand again: that it was accepted was told before.
        found.append(state)
    return tuple(found)
