"""Sentences with choices in them, read once and said many times.

``(a|b|c)`` says one of its branches, which may hold choices and slots themselves; ``{name}`` is a
slot that the teller fills, or that is drawn from the slots of ``phrases_voices.yaml``. A phrase
may end in tags such as ``#winter`` or ``#home``: then it is said only where all of them hold.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[1] / "data"
# Voices in which people speak for themselves.
_SPOKEN = ("lasting", "sudden", "matter", "dispute", "claim", "story", "again", "self")
Given = Mapping[str, "str | Phrase"]


class _Slot(str):
    __slots__ = ()


class _Choice(tuple[tuple[object, ...], ...]):
    __slots__ = ()


class Phrase:
    """One phrase: what it is made of, and the tags under which alone it is said."""

    __slots__ = ("only", "own", "parts")

    def __init__(self, text: str, *, varied: bool = False) -> None:
        text, *tags = text.split(" #")
        self.only: frozenset[str] = frozenset(tag.strip() for tag in tags)
        self.own = "我" in text  # the caller's own words, which a clerk would put otherwise
        parts, end = _parts(text.strip(), 0, top=True)
        if end != len(text.strip()):
            raise ValueError(f"Unbalanced brackets: {text}")
        self.parts: tuple[object, ...] = _varied(parts) if varied else parts


def _parts(text: str, at: int, *, top: bool) -> tuple[tuple[object, ...], int]:
    """The parts from `at` to the end of the branch, and where that is."""
    out: list[object] = []
    literal = ""
    while at < len(text) and (top or text[at] not in "|)"):
        sign = text[at]
        if sign not in "({":
            if sign in ")}":
                raise ValueError(f"Unbalanced brackets: {text}")
            literal += sign
            at += 1
            continue
        if literal:
            out.append(literal)
            literal = ""
        if sign == "{":
            end = text.index("}", at)
            out.append(_Slot(text[at + 1 : end]))
            at = end + 1
        else:
            choice, at = _choice(text, at + 1)
            out.append(choice)
    if literal:
        out.append(literal)
    return tuple(out), at


def _choice(text: str, at: int) -> tuple[_Choice, int]:
    branches = []
    while True:
        branch, at = _parts(text, at, top=False)
        branches.append(branch)
        if at >= len(text):
            raise ValueError(f"Unbalanced brackets: {text}")
        at += 1
        if text[at - 1] == ")":
            return _Choice(branches), at


def _varied(parts: tuple[object, ...]) -> tuple[object, ...]:
    """The same with a choice of words wherever people have several for one thing."""
    out: list[object] = []
    for part in parts:
        if isinstance(part, _Choice):
            out.append(_Choice(_varied(branch) for branch in part))
        elif type(part) is str:
            known, ways = _same()
            for piece in known.split(part):
                if piece:
                    out.append(ways.get(piece, piece))
        else:
            out.append(part)
    return tuple(out)


@cache
def _same() -> tuple[re.Pattern[str], Mapping[str, _Choice]]:
    """The words that have others beside them, longest first, and the choice for each."""
    content: dict[str, list[str]] = read_yaml("phrases_same.yaml")
    words = sorted(content, key=lambda word: (-len(word), word))
    return (
        re.compile(f"({'|'.join(words)})"),
        {word: _Choice((way,) for way in ways) for word, ways in content.items()},
    )


def render(phrase: Phrase, rng: random.Random, given: Given) -> str:
    """The phrase said once; what `given` lacks comes from the slots that all phrases share."""
    out: list[str] = []
    _say(out, phrase.parts, rng.random, given)
    return "".join(out)


def _say(
    out: list[str], parts: tuple[object, ...], chance: Callable[[], float], given: Given
) -> None:
    for part in parts:
        kind = type(part)
        if kind is str:
            out.append(part)  # type: ignore[arg-type]
        elif kind is _Choice:
            branches: _Choice = part  # type: ignore[assignment]
            _say(out, branches[int(chance() * len(branches))], chance, given)
        else:
            name: str = part  # type: ignore[assignment]
            value = given.get(name)
            if value is None:
                value = shared_slots()[name]
            if type(value) is str:
                out.append(value)
            else:
                _say(out, value.parts, chance, given)  # type: ignore[union-attr]


class Pool(tuple[Phrase, ...]):
    """Phrases that can stand for each other."""

    __slots__ = ()

    def pick(self, rng: random.Random, holds: Collection[str] = ()) -> Phrase:
        """One whose tags all hold; one without tags where chance finds none in a few draws."""
        for _ in range(4):
            found = self[int(rng.random() * len(self))]
            if found.only <= frozenset(holds) if found.only else True:
                return found
        return next((p for p in self if not p.only), self[0])

    def pick_some(
        self, count: int, rng: random.Random, holds: Collection[str] = ()
    ) -> list[Phrase]:
        """Up to `count` different ones, in the order of chance."""
        fit = [p for p in self if not p.only or p.only <= frozenset(holds)]
        return rng.sample(fit, min(count, len(fit)))


def pool(content: str | Iterable[str], *, varied: bool = False) -> Pool:
    """A block of lines, or a list, as a pool; `varied` where somebody speaks in their own words."""
    lines = content.splitlines() if isinstance(content, str) else content
    return Pool(Phrase(str(line), varied=varied) for line in lines if str(line).strip())


@cache
def read_yaml(name: str) -> dict[str, Any]:
    """One file of the town's phrases."""
    content: dict[str, Any] = yaml.load(
        (DATA / name).read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 - safe, and quick in C
    )
    return content


@cache
def shared_slots() -> dict[str, Phrase]:
    """The slots that any phrase may use."""
    voices = read_yaml("phrases_voices.yaml")
    return {
        name: Phrase(text)
        for name, text in {
            **voices["slots"],
            "job2": voices["job2"],
            "station": voices["station"],
        }.items()
    }


@cache
def voice(*path: str) -> Pool:
    """The phrases of a voice by where they stand in the file, such as ("hotline12345", "open")."""
    content: Any = read_yaml("phrases_voices.yaml")
    for key in path:
        content = content[key]
    return pool(content, varied=path[0] in _SPOKEN)
