"""Before the program starts: every field of every answer is classified, and can be left out.

What nobody classified is not shared, by the simplest means there is: ``check_answers`` is called
by ``create_app``, and raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter

from streetwise.directory.answers import ShownRoute
from streetwise.directory.records.kinds import KINDS
from streetwise.directory.records.repository import TABLES
from streetwise.directory.records.schemas import RecordView
from streetwise.kernel.access import NEEDS, PENDING, PUBLIC, SIGNED_IN
from streetwise.kernel.database import Base
from streetwise.kernel.grades import NOBODY, Rights, Unclassified, classified
from streetwise.kernel.shown import Shown, above, cannot_be_left_out, facts_of, reached
from streetwise.privacy import roles
from streetwise.privacy.access import Role
from streetwise.resolve import loop

NO_CONTENT = 204


def check_answers(routers: Sequence[APIRouter]) -> None:
    """Look at every route. Raises Unclassified: a field that nobody
    classified, or that a role is let in to and can neither read nor do without."""
    wrong = [*_records()]
    for route in (route for router in routers for route in router.routes):
        wrong += _wrong(route)
    if wrong:
        raise Unclassified("; ".join(sorted(set(wrong))))


def _wrong(route: Any) -> list[str]:
    if not isinstance(route, ShownRoute):
        return [f"{route.path}: the router's route_class is not ShownRoute"]
    if not route.answers:
        empty = route.status_code == NO_CONTENT
        return [] if empty else [f"{route.path}: say what it sends (kernel.shown.sends)"]
    needed = (route.openapi_extra or {}).get(NEEDS, [])
    if route.asker is None and not {PUBLIC, PENDING} & set(needed):
        return [f"{route.path}: does not ask who is there"]
    try:
        models = {model for answer in route.answers for model in reached(answer)}
    except Unclassified as error:
        return [f"{route.path}: {error}"]
    if not models:
        return [f"{route.path}: its answer is no model that says what it shows"]
    return [
        f"{route.path}: {name} cannot leave out {', '.join(sorted(fields))}"
        for rights in _readers(needed)
        for name, fields in _stuck(models, rights, whole=bool(route.sends)).items()
    ]


def _stuck(models: Iterable[type[Shown]], rights: Rights, *, whole: bool) -> dict[str, set[str]]:
    """Fields above these rights that cannot be left out, by model; ``whole``: none of them can."""
    look = above if whole else cannot_be_left_out
    return {model.__name__: set(found) for model in models if (found := look(model, rights))}


def let_in(role: Role, needed: Sequence[str]) -> bool:
    """Whether a role has one of what a route asks for (``kernel.access.needs``)."""
    if {PUBLIC, SIGNED_IN} & set(needed):
        return True
    every = [line.capability for line in loop.TRANSITIONS]
    wanted = {one for name in needed for one in (every if "{action}" in name else [name])}
    return bool(wanted & role.can)


def _readers(needed: Sequence[str]) -> set[Rights]:
    """The rights of all whom a route lets in. Who has several roles has more, never less."""
    found = {role.rights for role in roles().values() if let_in(role, needed)}
    return found | ({NOBODY} if {PUBLIC, PENDING, SIGNED_IN} & set(needed) else set())


def _records() -> Iterable[str]:
    """Records go out as one field, and as files: no column of any kind may be above that field."""
    grades = {(column.table, column.name): column.grade for column in classified(Base)}
    stated = facts_of(RecordView)["values"].grade
    for kind in KINDS.values():
        table = TABLES[kind.kind].__tablename__
        for column in kind.columns:
            if grades.get((table, column.attribute), stated + 1) > stated:
                yield f"{kind.kind}.{column.name}: above what a record may show, or not classified"
