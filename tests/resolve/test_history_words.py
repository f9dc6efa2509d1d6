"""Words of an exported history: the screen's own, in both languages, for every code it can hold."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from scripts.history_words import TARGET, text
from streetwise.resolve import choices, loop
from streetwise.resolve.clocks import rules
from streetwise.resolve.history.wording import Language, words
from streetwise.resolve.orders.schemas import OrderState
from streetwise.resolve.understand.nature import NATURES

LANGUAGES = get_args(Language)


def test_they_are_the_words_of_the_screen() -> None:
    assert TARGET.read_text("utf-8") == text(), "run scripts/history_words.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_word(language: Language) -> None:
    spoken = words(language)

    def known(key: str, code: str) -> bool:
        return f"{key}.{code}" in spoken.screen

    for line in loop.TRANSITIONS:
        assert known("entry", line.entry), line.entry
        for ground in choices.grounds(line.action):
            assert known(f"ground.{line.action}", ground), ground
    for state in loop.STATES:
        assert known("state", state)
        for outcome in choices.outcomes(state):
            assert known("outcome", outcome.code)
    assert all(known("orders.state", one) for one in get_args(OrderState))
    assert all(known("nature", one) for one in NATURES)
    kinds = [value for name, value in vars(rules).items() if name.isupper() and name != "SUSPENSION"
             and isinstance(value, str)]  # fmt: skip
    assert len(kinds) > 8
    assert all(known("clock.kind", one) for one in kinds), kinds
    frame = spoken.frame
    assert len(frame["header"]) == 9
    assert {name: sorted(frame[name]) for name in ("parts", "sheets", "facts", "says")} == {
        name: sorted(words("zh-CN").frame[name]) for name in ("parts", "sheets", "facts", "says")
    }


@pytest.mark.parametrize(
    ("action", "data", "zh", "en"),
    [
        ("case.accepted", {}, "受理", "Accepted"),
        ("case.dispatched", {"unit": "dep1"}, "派遣至 dep1", "Dispatched to dep1"),
        ("case.dispatched", {"unit": "dep1", "unit_name": "环卫所"}, "派遣至 环卫所",
         "Dispatched to 环卫所"),
        ("case.whistled", {"unit_names": ["甲", "乙"]}, "吹哨，召集 甲、乙", "Called 甲, 乙"),
        ("case.returned", {"ground": "unclear"}, "退回：情况不清，无法办理",
         "Returned: Not clear enough to handle"),
        ("case.returned", {"ground": "never heard of"}, "退回：never heard of",
         "Returned: never heard of"),
        ("case.closed_otherwise", {"outcome": "withdrawn"}, "结案：诉求人撤回", None),
        ("case.verified", {"way": "site"}, "核查通过", "Check passed"),
        ("case.verified", {"way": "record"}, "核查通过（凭记录，未到现场）", None),
        ("case.corrected", {"place": {}}, "更正地点", "place corrected"),
        ("case.merged", {"number": "甲-1"}, "并入 甲-1", "merged into 甲-1"),
        ("case.merged", {}, "并入", "merged into"),
        ("order.urged", {"number": "HL1", "urged": 2}, "工单 HL1 被催办（第 2 次）", None),
        ("signal.detected", {"source": "device-camera"}, "摄像头发现问题",
         "camera found something"),
        ("signal.detected", {"source": "device-rounds-urban-management"}, "安排未诉先办巡查",
         "a preventive round was arranged"),
        ("case.nobody_knows", {"number": 1}, "case.nobody_knows", "case.nobody_knows"),
    ],
)  # fmt: skip
def test_an_entry_is_said_as_the_screen_says_it(
    action: str, data: dict[str, Any], zh: str, en: str | None
) -> None:
    assert words("zh-CN").entry(action, data) == zh
    if en is not None:
        assert words("en").entry(action, data) == en


def test_what_a_line_says_leaves_out_what_is_not_known() -> None:
    told = {"state": "待派遣", "due": "", "until": "2026-05-12 10:00:00"}
    assert words("zh-CN").says(told) == "状态：待派遣；截至：2026-05-12 10:00:00"
    assert words("en").says({"due": ""}) == ""
