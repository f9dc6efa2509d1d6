"""Which reports are looked at: a unit's share, the lot; and what closing asks for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.verify import ways
from streetwise.resolve.verify.sampling import (
    BY_CHANCE,
    NOT_DRAWN,
    REOPENED,
    SENT_BACK,
    URGENT,
    Record,
    Reported,
    Rules,
    chance,
    draw,
    read_rules,
    share_of,
    shipped_rules,
    wilson_upper,
)
from streetwise.resolve.verify.taken import Taken

RULES = Rules(slip=0.02, floor=0.1, ceiling=1.0, record_days=90, deviations=1.64)
PLAIN = Reported(reworked=0, reopened=0, urgent=False)

records = st.integers(0, 400).flatmap(
    lambda checked: st.builds(Record, st.just(checked), st.integers(0, checked))
)


def slowly(failed: int, checked: int, deviations: float) -> float:
    """The largest share that what was found does not speak against, by halving."""
    found = failed / checked
    low, high = found, 1.0
    for _ in range(60):
        share = (low + high) / 2
        fits = share - found <= deviations * sqrt(share * (1 - share) / checked)
        low, high = (share, high) if fits else (low, share)
    return low


@given(records, st.floats(0, 3))
def test_the_end_of_the_interval_is_the_largest_share_that_fits(
    record: Record, deviations: float
) -> None:
    upper = wilson_upper(record.failed, record.checked, deviations)
    if record.checked == 0:
        assert upper == 1
    else:
        assert upper == pytest.approx(slowly(record.failed, record.checked, deviations), abs=1e-6)


@given(records, st.floats(0, 1), st.floats(0, 1))
def test_the_share_lies_between_floor_and_ceiling_and_rises_with_what_failed(
    record: Record, one: float, other: float
) -> None:
    rules = replace(RULES, floor=min(one, other), ceiling=max(one, other))
    share = share_of(record, rules)
    assert rules.floor <= share <= rules.ceiling
    if record.failed < record.checked:
        assert share_of(replace(record, failed=record.failed + 1), rules) >= share
    # The same share of failures, twice as long known, is known better.
    longer = Record(2 * record.checked, 2 * record.failed)
    assert share_of(longer, rules) <= share + 1e-12


@given(records)
def test_what_slips_through_stays_below_the_limit(record: Record) -> None:
    upper = wilson_upper(record.failed, record.checked, RULES.deviations)
    assert (1 - share_of(record, RULES)) * upper <= RULES.slip + 1e-12


def test_a_unit_that_nobody_knows_is_looked_at_nearly_wholly_and_a_good_one_seldom() -> None:
    assert share_of(Record(), RULES) == pytest.approx(0.98)
    assert share_of(Record(200, 0), RULES) == 0.1
    assert share_of(Record(200, 10), RULES) == pytest.approx(0.752, abs=0.01)
    assert share_of(Record(20, 20), RULES) == pytest.approx(0.98)


@given(st.binary(min_size=8, max_size=32))
def test_a_lot_is_a_number_below_one_and_always_the_same(digest: bytes) -> None:
    assert 0 <= chance(digest) < 1
    assert chance(digest) == chance(digest + b"more")


def test_lots_are_even() -> None:
    lots = [chance(hashlib.sha256(b"%d" % one).digest()) for one in range(20_000)]
    for tenth in range(10):
        inside = sum(tenth / 10 <= lot < (tenth + 1) / 10 for lot in lots)
        assert abs(inside - 2000) < 5 * sqrt(20_000 * 0.09)


@given(records, records, st.floats(0, 1, exclude_max=True))
def test_who_is_drawn_at_a_share_is_drawn_at_every_larger_one(
    one: Record, other: Record, lot: float
) -> None:
    small, large = sorted((one, other), key=lambda record: share_of(record, RULES))
    before, after = (draw(PLAIN, record, RULES, lot) for record in (small, large))
    assert after.drawn >= before.drawn
    assert before.code == (BY_CHANCE if before.drawn else NOT_DRAWN)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Reported(1, 0, False), SENT_BACK),
        (Reported(0, 2, False), REOPENED),
        (Reported(0, 0, True), URGENT),
    ],
)
def test_some_are_looked_at_whatever_the_record(case: Reported, code: str) -> None:
    found = draw(case, Record(1000, 0), replace(RULES, floor=0.0), 0.999)
    assert (found.drawn, found.code) == (True, code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"slip_percent": 0},
        {"floor_percent": 60, "ceiling_percent": 50},
        {"ceiling_percent": 101},
        {"record_days": 0},
        {"confidence_deviations": -1},
    ],
)
def test_a_table_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    fine = {
        "slip_percent": 2, "floor_percent": 10, "ceiling_percent": 100, "record_days": 90,
        "confidence_deviations": 1.64,
    }  # fmt: skip
    assert read_rules(fine) == shipped_rules()
    with pytest.raises(ValueError, match=r"shares lie|a record has"):
        read_rules({**fine, **wrong})


CONDITIONS = [
    {"code": "1", "text": "缺失", "close_when": "井盖恢复原位且完好，周边警示撤除"},
    {"code": "2", "text": "破损", "close_when": "井盖更换或修复；表面完整。"},
    {"code": "3", "text": "移位", "close_when": "井盖恢复原位且完好，周边警示撤除"},
    {"code": "4", "text": "其他"},
]


def test_conditions_for_closing_are_points_to_be_ticked() -> None:
    first, second = ways.closings(CONDITIONS, None)  # the third asks for what the first does
    assert first.points == ("井盖恢复原位且完好", "周边警示撤除")
    assert second.points == ("井盖更换或修复", "表面完整")
    assert [one.code for one in ways.closings(CONDITIONS, "2")] == ["2"]
    assert ways.closings(CONDITIONS, "4") == ()
    both = (first, second)
    assert ways.lacking(both, ()) == first.points
    assert ways.lacking(both, ("表面完整",)) == ("井盖更换或修复",)
    assert ways.lacking(both, second.points) == ()
    assert ways.lacking((), ()) == ()
    with pytest.raises(ValueError, match="随便写的"):
        ways.lacking(both, ("随便写的",))


@given(st.lists(st.text(alphabet="甲乙，,；;。、 ", max_size=12), max_size=4))
def test_ticking_every_point_of_a_condition_is_enough(texts: list[str]) -> None:
    asked = ways.closings(
        [{"code": str(n), "close_when": text} for n, text in enumerate(texts)], None
    )
    for one in asked:
        assert one.points
        assert ways.lacking(asked, one.points) == ()
        assert ways.lacking([one], one.points[:-1]) == one.points[-1:]


def test_nobody_passes_by_record_what_was_drawn() -> None:
    assert ways.open_ways(None) == ways.open_ways({"drawn": True}) == ("site", "call_back")
    assert ways.open_ways({"drawn": False}) == ("site", "call_back", "record")


def test_a_photo_with_half_a_place_is_refused() -> None:
    for wrong in (Taken(lon=116.9), Taken(lon=200.0, lat=1.0), Taken(accuracy_metres=-1.0)):
        with pytest.raises(Exception, match=r"place|accuracy"):
            wrong.require_possible()
