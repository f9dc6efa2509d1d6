"""Reports: ordered, repeatable, varied, and nobody's telephone number."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from shapely.geometry import Point, shape
from town.conftest import SEED

from streetwise.town import almanac, history, language
from streetwise.town.history import Teller, reports
from streetwise.town.reports import (
    COLUMNS,
    TRUTH_COLUMNS,
    Report,
    write_reports_csv,
    write_truth_csv,
)
from streetwise.town.world import World

ZONE = ZoneInfo("Asia/Shanghai")
START, END = datetime(2026, 9, 1, tzinfo=ZONE), datetime(2026, 10, 1, tzinfo=ZONE)


@pytest.fixture(scope="module")
def month(world: World) -> list[Report]:
    return list(reports(world, SEED, START, END))


def test_ordered_and_of_the_period(month: list[Report]) -> None:
    assert [r.at for r in month] == sorted(r.at for r in month)
    assert all(START <= r.at < END for r in month)
    keys = [r.upstream_key for r in month]
    assert len(keys) == len(set(keys))


def test_same_seed_same_month(month: list[Report], folder: Path, world: World) -> None:
    assert list(reports(folder, SEED, START, END)) == month
    assert list(reports(world, SEED + 1, START, START + timedelta(days=3))) != month


def test_periods_agree_where_they_overlap(month: list[Report], world: World) -> None:
    # The live town goes on where the written history stops, with the same keys.
    low = datetime(2026, 9, 14, 15, 30, tzinfo=ZONE).astimezone(UTC)
    high = low + timedelta(hours=40)
    assert list(reports(world, SEED, low, high)) == [r for r in month if low <= r.at < high]


def test_a_day_needs_a_time_zone(world: World) -> None:
    naive = datetime(2026, 9, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="time zone"):
        next(iter(reports(world, SEED, naive, END)))


def test_about_eighty_a_day_with_a_profile(month: list[Report]) -> None:
    days = Counter(r.at.date() for r in month)
    assert len(days) == 30
    assert 65 <= len(month) / 30 <= 95
    hours = Counter(r.at.hour for r in month)
    assert sum(hours[h] for h in range(8, 20)) > 0.6 * len(month)
    assert sum(hours[h] for h in range(2, 6)) < 0.03 * len(month)
    weekend = [n for d, n in days.items() if almanac.kind_of(d) != "workday"]
    week = [n for d, n in days.items() if almanac.kind_of(d) == "workday"]
    assert sum(weekend) / len(weekend) < sum(week) / len(week)


def test_every_channel_and_nature_has_its_part(world: World) -> None:
    teller = Teller(world, SEED)
    told = list(teller.between(START, START + timedelta(days=90)))
    assert {r.channel for r in told} == set(language.CHANNELS)
    natures = Counter(r.nature for r in told)
    assert set(natures) == {"problem", "hazard", "dispute", "request", "none"}
    hazards = {r.truth_problem for r in told if r.nature == "hazard"}
    assert 180 <= len(hazards) / 3 <= 400  # a month
    kinds = Counter(r.kind for r in told)
    assert set(kinds) == {"problem", "urge", "supplement", "thanks", "question", "nonsense"}
    assert 0.02 < kinds["urge"] / len(told) < 0.12


def test_who_comes_back_refers_to_what_was_told(world: World) -> None:
    teller = Teller(world, SEED)
    told = {r.upstream_key: r for r in teller.between(START, END)}
    again = [r for r in told.values() if r.refers_to and r.first_at and r.first_at >= START]
    assert len(again) > 50
    for r in again:
        first = told[r.refers_to]
        assert (first.truth_problem, first.channel, first.at) == (
            r.truth_problem, r.channel, r.first_at,
        )  # fmt: skip
        assert first.at < r.at
        assert first.kind == "problem"


def test_a_stretch_keeps_together_what_belongs_together(world: World) -> None:
    teller = Teller(world, SEED)
    cut, until = START + timedelta(days=12), END
    early = teller.with_echoes(START, cut, until)
    late = teller.with_echoes(cut, END, until)
    keys = [r.upstream_key for r in early]
    assert not set(keys) & {r.upstream_key for r in late}
    whole = {r.upstream_key for r in teller.between(START, END)}
    before = {
        r.upstream_key for r in teller.between(START, END) if r.first_at and r.first_at < START
    }
    assert set(keys) | {r.upstream_key for r in late} == whole - before
    known = set(keys)
    assert all(r.refers_to in known for r in early if r.refers_to)
    assert any(r.at >= cut for r in early)


def test_problems_are_told_by_several_and_sometimes_word_for_word(month: list[Report]) -> None:
    voices = Counter(r.truth_problem for r in month)
    assert sum(n > 1 for n in voices.values()) > 100
    assert max(voices.values()) >= 5
    texts = Counter(r.text for r in month)
    repeated = sum(n > 1 for n in texts.values())
    assert 10 <= repeated <= 0.08 * len(month)
    truth: dict[str, set[tuple[str, str]]] = {}
    for r in month:
        if r.nature != "none":
            truth.setdefault(r.truth_problem, set()).add((r.truth_category, r.truth_place))
    assert all(len(t) == 1 for t in truth.values())


def test_truth_is_about_things_that_exist(month: list[Report], world: World, folder: Path) -> None:
    known = set()
    for path in (folder / "taxonomy").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        known |= {f"{content['scheme']}:{c['code']}" for c in content["classes"]}
    assert {t.category for t in language.themes()} <= known
    about = [r for r in month if r.nature != "none"]
    assert {r.truth_category for r in about} <= known
    assert {r.truth_place for r in about} <= {p["code"] for p in world.places}
    chatter = [r for r in month if r.nature == "none"]
    assert chatter
    assert not any(r.truth_category or r.truth_problem or r.truth_place for r in chatter)


def test_places_are_where_they_are_said_to_be(month: list[Report], world: World) -> None:
    outline = shape(world.base[0]["geometry"]).buffer(0.0015)
    located = [r for r in month if r.lon is not None and r.lat is not None]
    assert len(located) > 200
    assert all(outline.contains(Point(r.lon, r.lat)) for r in located)
    assert all((r.lon is None) == (r.lat is None) for r in month)
    first_hand = [r for r in month if r.channel == "grid_worker" and r.kind == "problem"]
    assert all(r.lon is not None for r in first_hand)
    # Most name their place; some leave it to the office to ask.
    names = {p["code"]: [p["name"], *filter(None, p["aliases"].split("|"))] for p in world.places}
    named = [
        any(n[:2] in r.text + r.title for n in names[r.truth_place])
        for r in month
        if r.kind == "problem"
    ]
    assert 0.8 < sum(named) / len(named) < 0.99


def test_language_is_varied_and_clean(month: list[Report]) -> None:
    assert len({r.text for r in month}) > 0.9 * len(month)
    assert all(5 <= len(r.text) <= 2000 for r in month if r.nature != "none")
    assert all(r.text.strip() for r in month)
    for r in month:
        assert not re.search(r"[{}]|，，|。。|，。|None", r.text), r.text


def test_no_number_can_be_anybodys(month: list[Report]) -> None:
    phones = []
    for r in month:
        runs = re.findall(r"\d{5,}", r.title + r.text)
        # Identity numbers of nobody are checked in test_language.py.
        runs = [run for run in runs if not run.startswith(language.ID_PREFIX)]
        # Who urges names the number of the order.
        runs = [run for run in runs if not r.refers_to.endswith(run)]
        phones += runs
        assert all(run.startswith(language.PHONE_PREFIX) and len(run) == 11 for run in runs), r.text
    assert len(phones) > 50
    assert all(re.fullmatch(r"1[3-9]\d{9}", p) for p in phones)  # the shape that is masked
    folder = Path(history.__file__).parent
    for path in [*folder.rglob("*.py"), *(folder / "data").glob("*.yaml")]:
        assert not re.search(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)", path.read_text("utf-8"))


def test_file_for_the_mapping(month: list[Report], tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    assert write_reports_csv(path, month[:50]) == 50
    with path.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert tuple(rows[0]) == COLUMNS == ("编号", "渠道", "时间", "标题", "内容", "经度", "纬度")
    for row, r in zip(rows, month, strict=False):
        at = datetime.strptime(row["时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
        assert (row["编号"], row["渠道"], at) == (r.refers_to or r.upstream_key, r.channel, r.at)
        assert row["内容"] == r.text


def test_truth_goes_into_a_file_of_its_own(month: list[Report], tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    write_truth_csv(path, month)
    with path.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    told = [(r.upstream_key, r.truth_problem) for r in month]
    second = [(r.upstream_key, r.also[0]) for r in month if r.also]
    assert second
    lines = [(r["id"], r["problem"]) for r in rows]
    assert sorted(lines) == sorted([*told, *second])
    assert tuple(rows[0]) == TRUTH_COLUMNS


def test_a_teller_forgets_old_days(world: World) -> None:
    teller = Teller(world, SEED)
    for day in range(1, 20):
        teller.day(START.date() + timedelta(days=day))
    assert len(teller._told) == history.ECHO_DAYS + 1
    assert len(teller._begun) <= history.MOST_DAYS_KEPT


def test_the_telling_modules_import_no_room() -> None:
    pure = "world history people names streets blocks sites civic gazetteer assets"
    folder = Path(history.__file__).parent
    paths = [folder / f"{name}.py" for name in pure.split()]
    for path in [*paths, *sorted((folder / "language").glob("*.py"))]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert not (node.module or "").startswith("streetwise")
            if isinstance(node, ast.Import):
                assert not any(a.name.startswith("streetwise") for a in node.names)
