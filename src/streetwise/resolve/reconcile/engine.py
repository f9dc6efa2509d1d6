"""Our list of work orders and upstream's, compared: what differs, of what kind, and why. Pure.

A difference is a line for somebody to look at, never a change. What upstream could not have known
when it made its list is none: a reply that was given behind it has not failed to arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from streetwise.resolve.orders import loop

Kind = Literal["only_here", "only_there", "state", "due", "reply", "call_back", "exclusion"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Why there is a difference: the explanation that is shown with it.
Why = Literal[
    # only_here: the list named it before and does not any more, or never did.
    "dropped", "never_listed",
    # only_there: its row waits for triage, was put aside as no case, or is lost.
    "waiting", "aside", "no_order",
    # state: we contest and upstream has not noticed; answered long ago and not closed there; closed
    # there and its case is open here; its case is closed here and nobody has answered; any other.
    "contest_unseen", "unconfirmed", "case_open", "case_done", "differs",
    # reply: ours is not in a list that was made behind it; theirs has other words.
    "not_arrived", "other_words",
    # call_back: none so long after it was closed there; nothing solved, and closed here; nobody was
    # reached, and our contact log says that somebody was.
    "missing", "unsolved", "contact_denied",
    # exclusion: applied for here, and their list knows of none.
    "unseen",
]  # fmt: skip

#: What stands where one of the two says nothing.
NOTHING = "—"
_RUNNING = (loop.OPEN, loop.RETURNED, loop.CONTESTED)


@dataclass(frozen=True, slots=True)
class Ours:
    """An order as it stands here. ``answered_at`` and ``answer``: only of an answer that was given
    here; ``case_closed``: of its case; ``reached_here``: our contact log has somebody reached."""

    number: str
    state: str
    received_at: datetime
    due_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None
    closed_at: datetime | None = None
    resolved: bool | None = None
    satisfied: str | None = None
    reached: bool | None = None
    exclusion: str = "none"
    case_closed: bool = False
    reached_here: bool = False


@dataclass(frozen=True, slots=True)
class Theirs:
    """An order as upstream's list has it. ``listed_at``: when the last file that named it came.

    ``standing``: whether there is an order here for such a row: order, waiting (for triage), aside
    (no case), none. Values that are None were not said.
    """

    number: str
    listed_at: datetime
    state: str
    due_at: datetime | None = None
    reply: str | None = None
    resolved: bool | None = None
    satisfied: str | None = None
    reached: bool | None = None
    exclusion: str | None = None
    standing: Literal["order", "waiting", "aside", "none"] = "order"


@dataclass(frozen=True, slots=True)
class Rules:
    """``whole_at``: when the last whole list came that is new enough to count; None: there is none,
    and what is only here cannot be known. ``patience``: an answer may wait so long to be confirmed;
    ``call_back_within``: so long after upstream has closed an order it has called back."""

    now: datetime
    whole_at: datetime | None
    patience: timedelta
    call_back_within: timedelta


@dataclass(frozen=True, slots=True)
class Difference:
    """One line: ``ours`` and ``theirs`` in a word or a time, never anybody's sentence."""

    number: str
    kind: Kind
    why: Why
    ours: str
    theirs: str


def compare(ours: Iterable[Ours], theirs: Iterable[Theirs], rules: Rules) -> list[Difference]:
    """Every difference between the two lists, by number and then by kind; one of a kind."""
    here = {one.number: one for one in ours}
    there = {one.number: one for one in theirs}
    found: list[Difference] = []
    for number in sorted(here.keys() | there.keys()):
        mine, other = here.get(number), there.get(number)
        if mine is None:
            assert other is not None
            found.append(_only_there(other))
        else:
            found += _both(mine, other, rules)
    return found


def counts(found: Iterable[Difference]) -> Mapping[str, int]:
    """How many of each kind, of all kinds."""
    known: dict[str, int] = dict.fromkeys(KINDS, 0)
    for one in found:
        known[one.kind] += 1
    return known


def _only_there(other: Theirs) -> Difference:
    why: Why = "no_order"
    if other.standing in ("waiting", "aside"):
        why = "waiting" if other.standing == "waiting" else "aside"
    return Difference(other.number, "only_there", why, NOTHING, other.state)


def _both(mine: Ours, other: Theirs | None, rules: Rules) -> Iterator[Difference]:
    missing = _only_here(mine, other, rules)
    if missing is not None:
        # What the list does not name any more, it says nothing of.
        yield missing
    if other is None:
        return
    for kind, found in (
        ("state", None if missing else _state(mine, other, rules)),
        ("due", None if missing else _due(mine, other)),
        ("reply", None if missing else _reply(mine, other)),
        ("call_back", _call_back(mine, other, rules)),
        ("exclusion", None if missing else _exclusion(mine, other)),
    ):
        if found is not None:
            yield Difference(mine.number, kind, *found)  # type: ignore[arg-type]


def _only_here(mine: Ours, other: Theirs | None, rules: Rules) -> Difference | None:
    whole_at = rules.whole_at
    if whole_at is None or mine.state in loop.ENDED or mine.received_at >= whole_at:
        return None
    if other is not None and other.listed_at >= whole_at:
        return None
    why: Why = "dropped" if other is not None else "never_listed"
    return Difference(mine.number, "only_here", why, mine.state, NOTHING)


_Found = tuple[Why, str, str]


def _state(mine: Ours, other: Theirs, rules: Rules) -> _Found | None:
    if mine.state == loop.CLOSED and not mine.case_closed:
        return "case_open", "open", loop.CLOSED
    if mine.state in _RUNNING and mine.case_closed:
        return "case_done", "closed", other.state
    if mine.state == loop.ANSWERED:
        since = mine.answered_at
        if other.state in loop.ENDED:
            return "differs", mine.state, other.state
        if since is not None and since < rules.now - rules.patience:
            return "unconfirmed", mine.state, other.state
        # A reply that has not arrived is a difference of its own kind.
        return None
    if mine.state == loop.CONTESTED:
        if other.state == loop.CONTESTED:
            return None
        unseen = other.state in (loop.OPEN, loop.RETURNED)
        return "contest_unseen" if unseen else "differs", mine.state, other.state
    if _same_state(mine.state, other.state):
        return None
    return "differs", mine.state, other.state


def _same_state(mine: str, theirs: str) -> bool:
    """``returned`` is our word for what came back, ``refused`` theirs for what is ours after all:
    both are in hand, as ``open`` is."""
    in_hand = (loop.OPEN, loop.RETURNED, loop.REFUSED)
    return mine == theirs or (mine in in_hand and theirs in in_hand)


def _due(mine: Ours, other: Theirs) -> _Found | None:
    if mine.state in loop.ENDED or other.due_at is None or mine.due_at == other.due_at:
        return None
    return "differs", mine.due_at.isoformat() if mine.due_at else NOTHING, other.due_at.isoformat()


def _reply(mine: Ours, other: Theirs) -> _Found | None:
    if mine.answered_at is None:
        return None
    if other.reply is not None:
        same = (mine.answer or "").split() == other.reply.split()
        return None if same else ("other_words", "given", "other")
    waits = mine.state == loop.ANSWERED and other.state in _RUNNING
    if waits and other.listed_at > mine.answered_at:
        return "not_arrived", mine.answered_at.isoformat(), NOTHING
    return None


def _call_back(mine: Ours, other: Theirs, rules: Rules) -> _Found | None:
    said = (other.reached, other.resolved, other.satisfied)
    if any(one is not None for one in said):
        if said != (mine.reached, mine.resolved, mine.satisfied):
            here = (mine.reached, mine.resolved, mine.satisfied)
            return "differs", _words(here), _words(said)
        if other.resolved is False and mine.state == loop.CLOSED and mine.case_closed:
            return "unsolved", "closed", "unsolved"
        if other.reached is False and mine.reached_here:
            return "contact_denied", "reached", "not_reached"
        return None
    late = mine.closed_at is not None and mine.closed_at < rules.now - rules.call_back_within
    return ("missing", NOTHING, NOTHING) if mine.state == loop.CLOSED and late else None


def _words(said: tuple[bool | None, bool | None, str | None]) -> str:
    return " ".join(NOTHING if one is None else str(one).lower() for one in said)


def _exclusion(mine: Ours, other: Theirs) -> _Found | None:
    theirs = other.exclusion or "none"
    if mine.exclusion == theirs or (other.exclusion is None and mine.exclusion != "applied"):
        return None
    unseen = mine.exclusion == "applied" and theirs == "none"
    return "unseen" if unseen else "differs", mine.exclusion, theirs
