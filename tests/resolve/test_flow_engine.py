"""The process view's engine and the fold, against plain counting and cases written by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.resolve.flow.engine import Line, Log, by_case, by_unit, flow
from streetwise.resolve.flow.fold import Step, Told, fold
from streetwise.resolve.loop import STATES

BEGAN = datetime(2026, 5, 11, 1, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)


def told(hour: float, action: str, state: str | None, *holder: UUID | None) -> Told:
    at = BEGAN + timedelta(hours=hour)
    return Told(f"case.{action}", at, state, bool(holder), holder[0] if holder else None)


OPENED = told(0.5, "opened", "received")
SMOOTH = [
    OPENED,
    told(1, "accepted", "accepted"),
    told(2, "dispatched", "dispatched", A),
    told(4, "started", "handling", A),
    told(8, "reported", "reported"),
    told(9, "verified", "verified"),
    told(10, "closed", "closed"),
]
BOUNCING = [
    OPENED,
    told(1, "accepted", "accepted"),
    told(2, "dispatched", "dispatched", A),
    told(3, "returned", "accepted", None),
    told(4, "dispatched", "dispatched", B),
    told(5, "reassigned", "dispatched", A),
    told(6, "started", "handling", A),
    told(7, "whistled", "handling"),
    told(8, "reported", "reported"),
    told(9, "sent_back", "handling"),
    told(12, "reported", "reported"),
]


def log_of(cases: list[list[Step]]) -> Log:
    rows = [(number, one) for number, steps in enumerate(cases) for one in steps]

    def words(of: Any) -> Any:
        return np.array([str(of(one) or "") for _, one in rows], dtype=np.str_)

    return Log(
        np.array([number for number, _ in rows], dtype=np.int64),
        words(lambda one: one.action),
        words(lambda one: one.from_state),
        words(lambda one: one.to_state),
        words(lambda one: one.from_unit_id),
        words(lambda one: one.unit_id),
        np.array([np.nan if one.seconds is None else one.seconds for _, one in rows]),
    )


# --- fold -------------------------------------------------------------------------------------


def test_a_case_begins_when_it_was_told_and_ends_open() -> None:
    steps = fold(SMOOTH, BEGAN)
    assert [(one.from_state, one.to_state) for one in steps] == list(
        zip([None, *(one.to_state for one in steps)], [one.to_state for one in steps], strict=False)
    )
    assert steps[0].at == BEGAN
    assert steps[0].seconds == 3600
    assert steps[-1].seconds is None
    assert [one.unit_id for one in steps] == [None, None, A, A, A, A, A]


def test_what_leads_nowhere_is_no_step_and_another_unit_is() -> None:
    steps = fold(BOUNCING, BEGAN)
    assert "whistled" not in [one.action for one in steps]
    moved = next(one for one in steps if one.action == "reassigned")
    assert (moved.from_unit_id, moved.unit_id, moved.from_state) == (B, A, "dispatched")
    returned = next(one for one in steps if one.action == "returned")
    assert (returned.from_unit_id, returned.unit_id) == (A, None)


@given(st.lists(st.tuples(st.sampled_from([*STATES, None]), st.integers(0, 600)), max_size=30))
def test_steps_hang_together_whatever_happened(given_: list[tuple[str | None, int]]) -> None:
    at, entries = 0, []
    for state, minutes in given_:
        at += minutes
        entries.append(told(at / 60, "anything", state))
    steps = fold(entries, BEGAN)
    for n, (one, after) in enumerate(zip(steps, steps[1:], strict=False)):
        assert one.n == n
        assert after.from_state == one.to_state != after.to_state
        assert one.seconds == pytest.approx((after.at - one.at).total_seconds())
    said = [state for state, _ in given_ if state is not None]
    assert (steps[-1].to_state if steps else None) == (said[-1] if said else None)


# --- engine -----------------------------------------------------------------------------------


def test_three_cases_by_hand() -> None:
    found = flow(log_of([fold(SMOOTH, BEGAN), fold(BOUNCING, BEGAN), fold(SMOOTH[:3], BEGAN)]))
    assert (found.cases, found.closed, found.total) == (3, 1, (36_000.0, 36_000.0))
    edges = {(one.source, one.target, one.action): one for one in found.edges}
    sent = edges["accepted", "dispatched", "dispatched"]
    assert (sent.count, sent.cases, sent.median) == (4, 3, 3600)
    assert edges["", "received", "opened"].median is None
    assert edges["dispatched", "handling", "started"].median == pytest.approx(1.5 * 3600)
    assert edges["dispatched", "dispatched", "reassigned"].count == 1
    stays = {one.state: one for one in found.stays}
    assert (stays["reported"].visits, stays["reported"].cases, stays["reported"].here) == (3, 2, 1)
    assert stays["dispatched"].here == 1
    assert stays["handling"].median == pytest.approx(3 * 3600)
    assert found.bounces == {
        "returned": 1, "reassigned": 1, "ping_pong": 1, "reopened": 0, "sent_back": 1,
    }  # fmt: skip
    assert sum(way.cases for way in found.ways) == 3
    assert found.other_ways == 0


def test_units_answer_for_what_they_had() -> None:
    log = log_of([fold(SMOOTH, BEGAN), fold(BOUNCING, BEGAN)])
    lines = {one.key: one for one in by_unit(log)}
    a, b = lines[str(A)], lines[str(B)]
    # A had the first for 6 h; the second for 1 h, then 3 h, and 3 h once more after the check.
    assert (a.cases, a.median) == (2, 6.5 * 3600)
    assert a.p90 == pytest.approx(6.9 * 3600)
    assert (a.returned, a.reassigned, a.sent_back) == (1, 0, 1)
    assert (b.cases, b.median, b.returned, b.reassigned) == (1, 3600, 0, 1)


def test_classes_count_their_cases() -> None:
    log = log_of([fold(SMOOTH, BEGAN), fold(BOUNCING, BEGAN), fold(SMOOTH, BEGAN)])
    assert by_case(log, ["x", "y", "x"]) == (
        Line("x", 2, 36_000.0, 36_000.0, 0, 0, 0, 0),
        Line("y", 1, None, None, 1, 1, 0, 1),
    )


def test_an_empty_log_says_nothing() -> None:
    empty = log_of([])
    assert flow(empty).cases == 0
    assert by_unit(empty) == by_case(empty, []) == ()


def test_time_in_which_it_was_closed_is_no_time_of_the_case() -> None:
    again = [
        *SMOOTH,
        told(110, "reopened", "accepted"),
        told(111, "merged", "closed"),
    ]
    found = flow(log_of([fold(again, BEGAN)]))
    assert found.total == (11 * 3600.0, 11 * 3600.0)
    assert found.bounces["reopened"] == 1


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(STATES), st.sampled_from([A, B, None]), st.integers(1, 90),
        st.sampled_from(["dispatched", "reassigned", "returned", "sent_back", "reopened", "x"]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(_STEPS, min_size=1, max_size=6))
def test_the_engine_counts_as_one_would_by_hand(given_: list[Any]) -> None:
    cases = []
    for steps in given_:
        minutes, entries = 0, []
        for state, unit, more, action in steps:
            minutes += more
            entries.append(told(minutes / 60, action, state, unit))
        cases.append(fold(entries, BEGAN))
    found = flow(log_of(cases))
    edges: dict[Any, list[float]] = defaultdict(list)
    counts: dict[Any, int] = defaultdict(int)
    here: dict[str, int] = defaultdict(int)
    ping_pong = 0
    for steps in cases:
        here[steps[-1].to_state] += 1
        left: set[UUID] = set()
        hit = False
        for n, one in enumerate(steps):
            key = (one.from_state or "", one.to_state, one.action)
            counts[key] += 1
            if n:
                edges[key].append(steps[n - 1].seconds or 0.0)
            if one.from_unit_id and one.from_unit_id != one.unit_id:
                left.add(one.from_unit_id)
            hit |= one.action in ("dispatched", "reassigned") and one.unit_id in left
        ping_pong += hit
    assert {(one.source, one.target, one.action): one.count for one in found.edges} == counts
    for edge in found.edges:
        waited = edges[edge.source, edge.target, edge.action]
        assert edge.median == (pytest.approx(median(waited)) if waited else None)
    assert {one.state: one.here for one in found.stays if one.here} == here
    assert found.bounces["ping_pong"] == ping_pong
