"""Crosswalks against a slow reference: every way, tried out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streetwise.directory.crosswalk import ClassKey, Crossing, Crosswalk

KEYS = [ClassKey(scheme, "1", code) for scheme in "ab" for code in "xyz"]
RELATIONS = ["exact", "broader", "narrower", "related"]
TURNED = {"exact": "exact", "broader": "narrower", "narrower": "broader", "related": "related"}
LINES = st.lists(
    st.builds(
        Crossing,
        source=st.sampled_from(KEYS),
        target=st.sampled_from(KEYS),
        relation=st.sampled_from(RELATIONS),
    ),
    max_size=8,
)


def reference(lines: list[Crossing], source: ClassKey, scheme: str) -> dict[ClassKey, str]:
    """All that is the same by exact lines (made a closure), then one line more."""
    edges = {(one.source, one.target, one.relation) for one in lines}
    edges |= {(target, origin, TURNED[relation]) for origin, target, relation in edges}
    same = {source}
    while True:
        more = {t for s, t, relation in edges if s in same and relation == "exact"} - same
        if not more:
            break
        same |= more
    found: dict[ClassKey, str] = {}
    for relation in reversed(RELATIONS):
        for s, t, held in edges:
            if s in same and held == relation:
                found[t] = relation
    found |= dict.fromkeys(same, "exact")
    found.pop(source)
    return {key: relation for key, relation in found.items() if key.scheme == scheme}


@given(lines=LINES, source=st.sampled_from(KEYS), scheme=st.sampled_from("ab"))
def test_it_is_what_trying_out_every_way_gives(
    lines: list[Crossing], source: ClassKey, scheme: str
) -> None:
    found = Crosswalk(lines).meanings(source, scheme)
    assert {one.target: one.relation for one in found} == reference(lines, source, scheme)
    assert [RELATIONS.index(one.relation) for one in found] == sorted(
        RELATIONS.index(one.relation) for one in found
    )


def test_a_line_is_read_both_ways_and_exact_ones_are_followed() -> None:
    a, b, c = ClassKey("a", "1", "x"), ClassKey("b", "1", "x"), ClassKey("c", "2", "x")
    walk = Crosswalk([Crossing(a, b, "exact"), Crossing(b, c, "broader")])
    assert [(one.target, one.relation, one.steps) for one in walk.meanings(a, "c")] == [
        (c, "broader", 2)
    ]
    assert [(one.target, one.relation) for one in walk.meanings(c, "b")] == [(b, "narrower")]
    assert walk.meanings(c, "a") == []  # two lines, the first of them not exact
    assert walk.meanings(a, "c", "1") == []
