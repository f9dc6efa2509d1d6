"""未诉先办 scored: what was mended first, and what visits changed, from rows to the engines."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from warn.nights import TONIGHT

from streetwise.warn.material import Ground, Read
from streetwise.warn.plane import Plane
from streetwise.warn.scored import Result, Went, effect, on_their_days, plain, share
from streetwise.warn.tables import PreventiveTask
from streetwise.warn.tasks_repository import Ranked
from streetwise.warn.values import Calendar, Floats, Places, Reports, date_of, day_of

LAST = day_of(TONIGHT) - 1
BINS, SHOPS = ("s", "bins"), ("s", "shops")
GRIDS = tuple(UUID(int=n + 1) for n in range(20))


def read_of(lines: list[tuple[int, int, int]]) -> Read:
    """Reports given as day, place and category, in a row of 20 grids."""
    lines = sorted(lines)
    count = len(GRIDS)
    x: Floats = np.arange(count).astype(np.float64) * 500.0
    none: Floats = np.zeros(len(lines))
    places = Places(
        tuple(f"g{n}" for n in range(count)), x, np.zeros(count), np.full(count, 250_000.0)
    )
    zero = np.zeros(count, dtype=np.int64)
    day, where, category = (np.array(one, dtype=np.int64) for one in zip(*lines, strict=True))
    nothing = np.zeros(len(lines), dtype=np.int64)
    reports = Reports(
        [str(n) for n in range(len(lines))], day, nothing, x[where], none, category,
        nothing + 1, ("s:bins", "s:shops"),
    )  # fmt: skip
    ground = Ground(Plane(116.9, 40.1), places, GRIDS, zero, ("a",))
    calendar = Calendar(int(day[0]), zero, np.zeros((count, 0)), ())
    return Read(reports, ground, calendar, LAST, (BINS, SHOPS), 0, ZoneInfo("Asia/Shanghai"))


def went(
    place: int,
    day: int,
    result: Result = "mended",
    *,
    category: tuple[str, str] = BINS,
    complained: bool = False,
    run: UUID | None = None,
    expected: float = 5.0,
    case: UUID | None = None,
) -> Went:
    """A task that was agreed to, as far as scoring looks at it."""
    task = PreventiveTask(
        grid_id=GRIDS[place],
        run_id=run or uuid4(),
        day=date_of(day),
        category_scheme=category[0],
        category_code=category[1],
        expected=expected,
        days=7,
    )
    return Went(task, result, complained, case)


def test_the_share_counts_by_class_and_who_came_first() -> None:
    complaints = [(LAST - n, 0, 0) for n in range(9)]
    others = [(LAST - n, 0, 1) for n in range(50)]
    old = [(LAST - 40 - n, 0, 0) for n in range(30)]
    known = read_of(complaints + others + old)
    tasks = [
        went(0, LAST - 3),
        went(1, LAST - 3, complained=True),
        went(2, LAST - 3, "nothing"),
        went(3, LAST - 3, "found"),
        went(4, LAST - 3, "open"),
        # Longer ago than four weeks.
        went(5, LAST - 28),
    ]
    said = share(known, tasks)
    # Nobody was sent for what the other class is about: its 28 reports do not count.
    assert (said["share"]["prevented"], said["share"]["complaints"]) == (1, 9)
    assert said["share"]["share"] == pytest.approx(0.1)
    assert 0 < said["share"]["low"] < 0.1 < said["share"]["high"] < 0.5
    assert [(one["code"], one["prevented"]) for one in said["shares"]] == [("bins", 1)]
    both = share(known, [*tasks, went(0, LAST - 1, category=SHOPS)])
    assert {one["code"]: one["complaints"] for one in both["shares"]} == {"bins": 9, "shops": 28}
    assert both["share"]["complaints"] == 37


def test_what_two_rounds_mended_in_one_case_was_mended_once() -> None:
    known, case = read_of([(LAST - n, 0, 0) for n in range(4)]), uuid4()
    again = [went(0, LAST - 9, case=case), went(0, LAST - 6, case=case), went(1, LAST - 6)]
    said = share(known, again)["share"]
    assert (said["prevented"], said["complaints"], said["share"]) == (2, 4, pytest.approx(2 / 6))


def test_days_that_two_rounds_name_count_once_on_both_sides() -> None:
    """Seven days from the first, and three more from the second, who goes there three days later:
    each day has one report, of which a seventh of each task's seven was expected.
    """
    known = read_of([(LAST - n, 0, 0) for n in range(20)] + [(LAST - 8, 1, 0), (LAST - 8, 0, 1)])
    first, second = went(0, LAST - 12, expected=7.0), went(0, LAST - 9, expected=14.0)
    said = on_their_days(known, [second, first])
    assert (said["came"], said["expected"]) == (10, pytest.approx(7 + 3 * 2))
    # Apart they are what they were; what is not over, or long ago, does not count yet or any more.
    apart = [first, went(1, LAST - 12, expected=7.0), went(0, LAST - 12, category=SHOPS)]
    said = on_their_days(known, [*apart, went(2, LAST - 5), went(0, LAST - 40)])
    assert (said["came"], said["expected"]) == (7 + 1 + 1, pytest.approx(7 + 7 + 5))


def test_a_class_that_nobody_ever_reported_has_a_share_too() -> None:
    said = share(read_of([(LAST, 0, 0)]), [went(0, LAST - 1, category=("s", "rare"))])
    assert said["share"] == {
        **said["share"], "prevented": 1, "complaints": 0, "share": 1.0,
    }  # fmt: skip
    none = share(read_of([(LAST, 0, 0)]), [])
    assert (none["share"]["share"], none["shares"]) == (None, [])


def street_with_visits(halved: bool) -> tuple[Read, list[Went], list[Ranked]]:
    """Every grid has six bins a week, ranked by its number; every other one is visited at a day of
    its own, and from then on has three where visits help.
    """
    rng = np.random.default_rng(7)
    visited = {place: LAST - 60 - place for place in range(1, 19, 2)}
    lines = []
    for day in range(LAST - 200, LAST + 1):
        for place in range(len(GRIDS)):
            helped = halved and place in visited and day >= visited[place]
            lines += [(day, place, 0)] * int(rng.poisson(3 / 7 if helped else 6 / 7))
    visits, ranked = [], []
    for place, day in visited.items():
        run = uuid4()
        visits.append(went(place, day, "found", run=run, expected=20.0 - place))
        ranked += [Ranked(run, grid, *BINS, 20.0 - n) for n, grid in enumerate(GRIDS)]
    return read_of(lines), visits, ranked


@pytest.mark.parametrize(("halved", "about"), [(True, -0.5), (False, 0.0)])
def test_the_effect_is_what_visits_changed(halved: bool, about: float) -> None:
    known, visits, ranked = street_with_visits(halved)
    said = effect(known, visits, ranked)
    assert said is not None
    assert said["visits"] == len(visits) == 9
    assert said["change"] == pytest.approx(about, abs=0.2)
    assert said["low"] < said["change"] < said["high"]
    assert said["placebo_low"] <= 0 <= said["placebo_high"]
    # Fewer than ten visits: the page must not say it, however clear it looks.
    assert not said["believable"]
    assert said["visits_least"] == 10


def test_without_a_visit_or_of_grids_that_are_no_more_there_is_no_effect() -> None:
    known, visits, ranked = street_with_visits(halved=False)
    assert effect(known, [], ranked) is None
    gone = visits[0].task
    gone.grid_id = uuid4()
    assert effect(known, visits[:1], ranked) is None
    # Without what the night thought of other grids nobody stands beside the visited one.
    alone = effect(known, visits[1:], [])
    assert alone is not None
    assert (alone["visits"], alone["change"], alone["believable"]) == (0, None, False)


def test_what_is_no_number_is_none() -> None:
    assert plain({"a": float("nan"), "b": 1, "c": float("inf"), "d": 0.5}) == {
        "a": None, "b": 1, "c": None, "d": 0.5,
    }  # fmt: skip


def test_days_of_the_look_back_are_counted_from_the_last_known_day() -> None:
    known = read_of([(LAST - 27, 0, 0), (LAST - 28, 0, 0)])
    said = share(known, [went(0, LAST - 27), went(1, LAST - 28)])
    assert (said["share"]["prevented"], said["share"]["complaints"]) == (1, 1)
    assert date_of(LAST) == TONIGHT - timedelta(days=1)
