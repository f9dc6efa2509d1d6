"""A first guess of the category: keyword rules that ship as data. Pure.

The thin engine: the class whose words cover the most characters wins, and there must be one
such class alone. The learning one comes with its own issue and keeps ``KeywordRules.guess``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from streetwise.kernel.search import Words, fold

#: What stands in a title counts more than what stands in the story.
TITLE_WEIGHT = 2


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """A class and the words that spoke for it."""

    scheme: str
    code: str
    words: tuple[str, ...]


class KeywordRules:
    """Words by class: ``rules[(scheme, code)] = [word, …]``."""

    def __init__(self, rules: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._classes: dict[str, list[tuple[str, str]]] = {}
        for cls, words in rules.items():
            for word in words:
                self._classes.setdefault(fold(word), []).append(cls)
        self._words = Words(self._classes)

    def guess(self, title: str | None, text: str | None) -> CategoryGuess | None:
        """The class with the most covered characters; None when there is no single best."""
        scores: dict[tuple[str, str], int] = {}
        words: dict[tuple[str, str], dict[str, None]] = {}
        for part, weight in ((title, TITLE_WEIGHT), (text, 1)):
            for word in dict.fromkeys(self._words.find(fold(part)) if part else ()):
                for cls in self._classes[word]:
                    scores[cls] = scores.get(cls, 0) + weight * len(word)
                    words.setdefault(cls, {})[word] = None
        if not scores:
            return None
        top = max(scores.values())
        leaders = [cls for cls, score in scores.items() if score == top]
        if len(leaders) > 1:
            return None
        (scheme, code) = leaders[0]
        return CategoryGuess(scheme, code, tuple(words[leaders[0]]))


@cache
def shipped_rules() -> KeywordRules:
    """The rules of data/keywords.yaml."""
    path = resources.files("streetwise.resolve") / "data" / "keywords.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return KeywordRules(
        {
            (scheme, code): words
            for scheme, classes in content["schemes"].items()
            for code, words in classes.items()
        }
    )
