"""From signals of a file to voices, as triage makes them: the seam of ``eval merge``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources

import yaml

from streetwise.evaluation.merge_files import Signal, TrueSignal
from streetwise.privacy.masking import mask
from streetwise.resolve.place import Gazetteer, NamedPlace, PlaceAsked
from streetwise.resolve.understand.evidence import Voice
from streetwise.resolve.understand.hearing import Heard, voices
from streetwise.resolve.understand.kinds import Class
from streetwise.resolve.understand.lessons import CategoryGuess, Lesson
from streetwise.resolve.understand.similar import Rarity
from streetwise.resolve.understand.starter import starter_lessons
from streetwise.resolve.understand.training import train
from streetwise.resolve.understanding import as_heard, where_is

#: Texts that are classified at once.
BATCH = 500

#: Title and text, masked.
Words = tuple[str | None, str | None]
#: From the words of each signal to its classes.
Guess = Callable[[Sequence[Words]], list[CategoryGuess]]


def hear(
    signals: Sequence[Signal],
    places: Sequence[NamedPlace] = (),
    guess: Guess | None = None,
    rarity: Rarity | None = None,
) -> list[Voice]:
    """The voices of signals: masked, placed, with classes. ``guess``: ``first_day`` if None."""
    return voices(understood(signals, places, guess), rarity)


def understood(
    signals: Sequence[Signal], places: Sequence[NamedPlace] = (), guess: Guess | None = None
) -> list[Heard]:
    """What triage understands of each signal, but for messages of several problems, which are
    not cut here.
    """
    words = [words_of(one) for one in signals]
    gazetteer = Gazetteer(places)
    said = [
        (one.lon, one.lat) if one.lon is not None and one.lat is not None else None
        for one in signals
    ]
    located = gazetteer.locate(
        [
            PlaceAsked(None, title, text, *(reported or (None, None)))
            for (title, text), reported in zip(words, said, strict=True)
        ]
    )
    ask = guess or first_day()
    guesses = [one for at in range(0, len(words), BATCH) for one in ask(words[at : at + BATCH])]
    return [
        as_heard(
            signal.id,
            signal.at,
            spoken,
            category,
            where_is(reported, found, None),
            channel=signal.channel,
            refers=(signal.refers_to,) if signal.refers_to else (),
        )
        for signal, spoken, category, reported, found in zip(
            signals, words, guesses, said, located, strict=True
        )
    ]


def words_of(signal: Signal) -> Words:
    """Masked, as intake does it."""
    return mask(signal.title).text, mask(signal.text).text


# --- classes ------------------------------------------------------------------------------


@cache
def first_day() -> Guess:
    """The class engine of a street that has labelled nothing."""
    return taught(())


def taught(lessons: Sequence[Lesson]) -> Guess:
    """The class engine after these lessons, for the shipped taxonomies."""
    names = shipped_classes()
    return train([*starter_lessons(names), *lessons], classes=list(names), seed=1).guess


@cache
def shipped_classes() -> dict[Class, str]:
    """Scheme and code of the shipped classes, and their names."""
    found: dict[Class, str] = {}
    for file in (resources.files("streetwise.directory") / "data" / "taxonomy").iterdir():
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        found |= {(content["scheme"], one["code"]): one["name"] for one in content["classes"]}
    return found


def lessons_of(signals: Sequence[Signal], truth: Mapping[str, TrueSignal]) -> list[Lesson]:
    """What the truth teaches of signals that are about one problem of a known class."""
    lessons = []
    for one in signals:
        known = truth.get(one.id)
        if known is None or len(known.kinds) != 1 or not known.kinds[0][0]:
            continue
        scheme, _, code = known.kinds[0][0].partition(":")
        lessons.append(Lesson(*words_of(one), (scheme, code)))
    return lessons
