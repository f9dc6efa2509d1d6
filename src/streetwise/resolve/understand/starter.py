"""What the category engine knows on a street's first day, before anybody has labelled a thing.

From the taxonomy itself (the names of its classes), from the words that speak for a class
(``data/keywords.yaml``) and from example sentences (``data/starter.yaml``), all written for this
project. A street with a taxonomy of its own begins with the names of its classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from streetwise.resolve.understand.lessons import ClassKey, Lesson

#: A word or a name says less of how people speak than a sentence does, and an invented sentence
#: less than a street's own message.
WORD_WEIGHT, SENTENCE_WEIGHT = 0.5, 0.9

_BETWEEN = re.compile(r"[、，/（）()]|和|与")


def starter_lessons(names: Mapping[ClassKey, str]) -> list[Lesson]:
    """Lessons for the classes of ``names`` (their names on screen); no others."""
    words, sentences = _entries("keywords.yaml"), _entries("starter.yaml")
    frames = _content("starter.yaml")["frames"]
    found: list[Lesson] = []
    told = 0
    for cls, name in sorted(names.items()):
        parts = [part for part in _BETWEEN.split(name) if len(part) > 1]
        short = dict.fromkeys([name, *parts, *words.get(cls, ())])
        found += [Lesson(None, word, cls, WORD_WEIGHT) for word in short]
        # Every other message says two things, as people do: with one each, messages would be
        # shorter and harder than real ones, and the engine's confidence in itself too low.
        said = [*sentences.get(cls, ()), *_family(cls)]
        while said:
            now, said = said[: 1 + told % 2], said[1 + told % 2 :]
            found.append(Lesson(None, _framed("，".join(now), frames, told), cls, SENTENCE_WEIGHT))
            told += 1
    return found


def _framed(sentence: str, frames: Mapping[str, Sequence[str]], number: int) -> str:
    """The sentence as somebody would send it; the numbers run through the frames unevenly."""
    openings, places, closings = frames["openings"], frames["places"], frames["closings"]
    opening = openings[number * 5 % len(openings)]
    place = places[number * 11 % len(places)]
    closing = closings[number * 7 % len(closings)]
    return f"{opening}{place}{sentence}{closing}"


def _family(cls: ClassKey) -> Iterator[str]:
    """What is told of every class of its family, each time with another of its words."""
    for family in _content("starter.yaml")["families"]:
        words = family["words"].get("/".join(cls), ())
        for number, sentence in enumerate(family["sentences"] if words else ()):
            yield sentence.format(words[number % len(words)])


@cache
def _content(name: str) -> Any:
    path = resources.files("streetwise.resolve") / "data" / name
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def _entries(name: str) -> Mapping[ClassKey, tuple[str, ...]]:
    """A data file's: per scheme and code a list, or a text with one entry a line."""
    return {
        (scheme, code): tuple(given.splitlines() if isinstance(given, str) else given)
        for scheme, classes in _content(name)["schemes"].items()
        for code, given in classes.items()
    }
