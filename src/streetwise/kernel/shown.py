"""Grade and category of every field that crosses the API, and leaving out what is above a viewer.

An answer's model derives from ``Shown`` and says beside its fields what each of them shows::

    class CaseRow(Shown):
        __shows__ = shows({
            "cases": "id number title category=category_code",   # columns, with their grades
            "L2 work": "due_state",                               # what is worked out
            "holds": "items",                                     # models that say it themselves
        })

Who may read a field: whose clearance reaches its grade, or to whom a capability opens its category
(``Rights``). For others it is null, and its name stands in ``withheld``. What nobody classified
is not shared: ``web.answers`` looks at every route before the program starts. A field's grade
stands in the OpenAPI document too (``x-grade``, ``x-category``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, NoneType
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from streetwise.kernel.database import Base
from streetwise.kernel.grades import CATEGORIES, GRADES, Column, Rights, Unclassified, classified

X_GRADE, X_CATEGORY, X_SENDS = "x-grade", "x-category", "x-sends"
_HOLDS = "holds"
_SAID = re.compile(r"L(\d) (\w+)")
_Any = TypeVar("_Any")


def shows(said: dict[str, str]) -> Mapping[str, str]:
    """What a model says of its fields: a table, or grade and category, or "holds" → their names,
    with spaces between. ``field=column`` where the field has another name than the column."""
    return MappingProxyType(said)


class Shown(BaseModel):
    """A model of which every field says what it shows."""

    __shows__: ClassVar[Mapping[str, str]] = shows({})

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler.resolve_ref_schema(handler(schema))
        facts = facts_of(cls)
        for name, property_ in described.get("properties", {}).items():
            if fact := facts.get(name):
                property_ |= {X_GRADE: fact.grade, X_CATEGORY: fact.category}
        return described


class Withholding(Shown):
    """A model of which some readers do not get every field. ``withheld`` names what is left out:
    such a field is null, whatever it holds."""

    __shows__: ClassVar[Mapping[str, str]] = shows({"L1 system": "withheld"})
    withheld: list[str] = []


@dataclass(frozen=True, slots=True)
class Fact:
    """Grade and category of a field."""

    grade: int
    category: str


@cache
def facts_of(model: type[Shown]) -> Mapping[str, Fact]:
    """What is said of the fields, by name; not of those that only hold other models.

    Raises Unclassified: a field without a word, or with two; no such column, grade or category.
    """
    found: dict[str, Fact] = {}
    named: list[str] = []
    for said in [*(one.__dict__.get("__shows__", {}) for one in model.__mro__)]:
        for where, names in said.items():
            for one in names.split():
                field, _, column = one.partition("=")
                named.append(field)
                if where != _HOLDS:
                    found[field] = _fact(model, where, column or field)
                elif not any(models_in(_annotation(model, field))):
                    raise Unclassified(f"{model.__name__}.{field} holds nothing that says it.")
    wrong = [f"{name}: not classified" for name in model.model_fields if name not in named]
    wrong += [f"{name}: no such field" for name in named if name not in model.model_fields]
    wrong += [f"{name}: twice" for name in set(named) if named.count(name) > 1]
    if wrong:
        raise Unclassified(
            f"Say in __shows__ of {model.__name__} (kernel/shown.py) what each field is: "
            + "; ".join(sorted(wrong))
        )
    return found


def _annotation(model: type[Shown], field: str) -> Any:
    return model.model_fields[field].annotation if field in model.model_fields else None


def _fact(model: type[Shown], where: str, column: str) -> Fact:
    if said := _SAID.fullmatch(where):
        grade, category = int(said[1]), said[2]
        if grade in GRADES and category in CATEGORIES:
            return Fact(grade, category)
    elif known := _columns().get((where, column)):
        return Fact(known.grade, known.category)
    raise Unclassified(f"{model.__name__}: there is no '{where}' with '{column}'.")


@cache
def _columns() -> Mapping[tuple[str, str], Column]:
    return {(column.table, column.name): column for column in classified(Base)}


def models_in(annotation: Any) -> Iterator[type[Shown]]:
    """The models in a type: that of a field, or of an answer. Raises Unclassified: a model that
    says nothing of its fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not issubclass(annotation, Shown):
            raise Unclassified(f"{annotation.__name__} does not derive from Shown.")
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def reached(annotation: Any) -> set[type[Shown]]:
    """All models that an answer of this type can hold."""
    found: set[type[Shown]] = set()
    waiting = list(models_in(annotation))
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            facts_of(model)
            for field in model.model_fields.values():
                waiting += models_in(field.annotation)
    return found


@cache
def above(model: type[Shown], rights: Rights) -> frozenset[str]:
    """The fields of a model that these rights do not reach."""
    facts = facts_of(model)
    return frozenset(
        name for name, fact in facts.items() if not rights.reach(fact.grade, fact.category)
    )


@cache
def some_above(annotation: Any, rights: Rights) -> bool:
    """Whether an answer of this type could hold anything that these rights do not reach."""
    return any(above(model, rights) for model in reached(annotation))


def withhold(value: _Any, rights: Rights) -> _Any:
    """The same without what these rights do not reach; the value itself is left as it is."""
    return _without(value, rights)  # type: ignore[no-any-return]


def _without(value: Any, rights: Rights) -> Any:
    if isinstance(value, Shown):
        left_out = above(type(value), rights)
        update: dict[str, Any] = {
            name: _without(held, rights) for name, held in value if name not in left_out
        }
        if left_out:
            update |= dict.fromkeys(left_out) | {"withheld": sorted(left_out)}
        return value.model_copy(update=update)
    if isinstance(value, list):
        return [_without(one, rights) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, rights) for key, one in value.items()}
    return value


def cannot_be_left_out(model: type[Shown], rights: Rights) -> set[str]:
    """Fields above these rights that the model does not let be left out: they must be nullable,
    and the model Withholding."""
    left_out = above(model, rights)
    if not issubclass(model, Withholding):
        return set(left_out)
    fields = model.model_fields
    return {name for name in left_out if NoneType not in get_args(fields[name].annotation)}


def sends(*models: type[Shown]) -> Callable[[_Any], _Any]:
    """Marks a route whose answer is no JSON of one model: a picture, an archive, a stream. Its
    ``models`` say what is in it. It is sent whole or not at all."""

    def mark(endpoint: _Any) -> _Any:
        endpoint.sends = models  # type: ignore[attr-defined]
        return endpoint

    return mark
