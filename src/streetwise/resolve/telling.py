"""Who is told of what happens to a case: by the table ``data/telling.yaml``, never the actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from uuid import UUID

import yaml

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork
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
    words beside those of the table. ``unit``: whom the word "unit" means.
    """

    case: Case
    entry: str
    key: str
    to: tuple[str, ...] = ()
    urgent: bool = False
    unit: UUID | None = None


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


async def tell(uow: UnitOfWork, viewer: Viewer, news: Sequence[News]) -> None:
    """Tell everybody whom it concerns, each once."""
    people = People(uow.session, uow.now)
    session = uow.session
    cases = [one.case for one in news]
    keys = {key for case in cases if (key := class_of(case))}
    classes = await directory.class_names(session, SYSTEM, keys)
    units = {unit for one in news if (unit := one.unit or one.case.unit_id) is not None}
    names = await directory.unit_names(session, SYSTEM, units)
    messages = []
    for one in news:
        told, case = table()[one.entry], one.case
        concerned = await people.of(case, (*told.to, *one.to), told.may, unit=one.unit)
        key, unit = class_of(case), one.unit or case.unit_id
        messages.append(
            Message(
                told.kind,
                one.key,
                [person for person in concerned if person not in viewer.people],
                {
                    "number": case.number,
                    "category": classes.get(key, key[2]) if key else "",
                    "unit": names[unit] if unit else "",
                },
                subject=case.id,
                urgent=one.urgent,
            )
        )
    await notify(uow, messages)
