"""Clusters across nights: new, ongoing, over; each with one identity, told once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.warn.scan import Cluster, Standing, follow


def cluster(
    *places: int, category: int = 1, method: str = "scan", centre: int | None = None
) -> Cluster:
    """A cluster of some places, the first its centre."""
    return Cluster(
        method=method,
        category=category,
        centre=places[0] if centre is None else centre,
        places=places,
        first_day=90,
        last_day=99,
        observed=9,
        expected=3.0,
        statistic=4.9,
        as_dense=0,
        p=0.001,
        gumbel_p=0.0004,
        rank=1,
        replicates=999,
    )


def brief(standing: list[Standing]) -> list[tuple[str, str]]:
    return [(one.identity, one.state) for one in standing]


def test_a_cluster_is_new_once_goes_on_and_is_over() -> None:
    first = follow([], [cluster(4, 5, 6)], night=100)
    assert brief(first) == [("scan:1:100:4", "new")]
    second = follow(first, [cluster(5, 4, 6, 7)], night=101)
    assert brief(second) == [("scan:1:100:4", "ongoing")]
    assert (second[0].first_night, second[0].last_night, second[0].nights) == (100, 101, 2)
    assert second[0].cluster.places == (5, 4, 6, 7)
    unseen = follow(second, [], night=102)
    assert brief(unseen) == [("scan:1:100:4", "ongoing")]
    assert unseen[0].last_night == 101
    over = follow(unseen, [], night=103)
    assert brief(over) == [("scan:1:100:4", "over")]
    assert follow(over, [], night=104) == []
    again = follow(over, [cluster(4, 5, 6)], night=104)
    assert brief(again) == [("scan:1:104:4", "new")]
    assert brief(follow(first, [], night=101, quiet_nights=1)) == [("scan:1:100:4", "over")]


def test_only_the_same_kind_at_about_the_same_places_is_the_same() -> None:
    known = follow([], [cluster(1, 2, 3)], night=100)

    def state(today: Cluster) -> str:
        return follow(known, [today], night=101)[0].state

    assert state(cluster(2, 3)) == "ongoing"
    assert state(cluster(1, 7, 8, 9, 10, 11, 12)) == "ongoing"  # the same centre
    assert state(cluster(3, 7, 8, 9)) == "new"
    assert state(cluster(1, 2, 3, category=2)) == "new"
    assert state(cluster(1, 2, 3, method="permutation")) == "new"
    given_sets = follow([], [cluster(1, 2, centre=-1)], night=100)
    assert follow(given_sets, [cluster(8, 9, centre=-1)], night=101)[0].state == "new"


def test_two_that_fit_one_are_told_apart_by_the_larger_overlap() -> None:
    known = follow([], [cluster(1, 2, 3, 4)], night=100)
    standing = follow(known, [cluster(1, 9), cluster(2, 3, 4)], night=101)
    assert brief(standing) == [("scan:1:101:1", "new"), ("scan:1:100:1", "ongoing")]


def test_a_night_is_followed_once_and_in_order() -> None:
    known = follow([], [cluster(1)], night=100)
    for night in (99, 100):
        with pytest.raises(ValueError, match="followed once"):
            follow(known, [cluster(1)], night=night)


NIGHTS = st.lists(
    st.lists(st.frozensets(st.integers(0, 11), min_size=1, max_size=4), max_size=4), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(nights=NIGHTS)
def test_every_cluster_of_a_night_stands_once_and_identities_never_meet(
    nights: list[list[frozenset[int]]],
) -> None:
    standing: list[Standing] = []
    ever: set[str] = set()
    for number, sets in enumerate(nights):
        used: set[int] = set()
        today = []
        for one in sets:
            if used.isdisjoint(one):  # the scan's clusters of a night share no place
                used |= one
                today.append(cluster(*sorted(one)))
        before = {one.identity for one in standing if one.state != "over"}
        standing = follow(standing, today, night=number)
        assert [one.cluster for one in standing[: len(today)]] == today
        names = [one.identity for one in standing]
        assert len(set(names)) == len(names)
        new = {one.identity for one in standing if one.state == "new"}
        assert new.isdisjoint(ever)
        assert before | new == set(names)
        ever |= new
