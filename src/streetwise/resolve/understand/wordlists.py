"""Word lists of these engines, read from package data, and where found words stand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import yaml

from streetwise.kernel.search import Words, fold

#: Ends of clauses in a folded text; the full-width ones fold to these.
CLAUSE_ENDS = ",。;!?"


@cache
def load(name: str) -> Any:
    """What resolve/data/``name`` holds; shared, so do not change it."""
    path = resources.files("streetwise.resolve") / "data" / name
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list as the data write it, folded, each once."""
    return tuple(dict.fromkeys(fold(word) for word in text.split()))


def placed(words: Words, folded: str) -> Iterator[tuple[int, str]]:
    """Where each found word begins.

    The next place where a word stands is the place where it was found: had it stood earlier,
    it (or a longer one) would have been found there.
    """
    at = 0
    for word in words.find(folded):
        start = folded.index(word, at)
        yield start, word
        at = start + len(word)


def clause(folded: str, start: int, end: int) -> tuple[int, int]:
    """The clause around ``start`` to ``end``: from behind the last stop to the next one."""
    left = max(folded.rfind(stop, 0, start) for stop in CLAUSE_ENDS) + 1
    stops = [at for stop in CLAUSE_ENDS if (at := folded.find(stop, end)) >= 0]
    return left, min(stops, default=len(folded))
