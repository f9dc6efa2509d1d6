"""Places while somebody types, and house numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.directory.numbers import parse_numbers
from streetwise.directory.suggest import KnownPlace, Suggester

PLACES = Suggester(
    [
        KnownPlace("r1", "梧桐路", "road", 1, 1, ("老梧桐路",), None, "1-99 odd; 2-60 even"),
        KnownPlace("r2", "梧桐西路", "road", 1, 2, (), None, ""),
        KnownPlace("c1", "松柏家园", "compound", 2, 1, ("松柏小区",)),
        KnownPlace("b3", "松柏家园3号楼", "building", 2, 1.1, ("松柏家园3栋",), "c1"),
        KnownPlace("b13", "松柏家园13号楼", "building", 2, 1.2, (), "c1"),
        KnownPlace("y7", "梧桐路7号", "building", 1, 1.1, (), "r1"),
        KnownPlace("p1", "湖心公园", "park", 3, 3),
    ]
)


def codes(typed: str, limit: int = 10) -> list[str]:
    return [one.place.code for one in PLACES.find(typed, limit)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("梧桐路", ["r1", "y7"]),  # the same name first; then what begins so
        ("桐", ["r1", "r2"]),
        ("松柏3", ["b3"]),
        ("松柏小区 3号楼", ["b3"]),
        ("松柏家园3栋", ["b3"]),
        ("松柏家园13", ["b13"]),
        ("梧桐路7号", ["y7"]),
        ("ＨＵ", []),
        ("   ", []),
        ("公园", ["p1"]),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, first: list[str]) -> None:
    assert codes(typed)[: len(first)] == first
    if not first:
        assert codes(typed) == []


def test_a_number_of_a_road_without_a_house_is_the_road_and_says_so() -> None:
    (found, *_) = PLACES.find("老梧桐路33号", 5)
    assert (found.place.code, found.number, found.inexact) == ("r1", "33", True)
    (road,) = PLACES.find("梧桐路62号", 5)  # its even side ends at 60
    assert (road.place.code, road.number, road.label) == ("r1", None, "梧桐路")
    (exact, *_) = PLACES.find("梧桐路7号", 5)
    assert (exact.number, exact.inexact, exact.parent_name) == ("7", False, "梧桐路")


@given(typed=st.text(max_size=12), limit=st.integers(1, 4))
def test_nothing_that_is_typed_breaks_it_and_no_place_comes_twice(typed: str, limit: int) -> None:
    found = PLACES.find(typed, limit)
    assert len(found) <= limit
    assert len({(one.place.code, one.number) for one in found}) == len(found)


def test_numbers() -> None:
    odd, even = parse_numbers("1-99 odd; 2－60 双".replace("－", "-"))
    assert 33 in odd
    assert 34 not in odd
    assert 34 in even
    assert 61 not in even
    assert parse_numbers("") == ()
    assert 7 in parse_numbers("7")[0]
    for wrong in ("9-1", "a-b", "1-99 blue"):
        with pytest.raises(ValueError, match=wrong.split("-", maxsplit=1)[0]):
            parse_numbers(wrong)
