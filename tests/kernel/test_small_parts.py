"""Search bigrams, hooks, settings, the viewer: small parts that everything stands on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel import hooks
from streetwise.kernel.errors import Forbidden
from streetwise.kernel.search import INDEXED_CHARACTERS, bigrams, fold, query_bigrams
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

UNITS = (
    *("_seconds", "_minutes", "_hours", "_bytes", "_rows", "_signals", "_pixels"),
    *(
        "_entries",
        "_connections",
        "_attempts",
        "_concurrency",
        "_per_hour",
        "_per_week",
        "_per_second",
        "_characters",
        "_days",
        "_files",
        "_metres",
        "_mib",
        "_archives",
        "_percent",
        "_statements",
    ),
)


@given(
    text=st.text(max_size=INDEXED_CHARACTERS // 4),
    cut=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_every_word_of_a_text_is_found_by_its_bigrams(text: str, cut: tuple[int, int]) -> None:
    word = text[min(cut) : max(cut)]
    if fold(word) in fold(text):  # folding may join what stood apart
        for part in word.split():
            assert set(query_bigrams(part)) <= set(bigrams(text))


def test_width_and_case_do_not_matter_and_texts_do_not_run_together() -> None:
    assert bigrams("ＡＢ路") == bigrams("ab 路")
    assert "路灯" not in bigrams("梧桐路", "灯不亮")
    assert query_bigrams("路") == []
    assert bigrams(None, "") == []


async def test_hooks_object_tell_and_can_be_taken_back() -> None:
    heard: list[int] = []

    async def ask(case: int) -> str | None:
        heard.append(case)
        return "still seen" if case == 1 else None

    take_back = hooks.register("test.closing", ask)
    assert await hooks.objections("test.closing", case=1) == ["still seen"]
    assert await hooks.objections("test.closing", case=2) == []
    await hooks.tell("test.closing", case=3)
    take_back()
    assert await hooks.objections("test.closing", case=1) == []
    assert heard == [1, 2, 3]


#: Numbers that name something, and measure nothing.
PORTS = ("port", "notify_smtp_port", "discover_push_port")


def test_every_setting_is_described_and_every_number_has_its_unit() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        if field.annotation in (int, float) and name not in PORTS:
            assert name.endswith(UNITS), name


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREETWISE_PORT", "8712")
    monkeypatch.setenv("STREETWISE_DUE_SOON_HOURS", "2.5")
    settings = Settings()
    assert (settings.port, settings.due_soon_hours) == (8712, 2.5)


def test_a_viewer_says_what_is_missing() -> None:
    nobody = Viewer("staff:x", "", "none", 1, frozenset(), frozenset(), frozenset())
    with pytest.raises(Forbidden, match=r"'case\.read'"):
        nobody.require("case.read")
    assert not nobody.sees(area="home", units=[], grade=1)
    assert Viewer.system("test").sees(area="anywhere", units=[], grade=4)
