"""Chinese search without an extension: character bigrams made here, a GIN column there. Pure.

Also the finding of known words in a text, which several engines need.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from operator import add
from typing import TypeAlias

#: A text longer than this is indexed by its beginning; the rest adds size, not findability.
INDEXED_CHARACTERS = 200
#: So many texts are remembered in their one form: titles and texts of a batch of 500 signals.
FOLDED_TEXTS = 2_048


# Several engines look at the texts of one batch, one engine after the other.
@lru_cache(maxsize=FOLDED_TEXTS)
def fold(text: str) -> str:
    """One form for what people take for the same: width (NFKC), case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def bigrams(*texts: str | None) -> list[str]:
    """The distinct bigrams of the texts, sorted; none spans two texts."""
    found: set[str] = set()
    for text in texts:
        if text:
            found.update(_bigrams(fold(text)[:INDEXED_CHARACTERS]))
    return sorted(found)


def query_bigrams(words: str) -> list[str]:
    """Bigrams that a hit must contain: those of each word of two or more characters."""
    return sorted({gram for word in words.split() for gram in _bigrams(fold(word))})


def _bigrams(folded: str) -> Iterable[str]:
    return map(add, folded, folded[1:])


class Words:
    """Finds known words in folded texts: from left to right, the longest that begins at a place.

    A regular expression of all words that shares their beginnings: at each place of the text it
    follows one path, where one that lists the words tries all of them (measured with the names
    of a street: ten times quicker).
    """

    def __init__(self, words: Iterable[str]) -> None:
        root: _Node = {}
        for word in filter(None, words):
            node = root
            for character in word:
                node = node.setdefault(character, {})
            node[_END] = {}
        self._pattern = re.compile(_alternatives(root)) if root else None

    def find(self, folded: str) -> list[str]:
        """The words in the order in which they stand there; none overlaps another."""
        return self._pattern.findall(folded) if self._pattern else []

    def spans(self, folded: str) -> list[tuple[int, str]]:
        """The same, each with the position at which it begins."""
        if self._pattern is None:
            return []
        return [(match.start(), match[0]) for match in self._pattern.finditer(folded)]


_Node: TypeAlias = "dict[str, _Node]"
_END = ""


def _alternatives(node: _Node) -> str:
    """What may follow; greedy, so that the longer of two words is found."""
    ways = [re.escape(one) + _alternatives(below) for one, below in node.items() if one != _END]
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)})" + ("?" if _END in node else "")
