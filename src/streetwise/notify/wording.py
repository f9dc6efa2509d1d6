"""From a notification to words, in the recipient's language. Pure; the words are data files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "zh-CN"
TEST_KIND, DIGEST_KIND = "notify.test", "notify.digest"
#: Most lines of a digest; the rest is counted.
DIGEST_LINES = 20


@dataclass(frozen=True, slots=True)
class Words:
    """A message as it is read."""

    title: str
    text: str


@cache
def templates(language: str) -> Mapping[str, Mapping[str, Any]]:
    """kind → name, ``one`` and ``many``; and ``words``."""
    file = resources.files("streetwise.notify") / "templates" / f"{language}.yaml"
    found: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def kinds() -> tuple[str, ...]:
    """What people choose channels for, in the order of the files."""
    found = templates(DEFAULT_LANGUAGE)
    return tuple(kind for kind in found if kind not in ("words", TEST_KIND, DIGEST_KIND))


def kind_name(kind: str, language: str) -> str:
    """What a kind is called."""
    return str(templates(language)[kind]["name"])


def write(kind: str, params: Mapping[str, Any], language: str, *, urgent: bool = False) -> Words:
    """The words of one notification; ``count`` among the params: of several things."""
    found = templates(language)
    words = found["words"]
    form = found[kind]["many" if "count" in params else "one"]
    # What several things have not in common is not among their params.
    filled = {"unit": words["units"], **params}
    filled["unit"] = filled["unit"] or words["no_unit"]
    filled["category"] = params.get("category") or words["no_category"]
    head = words["urgent"] if urgent else ""
    return Words(head + form["title"].format_map(filled), head + form["text"].format_map(filled))


def write_digest(parts: Sequence[Words], language: str, *, number: int) -> Words:
    """Several notifications as one; ``number`` of them, of which ``parts`` are the first."""
    head = write(DIGEST_KIND, {"count": number}, language)
    lines = [head.text, *(f"- {part.text}" for part in parts[:DIGEST_LINES])]
    rest = number - len(lines) + 1
    if rest > 0:
        lines.append(templates(language)["words"]["more"].format(count=rest))
    return Words(head.title, "\n".join(lines))
