"""Both lists compared, against a slow reference that asks of every pair, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.orders import loop
from streetwise.resolve.reconcile.engine import (
    KINDS,
    Difference,
    Ours,
    Rules,
    Theirs,
    compare,
    counts,
)

NOW = datetime(2026, 5, 11, 7, tzinfo=UTC)
RULES = Rules(NOW, NOW - timedelta(hours=1), timedelta(days=3), timedelta(days=7))
DAYS = st.integers(-12, 0).map(lambda days: NOW + timedelta(days=days, hours=-2))
MAYBE = st.none() | st.booleans()
LIKED = st.sampled_from([None, "yes", "no"])
NUMBERS = st.sampled_from("ABCDEF")


@st.composite
def mine(draw: st.DrawFn) -> Ours:
    state = draw(st.sampled_from(loop.STATES))
    answered = draw(st.none() | DAYS)
    return Ours(
        number=draw(NUMBERS),
        state=state,
        received_at=draw(DAYS),
        due_at=draw(st.none() | DAYS),
        answered_at=answered,
        answer=draw(st.sampled_from(["修好了", "已 处理"])) if answered else None,
        closed_at=draw(DAYS) if state in loop.ENDED else None,
        resolved=draw(MAYBE),
        satisfied=draw(LIKED),
        reached=draw(MAYBE),
        exclusion=draw(st.sampled_from(["none", "applied", "granted", "refused"])),
        case_closed=draw(st.booleans()),
        reached_here=draw(st.booleans()),
    )


@st.composite
def other(draw: st.DrawFn) -> Theirs:
    return Theirs(
        number=draw(NUMBERS),
        listed_at=draw(DAYS | st.just(NOW)),
        state=draw(st.sampled_from([*loop.STATES, loop.REFUSED])),
        due_at=draw(st.none() | DAYS),
        reply=draw(st.sampled_from([None, "修好了", "已  处理", "转物业"])),
        resolved=draw(MAYBE),
        satisfied=draw(LIKED),
        reached=draw(MAYBE),
        exclusion=draw(st.sampled_from([None, "none", "applied", "granted", "refused"])),
        standing=draw(st.sampled_from(["order", "waiting", "aside", "none"])),
    )


# --- the reference: a sentence per kind, asked of every pair -----------------------------------


def missing_there(ours: Ours, theirs: Theirs | None, rules: Rules) -> bool:
    running = ours.state in ("open", "answered", "returned", "contested")
    named = theirs is not None and rules.whole_at is not None and theirs.listed_at >= rules.whole_at
    known = rules.whole_at is not None and ours.received_at < rules.whole_at
    return running and known and not named


def state_differs(ours: Ours, theirs: Theirs, rules: Rules) -> bool:
    hand = {"open", "returned", "refused"}
    if ours.state == "closed" and not ours.case_closed:
        return True
    if ours.state in ("open", "returned", "contested") and ours.case_closed:
        return True
    if ours.state == "answered":
        old = ours.answered_at is not None and ours.answered_at < rules.now - rules.patience
        return theirs.state in ("closed", "withdrawn") or old
    if ours.state in hand and theirs.state in hand:
        return False
    return ours.state != theirs.state


def due_differs(ours: Ours, theirs: Theirs, rules: Rules) -> bool:
    over = ours.state in ("closed", "withdrawn")
    return not over and theirs.due_at is not None and ours.due_at != theirs.due_at


def reply_differs(ours: Ours, theirs: Theirs, rules: Rules) -> bool:
    if ours.answered_at is None:
        return False
    if theirs.reply is not None:
        return "".join((ours.answer or "").split()) != "".join(theirs.reply.split())
    asks = theirs.state in ("open", "returned", "contested")
    return ours.state == "answered" and asks and theirs.listed_at > ours.answered_at


def call_back_differs(ours: Ours, theirs: Theirs, rules: Rules) -> bool:
    said = theirs.reached, theirs.resolved, theirs.satisfied
    if said == (None, None, None):
        if ours.state != "closed" or ours.closed_at is None:
            return False
        return ours.closed_at < rules.now - rules.call_back_within
    if said != (ours.reached, ours.resolved, ours.satisfied):
        return True
    unsolved = theirs.resolved is False and ours.state == "closed" and ours.case_closed
    return unsolved or (theirs.reached is False and ours.reached_here)


def exclusion_differs(ours: Ours, theirs: Theirs, rules: Rules) -> bool:
    if theirs.exclusion is None:
        return ours.exclusion == "applied"
    return ours.exclusion != theirs.exclusion


BOTH: dict[str, Callable[[Ours, Theirs, Rules], bool]] = {
    "state": state_differs,
    "due": due_differs,
    "reply": reply_differs,
    "call_back": call_back_differs,
    "exclusion": exclusion_differs,
}


def slowly(ours: list[Ours], theirs: list[Theirs], rules: Rules) -> list[tuple[str, str]]:
    found = []
    for one in theirs:
        if all(mine.number != one.number for mine in ours):
            found.append((one.number, "only_there"))
    for one_of_ours in ours:
        same = [one for one in theirs if one.number == one_of_ours.number]
        gone = missing_there(one_of_ours, same[0] if same else None, rules)
        if gone:
            found.append((one_of_ours.number, "only_here"))
        for kind, asks in BOTH.items():
            heard = same and (not gone or kind == "call_back")
            if heard and asks(one_of_ours, same[0], rules):
                found.append((one_of_ours.number, kind))
    return sorted(found)


def unique(one: Ours | Theirs) -> str:
    return one.number


@given(
    st.lists(mine(), max_size=6, unique_by=unique),
    st.lists(other(), max_size=6, unique_by=unique),
    st.booleans(),
)
def test_it_finds_what_a_slow_reference_finds(
    ours: list[Ours], theirs: list[Theirs], whole: bool
) -> None:
    rules = RULES if whole else replace(RULES, whole_at=None)
    found = compare(ours, theirs, rules)
    assert sorted((one.number, one.kind) for one in found) == slowly(ours, theirs, rules)
    assert found == compare(reversed(ours), reversed(theirs), rules)
    assert sum(counts(found).values()) == len(found)
    assert set(counts(found)) == set(KINDS)


@given(st.lists(other(), max_size=6, unique_by=unique))
def test_the_same_list_differs_nowhere(theirs: list[Theirs]) -> None:
    same = [
        Ours(
            one.number, "open" if one.state == "refused" else one.state, NOW - timedelta(days=1),
            due_at=one.due_at, resolved=one.resolved, satisfied=one.satisfied, reached=one.reached,
            exclusion=one.exclusion or "none", case_closed=one.state in ("closed", "withdrawn"),
            closed_at=NOW if one.state in ("closed", "withdrawn") else None,
        )
        for one in theirs
    ]  # fmt: skip
    heard = [replace(one, listed_at=NOW) for one in theirs]
    assert [one for one in compare(same, heard, RULES) if one.why != "unsolved"] == []


OPEN = Ours("A", "open", NOW - timedelta(days=2))
LISTED = Theirs("A", NOW, "open")


def only(ours: Ours | None, theirs: Theirs | None, rules: Rules = RULES) -> Difference:
    (found,) = compare([ours] if ours else [], [theirs] if theirs else [], rules)
    return found


def test_each_kind_says_why() -> None:
    assert only(OPEN, None).why == "never_listed"
    assert only(OPEN, replace(LISTED, listed_at=NOW - timedelta(days=1))).why == "dropped"
    assert only(None, replace(LISTED, standing="waiting")).why == "waiting"
    assert only(None, replace(LISTED, standing="aside")).why == "aside"
    assert only(None, replace(LISTED, standing="none")).why == "no_order"
    answered = replace(OPEN, state="answered", answered_at=NOW - timedelta(hours=3), answer="好了")
    assert only(answered, LISTED).kind == "reply"
    assert only(answered, replace(LISTED, reply="别的")).why == "other_words"
    # Their list is older than our reply: they cannot know of it.
    before = replace(LISTED, listed_at=NOW - timedelta(minutes=50))
    later = replace(answered, answered_at=NOW - timedelta(minutes=5))
    assert compare([later], [before], RULES) == []
    assert only(replace(OPEN, state="contested"), LISTED).why == "contest_unseen"
    assert only(replace(OPEN, case_closed=True), LISTED).why == "case_done"
    closed = Ours("A", "closed", OPEN.received_at, closed_at=NOW, case_closed=True)
    over = replace(LISTED, state="closed")
    assert only(replace(closed, case_closed=False), over).why == "case_open"
    assert only(replace(closed, closed_at=NOW - timedelta(days=8)), over).why == "missing"
    unsolved = replace(closed, resolved=False, reached=True)
    assert only(unsolved, replace(over, resolved=False, reached=True)).why == "unsolved"
    denied = replace(closed, reached=False, reached_here=True)
    assert only(denied, replace(over, reached=False)).why == "contact_denied"
    assert only(replace(OPEN, exclusion="applied"), LISTED).why == "unseen"
    assert only(OPEN, replace(LISTED, due_at=NOW)).ours == "—"


def test_without_a_whole_list_nobody_knows_what_is_only_here() -> None:
    assert compare([OPEN], [], replace(RULES, whole_at=None)) == []
    # What came behind the list cannot stand in it.
    assert compare([replace(OPEN, received_at=NOW)], [], RULES) == []
