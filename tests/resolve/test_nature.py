"""Problem, hazard, dispute or request: by words, and by the class."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.search import fold
from streetwise.resolve.understand.nature import (
    LIKELY,
    NATURES,
    PLAIN,
    SURE,
    NatureAsked,
    NatureGuess,
    read_nature,
)
from streetwise.resolve.understand.wordlists import load, words_of


def read(text: str, title: str | None = None, **more: object) -> NatureGuess:
    (found,) = read_nature([NatureAsked(title, text, **more)])  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("检查发现二层安全出口上锁，应急灯不亮，已要求整改", "hazard"),
        ("入户发现燃气软管老化，厨房里放着煤气罐", "hazard"),
        ("三单元楼道里给电动车充电，万一着火往哪跑", "hazard"),
        ("电梯关门老夹着人，检验标志也过期了", "hazard"),
        ("店铺阁楼上住人，只有一个出口还锁着", "hazard"),
        ("楼上漏水，两家协商不成吵起来了，请社区调解", "dispute"),
        ("包工头欠薪，工友们上门讨薪，双方争执", "dispute"),
        ("房东不退押金，双方谈不拢", "dispute"),
        ("东门路灯坏了三天", "problem"),
        ("垃圾桶满了没人收", "problem"),
        ("店外摆摊占道，很吵", "problem"),
        ("", "problem"),
    ],
)
def test_it_is_told_by_its_words(text: str, nature: str) -> None:
    assert read(text).nature == nature


def test_what_asks_for_something_is_a_request_unless_it_is_a_hazard_or_a_dispute() -> None:
    assert read("希望多设几个座椅", request=True).nature == "request"
    assert read("疏散通道锁死，灭火器过期", request=True).nature == "hazard"


def test_a_class_that_leans_that_way_adds_to_the_words() -> None:
    words = "巡查发现有隐患"
    assert read(words).nature == "problem" or read(words).confidence == LIKELY
    alone, with_class = read("这里有隐患"), read("这里有隐患", cls=("request", "R-09"))
    assert (alone.nature, with_class.nature) == ("problem", "hazard")
    assert read("这里很吵", cls=("request", "R-09")).nature == "problem"


def test_it_says_by_which_words_and_how_sure() -> None:
    found = read("燃气软管老化，电线老化，疏散通道堵死")
    assert found.nature == "hazard"
    assert found.confidence == SURE
    assert {"燃气软管", "电线老化", "疏散通道"} <= set(found.words)
    assert read("路灯不亮").confidence == PLAIN
    assert read("路灯不亮").words == ()


def test_a_longer_word_keeps_a_shorter_one_from_counting() -> None:
    assert read("暖气费和取暖费怎么交，大货车超载").nature == "problem"


@given(st.text(alphabet="隐患纠纷楼上邻居漏水赔偿燃气软管老化，。吵架充电a1 ", max_size=60))
def test_more_words_for_it_never_make_it_less_of_one(text: str) -> None:
    found = read(text)
    assert found.nature in NATURES
    more = read(text + "。消防隐患，疏散通道，灭火器过期，私拉电线")
    if found.nature == "hazard":
        assert more.nature == "hazard"
        assert more.confidence >= found.confidence


def test_the_lists_are_as_the_engine_reads_them() -> None:
    data = load("nature.yaml")
    for nature in ("hazard", "dispute"):
        strong, weak = words_of(data[nature]["strong"]), words_of(data[nature]["weak"])
        assert not set(strong) & set(weak)
        assert all(word == fold(word) and len(word) > 1 for word in (*strong,))
        for pair in data[nature]["pairs"]:
            assert set(pair) == {"a", "b"}
    assert not set(words_of(data["hazard"]["strong"])) & set(words_of(data["dispute"]["strong"]))
