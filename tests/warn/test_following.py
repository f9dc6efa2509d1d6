"""Which finding is which event: the same from any side, and never lost."""

from __future__ import annotations

from math import nan

from hypothesis import given
from hypothesis import strategies as st

from streetwise.warn.following import GAP_DAYS, Event, follow, gathered, same

CATEGORIES = st.sampled_from([None, ("a", "1"), ("a", "2")])
PLACES = st.frozensets(st.sampled_from("pqrs"), max_size=3)


@st.composite
def an_event(draw: st.DrawFn) -> Event:
    first = draw(st.integers(0, 40))
    return Event(draw(CATEGORIES), draw(PLACES), first, first + draw(st.integers(0, 20)))


EVENTS = st.lists(an_event(), max_size=8)


@given(an_event(), an_event())
def test_it_does_not_matter_which_comes_first(one: Event, other: Event) -> None:
    assert same(one, other) == same(other, one)
    assert same(one, one)


def test_days_may_lie_apart_a_little_and_places_not_at_all() -> None:
    one = Event(("a", "1"), frozenset("p"), 10, 12)
    assert same(one, Event(("a", "1"), frozenset("pq"), 12 + GAP_DAYS, 30))
    assert not same(one, Event(("a", "1"), frozenset("pq"), 13 + GAP_DAYS, 30))
    assert not same(one, Event(("a", "1"), frozenset("q"), 10, 12))
    assert not same(one, Event(("a", "2"), frozenset("p"), 10, 12))
    # Everywhere holds every place.
    assert same(one, Event(("a", "1"), frozenset(), 10, 12))


@given(EVENTS, EVENTS)
def test_each_goes_on_with_one_that_is_the_same_wherever_there_is_one(
    standing: list[Event], found: list[Event]
) -> None:
    for event, n in zip(found, follow(standing, found), strict=True):
        likely = [one for one in standing if same(one, event)]
        assert (n is None) == (not likely)
        assert n is None or standing[n] in likely


def test_of_several_the_closest() -> None:
    standing = [Event(None, frozenset("pqrs"), 0, 9), Event(None, frozenset("p"), 0, 9)]
    assert follow(standing, [Event(None, frozenset("p"), 5, 10)]) == [1]
    assert follow(standing, [Event(None, frozenset("pqr"), 5, 10)]) == [0]


@given(EVENTS, st.data())
def test_every_finding_is_in_one_group_led_by_its_strongest(
    events: list[Event], data: st.DataObject
) -> None:
    days = data.draw(
        st.lists(
            st.one_of(st.just(nan), st.floats(1, 1e4)), min_size=len(events), max_size=len(events)
        )
    )
    groups = gathered(events, days)
    assert sorted(n for group in groups for n in group) == list(range(len(events)))
    leaders = [group[0] for group in groups]
    for group in groups:
        assert all(same(events[group[0]], events[n]) for n in group)
        known = [days[n] for n in group if days[n] == days[n]]
        assert not known or days[group[0]] == max(known)
    for n, leader in enumerate(leaders):
        assert not any(same(events[leader], events[other]) for other in leaders[:n])
