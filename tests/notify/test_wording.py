"""The words: both languages say the same of the same params, and nothing breaks them."""

from __future__ import annotations

from string import Formatter

import pytest

from streetwise.notify.wording import (
    DIGEST_LINES,
    LANGUAGES,
    Words,
    kinds,
    templates,
    write,
    write_digest,
)

#: What a template may name. A citizen's words, a person or a place are not among them.
PARAMS = {"number", "category", "unit", "count"}


def params_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_kinds_and_params() -> None:
    chinese, english = (templates(language) for language in LANGUAGES)
    assert list(chinese) == list(english)
    assert chinese["words"].keys() == english["words"].keys()
    for kind in chinese:
        if kind == "words":
            continue
        for form in ("one", "many"):
            for part in ("title", "text"):
                named = [params_of(found[kind][form][part]) for found in (chinese, english)]
                assert named[0] == named[1] <= PARAMS, (kind, form, part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_can_be_written(language: str) -> None:
    full = {"number": "AJ-1", "category": "", "unit": "城管科"}
    for kind in kinds():
        one = write(kind, full, language, urgent=True)
        assert "AJ-1" in one.title and "城管科" in one.text
        assert one.title.startswith(templates(language)["words"]["urgent"])
        assert templates(language)["words"]["no_category"] in one.text
        # Of several units: they have no unit in common.
        many = write(kind, {"count": 12}, language)
        assert "12" in many.title and "{" not in many.text


def test_a_digest_has_few_lines_and_counts_the_rest() -> None:
    parts = [Words("t", f"line {n}") for n in range(DIGEST_LINES)]
    text = write_digest(parts, "en", number=DIGEST_LINES + 7).text
    assert "and 7 more" in text and text.count("\n- ") == DIGEST_LINES
    assert "more" not in write_digest(parts[:2], "en", number=2).text


def test_braces_in_a_name_are_only_braces() -> None:
    odd = {"number": "{0.__class__}", "category": "{x}", "unit": "%s{"}
    assert "{0.__class__}" in write("case.dispatched", odd, "en").text
