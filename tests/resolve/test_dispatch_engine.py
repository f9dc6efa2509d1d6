"""Who a case is suggested to: learnt shares, boundary cases, borders. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from streetwise.directory.responsibility import Question, Rule, best_answers, responsible
from streetwise.kernel.geo import haversine_m
from streetwise.resolve.dispatch.borders import Borders
from streetwise.resolve.dispatch.decide import CLEAR, LEAST_KEPT, Asked, Decider
from streetwise.resolve.dispatch.learn import AGAINST, DRAWN, MATRIX, History, Past

UM = "urban-management"
REST = Rule(UM, "*", "*", "*", "dep9", "兜底")
LAMPS = Rule(UM, "P-01", "*", "*", "dep1", "路灯")
LAMP = Question(UM, "P-01-37", None, "g1", "c1")
OTHER = Question(UM, "E-09-01", None, "g1", "c1")


def past(unit: str, kept: int, against: int = 0, code: str = "P-01-37", grid: str = "g1") -> Past:
    return Past(UM, code, "c1", grid, unit, kept, against)


def decider(rules: list[Rule], *rows: Past) -> Decider:
    return Decider(rules, History(rows), lambda unit: unit != "gone")


def codes(asks: object) -> list[str]:
    return [one.code for one in asks]  # type: ignore[attr-defined]


# --- learning ------------------------------------------------------------------------------


def test_share_is_drawn_towards_the_wider_place_by_hand() -> None:
    history = History([past("dep1", 6), past("dep2", 2, grid="g2")])
    found = {one.unit: one for one in history.guesses(UM, "P-01-37", "c1", "g1", "dep1")}
    area = (6 + DRAWN["area"] * MATRIX) / (8 + DRAWN["area"])
    community = (6 + DRAWN["community"] * area) / (8 + DRAWN["community"])
    grid = (6 + DRAWN["grid"] * community) / (6 + DRAWN["grid"])
    assert found["dep1"].confidence == pytest.approx(grid)
    assert (found["dep1"].kept, found["dep1"].of, found["dep1"].level) == (6, 6, "grid")


def test_nothing_known_says_what_the_matrix_says() -> None:
    (only,) = History().guesses(UM, "P-01-37", "c1", "g1", "dep1")
    assert (only.unit, only.confidence, only.of) == ("dep1", MATRIX, 0)
    assert History().guesses(UM, "P-01-37", "c1", "g1") == []


def test_what_was_returned_counts_against_that_unit_alone() -> None:
    before = History([past("dep1", 5), past("dep2", 5)])
    after = History([past("dep1", 5, against=4), past("dep2", 5)])
    asked = (UM, "P-01-37", "c1", "g1")
    was = {one.unit: one.confidence for one in before.guesses(*asked)}
    now = {one.unit: one.confidence for one in after.guesses(*asked)}
    assert now["dep1"] < was["dep1"] and now["dep2"] == was["dep2"]
    assert AGAINST > 0


def test_units_that_can_get_nothing_any_more_say_nothing() -> None:
    history = History([past("gone", 50), past("dep2", 1)], units=["dep1", "dep2"])
    assert [one.unit for one in history.guesses(UM, "P-01-37", "c1", "g1")] == ["dep2"]


ROWS = st.lists(
    st.builds(
        Past,
        st.just(UM), st.sampled_from(["P-01-37", "E-01"]), st.sampled_from(["", "c1", "c2"]),
        st.sampled_from(["", "g1", "g2"]), st.sampled_from(["dep1", "dep2", "dep3"]),
        st.integers(0, 40), st.integers(0, 9),
    ),
    max_size=12,
)  # fmt: skip


@given(ROWS, st.sampled_from([None, "dep1"]), st.randoms(use_true_random=False))
def test_shares_are_shares_and_the_order_of_the_rows_says_nothing(
    rows: list[Past], matrix: str | None, rng: object
) -> None:
    found = History(rows, ["dep1", "dep2", "dep3"]).guesses(UM, "P-01-37", "c1", "g1", matrix)
    mixed = list(rows)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    again = History(mixed, ["dep1", "dep2", "dep3"]).guesses(UM, "P-01-37", "c1", "g1", matrix)
    assert found == again
    assert all(0 < one.confidence <= 1 for one in found)
    assert sum(one.confidence for one in found) <= 1 + 1e-9
    assert [one.confidence for one in found] == sorted((o.confidence for o in found), reverse=True)


@given(ROWS, st.integers(1, 9))
def test_one_more_that_was_kept_makes_surer(rows: list[Past], more: int) -> None:
    def share(extra: list[Past]) -> float:
        history = History([*rows, *extra], ["dep1", "dep2", "dep3"])
        guesses = history.guesses(UM, "P-01-37", "c1", "g1", "dep1")
        return next(one.confidence for one in guesses if one.unit == "dep1")

    assert share([past("dep1", more)]) >= share([]) - 1e-12
    assert share([past("dep1", 0, against=more)]) <= share([]) + 1e-12
    assert share([past("dep2", more)]) <= share([]) + 1e-12


# --- the matrix ----------------------------------------------------------------------------


def test_best_answers_are_those_that_only_the_order_tells_apart() -> None:
    first, second = LAMPS, replace(LAMPS, unit="dep2")
    assert [one.unit for one in best_answers([REST, first, second], LAMP)] == ["dep1", "dep2"]
    found = responsible([REST, first, second], LAMP)
    assert found is not None and found.unit == "dep1"
    finer = replace(second, class_prefix="P-01-37")
    assert [one.unit for one in best_answers([first, finer], LAMP)] == ["dep2"]


# --- deciding ------------------------------------------------------------------------------


def test_matrix_goes_before_history() -> None:
    found = decider([LAMPS, REST], past("dep1", 39), past("dep2", 3)).suggest(Asked(LAMP))
    assert (found.unit, found.asks) == ("dep1", ())
    assert found.confidence is not None and found.confidence > 0.85
    reasons = found.options[0].reasons
    assert codes(reasons) == ["matrix", "history"]
    assert (reasons[1].params["kept"], reasons[1].params["of"]) == (39, 42)


def test_history_answers_where_only_the_rest_line_does() -> None:
    rows = [past("dep3", LEAST_KEPT + 10, code="E-09-01")]
    found = decider([LAMPS, REST], *rows).suggest(Asked(OTHER))
    assert (found.unit, found.options[0].source, found.asks) == ("dep3", "history", ())
    assert found.confidence is not None and found.confidence >= CLEAR


def test_the_line_for_everything_else_is_clear_only_with_history_behind_it() -> None:
    few = decider([LAMPS, REST], past("dep3", 2, code="E-09-01")).suggest(Asked(OTHER))
    assert (few.unit, codes(few.asks)) == (None, ["only_rest"])
    assert few.options[0].unit == "dep9" and codes(few.options[0].reasons)[0] == "matrix_rest"
    borne_out = decider([LAMPS, REST], past("dep9", 9, code="E-09-01")).suggest(Asked(OTHER))
    assert (borne_out.unit, borne_out.asks) == ("dep9", ())


def test_nobody_named_asks() -> None:
    found = decider([LAMPS]).suggest(Asked(OTHER))
    assert (found.unit, found.options, codes(found.asks)) == (None, (), ["nobody_named"])


def test_what_speaks_against_the_answer_makes_it_a_question() -> None:
    differs = decider([LAMPS], past("dep2", 30), past("dep1", 1)).suggest(Asked(LAMP))
    assert (differs.unit, codes(differs.asks)) == (None, ["history_differs"])
    # Both are offered, the matrix' first.
    assert [one.unit for one in differs.options] == ["dep1", "dep2"]
    tied = decider([LAMPS, replace(LAMPS, unit="dep2")]).suggest(Asked(LAMP))
    assert (tied.unit, codes(tied.asks)) == (None, ["tied"])
    back = decider([LAMPS]).suggest(Asked(LAMP, returned_from="dep1"))
    assert (back.unit, codes(back.asks)) == (None, ["came_back"])
    doubted = decider([LAMPS]).suggest(Asked(LAMP, doubts=("category",)))
    assert (doubted.unit, codes(doubted.asks)) == (None, ["doubted"])


def test_a_border_matters_only_where_another_is_responsible_behind_it() -> None:
    by_community = Rule(UM, "E-01", "*", "*", "@community", "")
    here = Question(UM, "E-01-10", None, "g1", "c1")
    near = (("g2", "c1"), ("g3", "c2"))
    found = decider([by_community]).suggest(Asked(here, grids=near))
    assert (found.unit, codes(found.asks)) == (None, ["border"])
    assert found.asks[0].params == {"grid": "g3", "unit": "c2"}
    assert decider([by_community]).suggest(Asked(here, grids=near[:1])).unit == "c1"
    assert decider([LAMPS]).suggest(Asked(LAMP, grids=near)).unit == "dep1"


def test_a_unit_that_is_no_more_is_not_suggested() -> None:
    found = decider([replace(LAMPS, unit="gone"), REST], past("gone", 40)).suggest(Asked(LAMP))
    assert "gone" not in [one.unit for one in found.options]


# --- borders -------------------------------------------------------------------------------

WEST, SOUTH, STEP = 116.90, 40.10, 0.01
SQUARES = [
    (f"g{column}{row}", box(WEST + column * STEP, SOUTH + row * STEP,
                            WEST + (column + 1) * STEP, SOUTH + (row + 1) * STEP))
    for column in range(3) for row in range(2)
]  # fmt: skip


@given(st.floats(0, 3 * STEP), st.floats(0, 2 * STEP), st.floats(1, 200))
def test_grids_near_a_point_are_those_with_a_near_point(
    east: float, north: float, metres: float
) -> None:
    lon, lat = WEST + east, SOUTH + north
    (found,) = Borders(SQUARES).near([lon], [lat], metres)
    for code, square in SQUARES:
        west, south, right, top = square.bounds
        away = haversine_m(
            lon, lat, float(np.clip(lon, west, right)), float(np.clip(lat, south, top))
        )
        # The plane and the sphere differ by less than a thousandth here.
        if abs(away - metres) > 0.002 * metres + 0.01:
            assert (code in found) == (away <= metres)


def test_no_grids_no_borders() -> None:
    assert Borders([]).near([116.9], [40.1], 10) == [()]
    assert Borders(SQUARES).near([], [], 10) == []
