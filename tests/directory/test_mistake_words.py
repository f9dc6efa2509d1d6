"""The screen puts the server's sentences about mistakes into Chinese: none may be unknown to it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import tiny_town

from streetwise.directory.records import checks
from streetwise.directory.records.book import Book, Wish, apply_wishes
from streetwise.directory.records.files import read_files

WORDS = Path(__file__).parents[2] / "ui" / "src" / "pages" / "directory" / "mistakes.ts"

CROSSWALK = ("from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code")
CAMERA = {"name": "x", "lon": 116.9, "lat": 40.1, "direction": 90, "field_of_view": 60}
DUTY = {"date": "2026-05-11", "hours": "08:00-20:00", "post": "officer", "login": "both"}
#: (kind, code, what is wrong with it): one for every sentence that a form can bring about.
WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("place", "p1", {"name": None}),
    ("place", "p1", {"lon": "east"}),
    ("place", "p1", {"lon": 416.9}),
    ("place", "p1", {"numbers": "some"}),
    ("place", "p1", {"grid": "nowhere"}),
    ("place", "p1", {"parent": "p1"}),
    ("place", "p1", {"roads": ["p2", "p3"]}),
    ("place", "p3", {"kind": "building", "parent": "p3"}),
    ("place", "p3", {"kind": "junction", "roads": ["p1"]}),
    ("place", "p3", {"kind": "junction", "roads": ["p1", "p2"]}),
    ("place", "p1", {"name": "x" * 2000}),
    ("place", "p1", {"name": "a\nb"}),
    ("place", "p1", {"aliases": ["a|b"]}),
    ("place", "p1", {"code": "p9"}),
    ("place", "", {"name": "no code"}),
    ("unit", "dep1", {"tier": "galaxy"}),
    ("unit", "dep1", {"kind": "firm"}),
    ("unit", "dep1", {"tier": "street"}),
    ("grid", "g1", {"community": "dep1"}),
    ("grid", "g1", {"geometry": {"type": "Point", "coordinates": [0, 0]}}),
    ("rule", "L00001", {"unit": "nobody"}),
    ("rule", "L00001", {"grid": "nowhere"}),
    ("rule", "L00001", {"scheme": "none"}),
    ("rule", "L00001", {"days": "someday"}),
    ("rule", "L00001", {"valid_from": "2026-05-02", "valid_to": "2026-05-01"}),
    ("premises", "m1", {"name": "x", "kind": "shop", "lon": 116.9}),
    ("camera", "k1", {**CAMERA, "direction": 360}),
    ("camera", "k1", {**CAMERA, "field_of_view": 0}),
    ("camera", "k1", {**CAMERA, "direction": None}),
    ("camera", "k1", {**CAMERA, "place": "nowhere"}),
    ("camera", "k1", {**CAMERA, "lat": 91.5}),
    ("sensor", "w1", {"name": "x", "kind": "rain", "lon": 116.9, "lat": 40.1}),
    ("duty", "", {**DUTY, "login": "nobody"}),
    ("duty", "", {**DUTY, "hours": "night"}),
    ("duty", "", {**DUTY, "date": "tomorrow"}),
    ("duty", "", {**DUTY, "post": None}),
    ("class", "urban-management/0/X", {"name": "x"}),
    ("class", "request/1/R-01", {"conditions": [{"limit": {"value": 0, "unit": "hour"}}]}),
    ("crosswalk", "", dict.fromkeys(CROSSWALK, "x")),
]  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Book:
    folder = tmp_path / "town"
    tiny_town(folder)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    return replace(read_files(files).book, people=frozenset())


def patterns() -> list[re.Pattern[str]]:
    """The screen's patterns; JavaScript names its groups a bit differently."""
    text = WORDS.read_text(encoding="utf-8")
    found = re.findall(r'^  \["\w+", /(.+)/\],$', text, re.M)
    assert len(found) > 20
    return [re.compile(one.replace("(?<", "(?P<")) for one in found]


@pytest.mark.parametrize(("kind", "code", "values"), WRONG)
def test_every_mistake_has_words(book: Book, kind: str, code: str, values: dict[str, Any]) -> None:
    assert checks.mistakes(book) == []
    if code and kind in ("premises", "class", "camera", "sensor") and code not in book.of(kind):
        names = ("scheme", "version", "code") if kind == "class" else ("code",)
        values = {**values, **dict(zip(names, code.split("/"), strict=True))}
    after, found, _ = apply_wishes(book, [Wish(kind, code, "put", values, None)])
    found += checks.mistakes(after)
    assert found, "this was meant to be a mistake"
    place = re.compile(r"^[\w./*-]+\.(?:csv|geojson|yaml)(?: line \d+)?: ?")
    for mistake in found:
        rest = re.sub(r" \(line \d+\)", "", place.sub("", mistake))
        # with the record's code before it, or about the whole file
        whats = {rest, rest.partition(" ")[2], rest.partition(": ")[2]}
        assert any(one.match(what) for one in patterns() for what in whats), mistake
