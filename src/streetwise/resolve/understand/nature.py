"""Is it a problem, a hazard, a dispute or a request? Pure, by listed words and by the class.

A hazard 隐患 has not come to harm yet; a dispute 矛盾纠纷 has two sides. Words and the classes that
lean towards one are data (resolve/data/nature.yaml). A strong word and a pair count twice, of
the weak ones two once each, and the sum must reach ENOUGH. What is neither is a request, where
that is what it asks for or what its class is, or else a problem. An officer's word goes before
all of it; nothing is read of who tells it or of how.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.lessons import ClassKey
from streetwise.resolve.understand.wordlists import load, words_of

Nature = Literal["problem", "hazard", "dispute", "request"]
NATURES: tuple[Nature, ...] = get_args(Nature)
#: The natures that are told by points, and have a handling of their own beside the case's.
TOLD: tuple[Nature, ...] = ("hazard", "dispute")

STRONG, WEAK = 2, 1
#: Weak words beyond this many say no more.
WEAK_MOST = 2
#: So many points make it one; from the second on it is sure.
ENOUGH, SURELY = 3, 5
#: How sure an answer is, told by points; and where it is neither: nothing speaks for it, something.
#: They are what such answers came to on the town (docs/decisions/0039-natures.md).
SURE, LIKELY = 0.93, 0.7
PLAIN, UNSURE = 0.95, 0.75


@dataclass(frozen=True, slots=True)
class NatureAsked:
    """A message as it is asked about: masked words, its class where that is sure, and whether it
    asks for something (``matter``) or its class is one of requests.
    """

    title: str | None
    text: str | None
    cls: ClassKey | None = None
    request: bool = False


@dataclass(frozen=True, slots=True)
class NatureGuess:
    """What it is, how sure that is, and the words that said so."""

    nature: Nature
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """Points and words for one nature."""

    points: int
    words: tuple[str, ...]


class _Lists:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.strong: dict[str, set[str]] = {}
        self.weak: dict[str, set[str]] = {}
        self.against: dict[str, set[str]] = {}
        self.pairs: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
        for nature in TOLD:
            said = data[nature]
            self.strong[nature] = set(words_of(said["strong"]))
            self.weak[nature] = set(words_of(said["weak"]))
            self.against[nature] = set(words_of(said["against"]))
            self.pairs[nature] = [
                (frozenset(words_of(one["a"])), frozenset(words_of(one["b"])))
                for one in said["pairs"]
            ]
        every = {word for lists in (self.strong, self.weak, self.against)
                 for words in lists.values() for word in words}  # fmt: skip
        every |= {word for pairs in self.pairs.values() for both in pairs for one in both
                  for word in one}  # fmt: skip
        self.harmless = set(words_of(data["harmless"]))
        self.words = Words([*sorted(every), *sorted(self.harmless)])
        #: Shorter listed words inside a found one: it says those too, but where it is harmless.
        finder = {word: [one for one in every if one in word and one != word] for word in every}
        self.inside = {word: tuple(one) for word, one in finder.items() if one}
        self.leaning: dict[ClassKey, dict[str, int]] = {
            _key(name): dict(leaning) for name, leaning in data["classes"].items()
        }


def _key(name: str) -> ClassKey:
    scheme, _, code = name.partition(":")
    return scheme, code


@cache
def _lists() -> _Lists:
    return _Lists(load("nature.yaml"))


def read_nature(asked: Iterable[NatureAsked]) -> list[NatureGuess]:
    """The nature of each message, in the same order."""
    return [_read(one) for one in asked]


def _read(asked: NatureAsked) -> NatureGuess:
    lists = _lists()
    folded = f"{fold(asked.title or '')}。{fold(asked.text or '')}"
    found: dict[str, None] = {}
    for word in lists.words.find(folded):
        if word in lists.harmless:
            continue
        found[word] = None
        for inside in lists.inside.get(word, ()):
            found.setdefault(inside)
    told = {nature: _told(lists, nature, found, asked.cls) for nature in TOLD}
    best = max(TOLD, key=lambda nature: told[nature].points)
    other = min(told[nature].points for nature in TOLD)
    points = told[best].points
    if points >= ENOUGH:
        sure = SURE if points >= SURELY and points - other >= STRONG else LIKELY
        return NatureGuess(best, sure, told[best].words)
    plain: Nature = "request" if asked.request else "problem"
    return NatureGuess(plain, PLAIN if points < STRONG else UNSURE)


def _told(lists: _Lists, nature: Nature, found: Mapping[str, None], cls: ClassKey | None) -> _Told:
    strong = [word for word in found if word in lists.strong[nature]]
    weak = [word for word in found if word in lists.weak[nature]]
    pairs = [
        (one, other)
        for first, second in lists.pairs[nature]
        if (one := next((word for word in found if word in first), None))
        and (other := next((word for word in found if word in second and word != one), None))
    ]
    against = sum(word in lists.against[nature] for word in found)
    leaning = lists.leaning.get(cls, {}).get(nature, 0) if cls else 0
    points = (
        STRONG * (len(_apart(strong)) + len(pairs) - against)
        + WEAK * min(len(weak), WEAK_MOST)
        + leaning
    )
    words = dict.fromkeys([*_apart(strong), *(word for pair in pairs for word in pair)])
    # A single character says nothing to who reads it.
    return _Told(points, tuple(word for word in words if len(word) > 1))


def _apart(words: Sequence[str]) -> list[str]:
    """Without those that stand inside another one of them."""
    return [one for one in words if not any(one != other and one in other for other in words)]
