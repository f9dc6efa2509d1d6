"""The town's language: covers what it must, varied, repeatable, clean, and nobody's words."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml

import streetwise
from streetwise.town import language
from streetwise.town.language import (
    CHANNEL_HABITS,
    CHANNELS,
    DRIVERS,
    ERRORS,
    ID_PREFIX,
    NATURES,
    PHONE_PREFIX,
    Spot,
    Telling,
    Theme,
    confusable,
    slips,
    tell,
    themes,
)
from streetwise.town.language.phrase import DATA, Phrase, pool, read_yaml, render

SOURCE = Path(streetwise.__file__).parent
TOWN = SOURCE / "town"
KINDS = (
    "compound", "building", "yard", "shop", "road", "junction", "landmark", "school", "park",
    "hospital", "office", "market", "water", "site", "underpass", "asset",
)  # fmt: skip


def spot_for(theme: Theme, rng: random.Random) -> Spot:
    kind = rng.choice(theme.places)
    if kind in ("building", "yard"):
        name = "松雪家园6号楼" if kind == "building" else "灯盏胡同12号"
        return Spot("B", name, "building", (), "", 0, "北坞社区")
    if kind == "compound":
        return Spot("C", "棉纺新村", "compound", ("棉纺新村小区",), "", 7, "南埠社区")
    if kind == "shop":
        return Spot("S", "胖哥烧烤", "shop", (), "青磨街", 0, "南埠社区")
    if kind in ("road", "asset"):
        return Spot("R", "木樨街", "road", ("老木樨街",), "", 36, "柿园社区")
    if kind == "junction":
        return Spot("J", "安渡路与芦塘街交叉口", "junction", ("安渡路芦塘街路口",))
    return Spot("L", "柿园公园", "park" if kind == "park" else "landmark")


def tellings(count: int, seed: int) -> Iterator[tuple[Theme, Spot, str, Telling]]:
    """Every theme in turn, over all channels."""
    rng = random.Random(seed)
    for theme, channel in zip(
        itertools.cycle(themes()), itertools.islice(_channels(rng), count), strict=False
    ):
        spot = spot_for(theme, rng)
        yield theme, spot, channel, tell(theme, spot, channel, rng, again=rng.random() < 0.1)


def _channels(rng: random.Random) -> Iterator[str]:
    while True:
        yield rng.choice(CHANNELS)


def everything_said(count: int, seed: int) -> list[str]:
    """Titles and texts of reports, and of all that is not a report."""
    said: list[str] = []
    for theme, spot, channel, told in tellings(count, seed):
        rng = random.Random(f"{seed}:{len(said)}")
        other = rng.choice(themes())
        said += [told.title, told.text]
        for extra in (
            language.tell_two((theme, spot), (other, spot_for(other, rng)), channel, rng),
            language.thanks(spot, channel, rng),
            language.nonsense(channel, rng),
            language.question(spot, channel, rng),
            language.urge(theme, spot, rng, "RX-7"),
            language.supplement(theme, spot, rng),
        ):
            said += [extra.title, extra.text]
        said.append(
            language.call_back_words(rng.random() < 0.5, rng.choice(("yes", "no", "")), rng)
        )
        said.append(language.handling_note(theme, rng))
        said.append(language.sent_back_note(rng))
        said.append(language.mediation_note(rng))
        said.append(language.rectification_note(theme, rng))
    return said


# --- What it covers. ---


def _classes() -> dict[str, dict[str, list[dict[str, object]]]]:
    found = {}
    for path in (SOURCE / "directory" / "data" / "taxonomy").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for one in content["classes"]:
            found[f"{content['scheme']}:{one['code']}"] = one
    return found


def test_every_class_with_a_limit_and_every_request_has_words() -> None:
    told = {t.category for t in themes() if t.nature in ("problem", "request")}
    with_limit = {
        key
        for key, one in _classes().items()
        if any(c["limit"] for c in one["conditions"]) or key.startswith("request:")
    }
    assert len(with_limit) > 45
    assert not with_limit - told
    assert not {t.category for t in themes()} - set(_classes())


def test_a_cover_has_words_for_each_condition() -> None:
    for key, one in _classes().items():
        conditions = {str(c["code"]) for c in one["conditions"]}
        told = {t.condition for t in themes() if t.category == key and t.condition}
        assert told <= conditions, key
        if len(conditions) == 4:
            assert told == conditions, key


def test_themes_are_whole() -> None:
    keys = [t.key for t in themes()]
    assert len(keys) == len(set(keys))
    assert {t.nature for t in themes()} == set(NATURES)
    for theme in themes():
        assert theme.weight > 0 and 0 <= theme.crowd < 1, theme.key
        assert set(theme.drivers) <= set(DRIVERS), theme.key
        assert set(theme.places) <= set(KINDS), theme.key
        assert theme.hours in ("any", "day", "morning", "evening", "night"), theme.key
        for part in (theme.topic, theme.say, theme.see, theme.more, theme.want):
            assert any(not p.only for p in part), f"{theme.key}: nothing to say out of season"
    families = set(read_yaml("phrases_notes.yaml")["handling"])
    missing = {t.family for t in themes() if t.nature in ("problem", "request")} - families
    assert not missing, "no handling notes"


def test_neighbouring_classes_are_neighbours_both_ways() -> None:
    near = confusable()
    assert set(near) <= set(_classes())
    for category, mates in near.items():
        assert mates and category not in mates
        assert all(category in near[m] for m in mates)


def test_every_channel_has_a_habit_and_a_voice() -> None:
    assert set(CHANNEL_HABITS) == set(CHANNELS)
    for habit in CHANNEL_HABITS.values():
        assert set(habit.share) == set(NATURES)
        assert 0 <= habit.located <= 1
        assert habit.length in ("short", "record", "long")
    rng = random.Random(5)
    theme = next(t for t in themes() if t.key == "request:R-13/seep")
    openings = {c: {tell(theme, spot_for(theme, rng), c, rng).text[:4] for _ in range(40)}
                for c in CHANNELS}  # fmt: skip
    assert openings["court"].isdisjoint(openings["police"])
    with pytest.raises(ValueError, match="channel"):
        tell(theme, spot_for(theme, rng), "telex", rng)


# --- How it sounds. ---


def test_same_seed_same_words() -> None:
    once = [t for _, _, _, t in tellings(900, 3)]
    assert once == [t for _, _, _, t in tellings(900, 3)]
    assert once != [t for _, _, _, t in tellings(900, 4)]


def test_no_brace_no_bracket_no_doubled_stop() -> None:
    for text in everything_said(600, 8):
        assert not re.search(r"[{}()|#]|None", text), text
        assert not re.search(r"[，。；：、]{2}|[？！][，。]|^[，。；、](?=.)|：[，。]", text), text


def test_varied_and_of_every_length() -> None:
    texts: dict[str, list[str]] = {c: [] for c in CHANNELS}
    for _, _, channel, told in tellings(6600, 9):
        texts[channel].append(told.text)
    everything = [t for found in texts.values() for t in found]
    assert len(set(everything)) > 0.97 * len(everything)
    lengths = {c: sorted(map(len, found)) for c, found in texts.items()}
    middle = {c: found[len(found) // 2] for c, found in lengths.items()}
    assert middle["grid_worker"] < middle["wechat"] < middle["hotline12345"] < middle["petition"]
    assert min(map(len, texts["wechat"])) <= 24
    assert max(map(len, everything)) > 900
    assert 50 <= middle["hotline12345"] <= 200
    assert sum(" " in t for t in texts["wechat"]) > 0.1 * len(texts["wechat"])


def test_what_was_bent_is_told() -> None:
    found = Counter(error for _, _, _, told in tellings(6600, 10) for error in told.errors)
    assert set(found) == set(ERRORS) - {slips.TWO}
    assert min(found.values()) > 20
    rng = random.Random(2)
    a, b = themes()[0], themes()[40]
    two = language.tell_two((a, spot_for(a, rng)), (b, spot_for(b, rng)), "wechat", rng)
    assert two.errors[0] == slips.TWO


def test_a_place_misheard_is_not_there_any_more() -> None:
    rng = random.Random(1)
    text = slips.mishear_place("澄棠大街的灯不亮", "澄棠大街", rng)
    assert text != "澄棠大街的灯不亮"
    assert text.endswith("的灯不亮")
    assert "澄棠大街" not in text


def test_nothing_is_said_out_of_season() -> None:
    summer, winter = datetime(2026, 7, 15, 15), datetime(2026, 1, 15, 15)  # noqa: DTZ001
    rng = random.Random(4)
    only = {"summer": set(), "winter": set()}  # type: dict[str, set[str]]
    for theme in themes():
        for phrase in (*theme.say, *theme.more):
            if len(phrase.only) == 1 and len(phrase.parts) == 1 and type(phrase.parts[0]) is str:
                for season in set(only) & phrase.only:
                    only[season].add(phrase.parts[0])
    assert len(only["summer"]) > 5 and len(only["winter"]) > 2
    said: dict[str, Counter[str]] = {"summer": Counter(), "winter": Counter()}
    for at, season in ((summer, "summer"), (winter, "winter")):
        for theme in themes():
            for _ in range(12):
                text = tell(theme, spot_for(theme, rng), "petition", rng, at=at).text
                for other, words in only.items():
                    said[season][other] += sum(w in text for w in words)
    assert said["summer"]["summer"] > 5 and said["winter"]["winter"] > 2
    assert said["summer"]["winter"] == said["winter"]["summer"] == 0


def test_themes_share_sentences_so_that_nobody_can_be_always_right() -> None:
    shared = [t for t in themes() if t.vague]
    assert len(shared) > 0.5 * len(themes())
    by_sentence: dict[int, set[str]] = {}
    for theme in shared:
        for vague in theme.vague:
            by_sentence.setdefault(id(vague), set()).add(theme.category)
    assert len(by_sentence) == len(read_yaml("phrases_shared.yaml")["vague"])
    assert min(map(len, by_sentence.values())) >= 3


# --- Nobody's words, nobody's numbers. ---


def _phrases_of(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _phrases_of(key)
            yield from _phrases_of(value)
    elif isinstance(content, list):
        for value in content:
            yield from _phrases_of(value)
    elif isinstance(content, str):
        yield from content.splitlines()


def _own_runs() -> set[str]:
    """Every run of eight or more characters that the town says without a choice in between."""
    runs: set[str] = set()
    for path in sorted(DATA.glob("phrases_*.yaml")):
        for line in _phrases_of(yaml.safe_load(path.read_text(encoding="utf-8"))):
            for run in re.split(r"[(){}|，。；：、！？“”#\s]+", line):
                if len(run) >= 8 and re.search(r"[\u4e00-\u9fff]", run):
                    runs.add(run)
    return runs


def test_no_phrase_of_the_town_stands_anywhere_else_in_the_product() -> None:
    runs = _own_runs()
    assert len(runs) > 300
    sources = [
        path
        for path in sorted(SOURCE.rglob("*"))
        if path.suffix in (".py", ".yaml", ".yml", ".csv", ".json", ".txt", ".tsv")
        and not path.is_relative_to(TOWN)
        and "static" not in path.parts
    ]
    assert len(sources) > 100
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    shared = {(run, path.name) for run in runs for path, text in texts.items() if run in text}
    assert not shared


def test_no_line_of_an_engine_is_a_line_of_the_town() -> None:
    """Whole lines, choices and slots set aside: no sentence template is used on both sides."""

    def bare(line: str) -> str:
        return re.sub(r"\{[^}]*\}|[(){}|，。；：、！？“”\"'\s#,\-]", "", line)

    ours = {
        bare(line)
        for path in sorted(DATA.glob("phrases_*.yaml"))
        for line in _phrases_of(yaml.safe_load(path.read_text(encoding="utf-8")))
    }
    ours = {line for line in ours if len(re.findall(r"[\u4e00-\u9fff]", line)) >= 6}
    assert len(ours) > 900
    theirs = set()
    for path in SOURCE.rglob("*"):
        if path.suffix in (".py", ".yaml", ".csv") and not path.is_relative_to(TOWN):
            theirs |= {bare(line) for line in path.read_text(encoding="utf-8").splitlines()}
    assert not ours & theirs


def _right_id(number: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(number[:17], weights, strict=True))
    return "10X98765432"[total % 11] == number[17]


def test_no_number_can_be_anybodys() -> None:
    assert _right_id("11010519491231002X")  # the check works: the example of the standard itself
    phones, ids = 0, 0
    for text in everything_said(2400, 12):
        for run in re.findall(r"\d{5,}[Xx]?", text):
            if len(run) == 11:
                assert run.startswith(PHONE_PREFIX), text
                phones += 1
            else:
                assert len(run) == 18 and run.startswith(ID_PREFIX) and not _right_id(run), text
                ids += 1
    assert phones > 200 and ids > 3
    rng = random.Random(0)
    assert not any(_right_id(language.id_number(rng)) for _ in range(500))


# --- Phrases with choices. ---


def test_a_phrase_says_one_branch_and_fills_its_slots() -> None:
    phrase = Phrase("{p}的(灯(坏|灭)了|树{what})")
    rng = random.Random(0)
    said = {render(phrase, rng, {"p": "路口", "what": "倒了"}) for _ in range(60)}
    assert said == {"路口的灯坏了", "路口的灯灭了", "路口的树倒了"}
    assert phrase.only == frozenset()


@pytest.mark.parametrize("text", ["(a|b", "a)", "(a|(b)", "}"])
def test_a_phrase_that_does_not_close_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Unbalanced"):
        Phrase(text)


def test_a_tagged_phrase_is_said_only_where_all_its_tags_hold() -> None:
    mixed = pool("plain\nsnowy #winter\nslippery #winter #home")
    rng = random.Random(0)
    assert {mixed.pick(rng).parts for _ in range(80)} == {("plain",)}
    assert {mixed.pick(rng, {"winter"}).parts for _ in range(80)} == {("plain",), ("snowy",)}
    assert len({mixed.pick(rng, {"winter", "home"}).parts for _ in range(80)}) == 3
    assert len(mixed.pick_some(5, rng, {"winter"})) == 2
