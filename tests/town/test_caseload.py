"""What a unit asks for, of cases of the past that will not be done in time."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from streetwise.resolve import choices
from streetwise.town import astray
from streetwise.town.agenda import Agenda
from streetwise.town.caseload import Caseload, one_each
from streetwise.town.turning import Turning

NOW = datetime(2026, 9, 14, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def case(number: int, due: timedelta | None, scheme: str | None = "urban-management") -> Any:
    return SimpleNamespace(
        id=UUID(int=number), number=f"CT-{number}", clock_scheme=scheme, state="handling",
        due_at=None if due is None else NOW + due,
        returned=0, reopened=0, reworked=0, extended=0, suspended=0,
    )  # fmt: skip


def load() -> Caseload:
    turning = Turning(cast(Any, SimpleNamespace()), 3)
    none: Any = None
    return Caseload(none, turning, none, Agenda(), random.Random(1), NOW + 100 * DAY, "0101")


def asked(due: timedelta | None, meant: timedelta, **more: Any) -> Counter[str | None]:
    """What is asked for of 2,000 cases that are due then, and will be done so much later."""
    cases, found = load(), Counter[str | None]()
    for number in range(2000):
        one = case(number, due, **more)
        ask = cases._asks(NOW, one, NOW + meant)
        found[ask[1] if ask else None] += 1
        if ask and ask[1] == "ask_extension":
            assert NOW < ask[0] < one.due_at
        elif ask:
            until = cases._turning.until[one.id]
            assert NOW < ask[0] < until < NOW + meant
    return found


@pytest.mark.parametrize(
    ("due", "meant", "scheme", "what"),
    [
        (3 * DAY, 5 * DAY, "urban-management", "extension"),
        (3 * DAY, 40 * DAY, "urban-management", "both"),
        (3 * DAY, 2 * DAY, "urban-management", None),  # it will be done in time
        (-DAY, 5 * DAY, "urban-management", None),  # it is late already
        (None, 5 * DAY, "urban-management", None),
        (3 * DAY, 40 * DAY, "hotline12345", None),  # a work order knows neither
        (3 * DAY, 40 * DAY, None, None),
    ],
)
def test_more_time_is_asked_for_where_there_is_some_to_have(
    due: timedelta | None, meant: timedelta, scheme: str | None, what: str | None
) -> None:
    found = asked(due, meant, scheme=scheme)
    extension, suspension = astray.share("extension"), astray.share("suspension")
    if what is None:
        assert set(found) == {None}
    if what == "extension":
        assert set(found) == {None, "ask_extension"}
        assert found["ask_extension"] == pytest.approx(2000 * extension, abs=90)
    if what == "both":
        assert found["ask_suspension"] == pytest.approx(2000 * suspension, abs=90)
        rest = 2000 - found["ask_suspension"]
        assert found["ask_extension"] == pytest.approx(rest * extension, abs=90)


def test_actions_on_one_case_come_one_after_the_other() -> None:
    one, two = UUID(int=1), UUID(int=2)
    first, others = one_each([("arrive", one), ("report", two), ("arrive", one)])
    assert first == [("arrive", one), ("report", two)]
    assert others == [("arrive", one)]


@pytest.mark.parametrize("attention", [None, "returned", "unresolved"])
@pytest.mark.parametrize("action", ["appeal", "reopen"])
def test_a_ground_is_one_of_the_action(action: str, attention: str | None) -> None:
    """Also of a case whose order upstream has sent back."""
    turning, none = Turning(cast(Any, SimpleNamespace()), 3), cast(Any, None)
    one = case(1, DAY)
    one.order_attention = attention
    for n in range(50):
        row: Any = SimpleNamespace(case=one)
        inputs = turning._inputs(none, row, action, NOW, random.Random(n))
        assert inputs is not None
        assert inputs.ground in choices.grounds(action)
        assert (inputs.ground == "upstream") == (action == "reopen" and attention is not None)
