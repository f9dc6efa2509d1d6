"""The night's training: from the examples of the first day and all that the street has taught."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.gather import signal_facts
from streetwise.kernel import logs
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.jobs import job
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.knowledge import known_classes
from streetwise.resolve.learning import repository
from streetwise.resolve.learning.classifier import KIND, as_lessons
from streetwise.resolve.learning.repository import Said
from streetwise.resolve.learning.tables import Learned
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understand.features import Text
from streetwise.resolve.understand.lessons import Lesson
from streetwise.resolve.understand.starter import starter_lessons
from streetwise.resolve.understand.training import DEFAULT, Checked, train_checked

declare(
    {
        "category.learned": "A night's training was taken into use; data: lessons (of officers),"
        " cases (whose class upstream or an officer gave).",
    }
)

LEARN_JOB = "resolve.learn"
SYSTEM = Viewer.system("learning")
#: Texts read at a time.
BATCH = 1000
#: Nights kept, to look back at their figures.
KEPT = 5

log = logs.get(__name__)


@job(LEARN_JOB, every=lambda settings: settings.learn_every_hours * 3600)
async def learn(runtime: Runtime) -> None:
    """Train anew, if there is anything new; run twice, the second finds nothing."""
    most = runtime.settings.learn_max_signals
    async with runtime.database.read(SYSTEM) as session:
        newest = await repository.latest(session, SYSTEM, KIND)
        before = (await repository.learned(session, SYSTEM, newest)).figures if newest else {}
        lessons, mark = await repository.lessons_since(session, SYSTEM, None)
        handled = await repository.handled(session, SYSTEM, most)
        counts = {"lessons": len(lessons), "cases": len(handled)}
        if not handled and not lessons:
            return
        if {name: before.get(name) for name in counts} == counts:
            return
        classes = known_classes(await directory.conditions(session, SYSTEM))
        cases = await _texts(session, handled)
        corrections = await _texts(session, lessons)
        others = await _unlabelled(session)
    keys = sorted(classes)
    begun = perf_counter()
    first = starter_lessons({key: one.name for key, one in classes.items()})
    known, checked = await asyncio.to_thread(
        train_checked,
        [*first, *cases],
        classes=keys,
        seed=1,
        corrections=corrections,
        unlabelled=others,
    )
    seconds = perf_counter() - begun
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await _take_into_use(uow, known, checked, counts, mark, seconds)
    log.info("category_learned", **counts, seconds=round(seconds, 1))


async def _unlabelled(session: AsyncSession) -> list[Text]:
    """Texts whose class nobody has said, the newest first."""
    ids = await repository.unlabelled(session, SYSTEM, DEFAULT.guessed_from)
    found: list[Text] = []
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        facts = {fact.id: fact for fact in await signal_facts(session, SYSTEM, some)}
        found += [(facts[one].title, facts[one].text) for one in some if one in facts]
    return [(title, text) for title, text in found if title or text]


async def _texts(session: AsyncSession, said: Sequence[Said]) -> list[Lesson]:
    texts: list[Lesson] = []
    for start in range(0, len(said), BATCH):
        texts += await as_lessons(session, said[start : start + BATCH])
    return texts


async def _take_into_use(
    uow: UnitOfWork,
    known: Classifier,
    checked: Checked,
    counts: dict[str, int],
    mark: int,
    seconds: float,
) -> None:
    figures = {
        **counts,
        "sure_from": round(known.calibration.sure_from, 3),
        "seconds": round(seconds, 1),
        "judged": checked.judged,
        "accuracy": _rounded(checked.accuracy),
        "calibration_error": _rounded(checked.calibration_error),
        "guessed": checked.guessed,
        "mark": mark,
    }
    learned_id = new_id()
    uow.session.add(
        Learned(
            id=learned_id,
            kind=KIND,
            lessons=counts["lessons"],
            figures=figures,
            body=known.dump(),
            made_at=uow.now,
        )
    )
    await uow.session.flush()
    await repository.forget_older(uow.session, SYSTEM, KIND, KEPT)
    uow.record(Entry(SYSTEM.actor, "category.learned", "learned", learned_id, data={**counts}))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
