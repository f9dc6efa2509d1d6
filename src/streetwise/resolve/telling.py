"""Who is told of what happens to a case: by the table ``data/telling.yaml``, never the actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from uuid import UUID

import yaml

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.viewer import Viewer
from streetwise.notify import Message, notify
from streetwise.resolve.tables import Case, class_of
from streetwise.resolve.whom import People

SYSTEM = Viewer.system("notify")


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the table: the kind of message, whom, and what the people of a unit may do next."""

    kind: str
    to: tuple[str, ...]
    may: str


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell of a case. ``key`` names the fact: each hears it once. ``to``: further
    words beside those of the table; ``people``: those who are meant by name. ``unit``: whom the
    word "unit" means and the message names, where that is not who holds the case.
    """

    case: Case
    entry: str
    key: str
    to: tuple[str, ...] = ()
    urgent: bool = False
    people: tuple[UUID, ...] = ()
    unit: UUID | None = None

    @property
    def named(self) -> UUID | None:
        """The unit that the message names."""
        return self.unit or self.case.unit_id


@cache
def table() -> Mapping[str, Told]:
    """Entry of the journal → who hears of it."""
    file = resources.files("streetwise.resolve") / "data" / "telling.yaml"
    return {
        entry: Told(line["kind"], tuple(line["to"]), line.get("may", "case.read"))
        for entry, line in yaml.safe_load(file.read_text(encoding="utf-8")).items()
    }


async def tell_of(uow: UnitOfWork, viewer: Viewer, entry: str, cases: Sequence[Case]) -> None:
    """Tell of an action on cases, if the table says that it is one to tell of."""
    told = table().get(entry)
    if told is not None:
        news = [
            News(case, entry, f"{told.kind}:{case.id}:{case.version}",
                 urgent=case.priority == "high")
            for case in cases
        ]  # fmt: skip
        await tell(uow, viewer, news)


async def tell(uow: UnitOfWork, viewer: Viewer, news: Sequence[News]) -> set[str]:
    """Tell everybody whom it concerns, each once; the keys of what there was somebody for."""
    if not news:
        return set()
    session = uow.session
    keys = {key for one in news if (key := class_of(one.case))}
    units = {one.named for one in news if one.named is not None}
    # Who may be told, and what a unit is called, is no question of the actor's own rights.
    async with looking_as(session, SYSTEM):
        await session.flush()
        people = People(session, uow.now)
        concerned = [
            [*one.people, *await people.of(one.case, (*table()[one.entry].to, *one.to),
                                           table()[one.entry].may, unit=one.unit)]
            for one in news
        ]  # fmt: skip
        classes = await directory.class_names(session, SYSTEM, keys)
        names = await directory.unit_names(session, SYSTEM, units)
    messages = []
    for one, found in zip(news, concerned, strict=True):
        key = class_of(one.case)
        messages.append(
            Message(
                table()[one.entry].kind,
                one.key,
                [person for person in dict.fromkeys(found) if person not in viewer.people],
                {
                    "number": one.case.number,
                    "category": classes.get(key, key[2]) if key else "",
                    "unit": names.get(one.named, "") if one.named else "",
                },
                subject=one.case.id,
                urgent=one.urgent,
            )
        )
    await notify(uow, messages)
    return {one.key for one, found in zip(news, concerned, strict=True) if found}
