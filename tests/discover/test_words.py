"""Every word for how a camera is has words of the screen, in both languages, and one meaning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from streetwise.discover.actions import APPROVAL_OVER, OFF_REASONS
from streetwise.discover.findings import CLEAR, REASONS
from streetwise.discover.forms import OffWord
from streetwise.discover.streams.errors import WORDS, Reason

I18N = Path(__file__).resolve().parents[2] / "ui" / "src" / "i18n"
STREAM = {one.value for one in Reason}
#: What pictures and their decoders say (``discover/health.py``); unknown: nobody said why.
SEEN = {"damaged", "crashes", "covered", "moved", "unknown"}
OFF = {*OFF_REASONS, APPROVAL_OVER}


@pytest.fixture(params=["zh-CN", "en"])
def words(request: pytest.FixtureRequest) -> dict[str, dict[str, str]]:
    text = (I18N / f"discover.{request.param}.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)["discover"]
    return found


def test_every_reason_has_its_words_and_no_words_are_left_over(
    words: dict[str, dict[str, str]],
) -> None:
    assert set(words["why"]) == STREAM | SEEN | OFF
    assert len(set(words["why"].values())) == len(words["why"])


def test_why_a_finding_ended_or_is_wrong_has_its_words(words: dict[str, dict[str, str]]) -> None:
    assert set(words["cleared"]) == {CLEAR, "off", "zone_gone"}
    assert set(words["wrong"]) == set(REASONS)


def test_one_word_means_one_thing() -> None:
    assert not OFF & (STREAM | SEEN)
    assert not STREAM & SEEN
    assert set(get_args(OffWord)) == set(OFF_REASONS)
    assert set(WORDS) == set(Reason)
