"""The classifier that triage asks: the last night's, and every lesson that was given since.

Each process keeps one, and looks before each batch whether others have been taught meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.gather import signal_facts
from streetwise.kernel.database import looking_as
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.knowledge import KnownClass, known_classes
from streetwise.resolve.learning import repository
from streetwise.resolve.learning.repository import Said
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understand.lessons import ClassKey, Lesson
from streetwise.resolve.understand.starter import starter_lessons
from streetwise.resolve.understand.training import train

SYSTEM = Viewer.system("learning")
KIND = "category"
#: Lessons read at a time.
LESSONS_AT_ONCE = 500
#: Who types a form need not be asked about news at each key.
FRESH_SECONDS = 1.0


@dataclass
class _Kept:
    """What a process has: the model, which night's it is, and the lessons it has had since."""

    learned_id: UUID | None
    classifier: Classifier
    mark: int | None
    looked_at: float


_KEPT: WeakKeyDictionary[object, _Kept] = WeakKeyDictionary()
#: What is known on the first day, by the classes of the street: made once in a process.
_STARTED: dict[frozenset[ClassKey], bytes] = {}
_LOCK = asyncio.Lock()


async def classifier(session: AsyncSession, *, at_once: bool = True) -> Classifier:
    """The classifier as it is now. ``at_once`` False: as it was a second ago may do."""
    engine = session.bind
    kept = _KEPT.get(engine)
    if kept is not None and not at_once and monotonic() - kept.looked_at < FRESH_SECONDS:
        return kept.classifier
    async with looking_as(session, SYSTEM):
        newest = await repository.latest(session, SYSTEM, KIND)
        if kept is None or kept.learned_id != newest:
            kept = await _begin(session, newest)
            _KEPT[engine] = kept
        await _catch_up(session, kept)
    kept.looked_at = monotonic()
    return kept.classifier


async def _begin(session: AsyncSession, newest: UUID | None) -> _Kept:
    if newest is None:
        classes = known_classes(await directory.conditions(session, SYSTEM))
        return _Kept(None, await first_day(list(classes.values())), None, 0.0)
    learned = await repository.learned(session, SYSTEM, newest)
    # Before marks were numbers of the journal they were times: then all lessons are read again.
    mark = learned.figures.get("mark")
    known = Classifier.load(learned.body)
    return _Kept(newest, known, mark if isinstance(mark, int) else None, 0.0)


async def first_day(classes: Sequence[KnownClass]) -> Classifier:
    """What a street without any history begins with."""
    keys = frozenset((one.scheme, one.code) for one in classes)
    async with _LOCK:
        if keys not in _STARTED:
            # A second or two of arithmetic: not on the loop that answers clicks.
            made = await asyncio.to_thread(_train_first, sorted(keys), classes)
            _STARTED[keys] = made.dump()
    return Classifier.load(_STARTED[keys])


def _train_first(keys: Sequence[ClassKey], classes: Sequence[KnownClass]) -> Classifier:
    names = {(one.scheme, one.code): one.name for one in classes}
    return train(starter_lessons(names), classes=keys, seed=1)


async def _catch_up(session: AsyncSession, kept: _Kept) -> None:
    """Learn what officers have said since."""
    said, mark = await repository.lessons_since(session, SYSTEM, kept.mark)
    for start in range(0, len(said), LESSONS_AT_ONCE):
        some = said[start : start + LESSONS_AT_ONCE]
        kept.classifier.learn(await as_lessons(session, some))
    kept.mark = mark


async def as_lessons(session: AsyncSession, said: Sequence[Said]) -> list[Lesson]:
    """What was said, with the words that it is about; texts that are withheld teach nothing."""
    facts = {
        fact.id: fact
        for fact in await signal_facts(session, SYSTEM, {one.signal_id for one in said})
    }
    lessons = []
    for one in said:
        fact = facts.get(one.signal_id)
        if fact is not None and (fact.title or fact.text):
            lessons.append(Lesson(fact.title, fact.text, one.cls))
    return lessons
