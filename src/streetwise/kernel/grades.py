"""Grade and category of every column: how sensitive it is, and what kind of data.

A table says it beside its columns::

    __grades__ = grades({(2, "work"): "number title", (4, "secret"): "sealed"})

A column that no table classifies is not shown and not shared, by the simplest means there is:
the program does not start (``classified`` is called by ``web.app.create_app``, and raises).
docs/reference/data.md is made from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

#: L1 public, L2 internal, L3 sensitive, L4 restricted.
GRADES = (1, 2, 3, 4)
CATEGORIES = {
    "catalogue": "what the street is: units, areas, grids, places, things, classes, channels",
    "work": "what is done, by which unit, and until when",
    "report": "what people reported, masked",
    "place": "where something is",
    "staff": "who works here, and what they may do",
    "account": "what an account is opened with",
    "own": "of one's own account, shown to oneself alone: it needs no clearance",
    "personal": "values of reporters, out of the vault one at a time",
    "secret": "sealed originals, keys, and hashes that could find one again",
    "system": "ids, counters and clocks; they say nothing by themselves",
}


class Unclassified(TypeError):
    """A table names a column without a grade, twice, or one that it has not."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its grade (1 to 4) and category."""

    table: str
    name: str
    grade: int
    category: str


class Rights(NamedTuple):
    """What somebody may read, field by field.

    ``opens``: (category, grade) that capabilities open beyond the clearance.
    """

    clearance: int
    opens: frozenset[tuple[str, int]] = frozenset()

    def reach(self, grade: int, category: str) -> bool:
        """Whether a field of this grade and category may be read."""
        if grade <= self.clearance or category == OWN:
            return True
        return any(opened == category and grade <= up_to for opened, up_to in self.opens)


#: The category that is shown to its owner alone.
OWN = "own"
#: Who has not signed in.
NOBODY = Rights(1)


def grades(named: dict[tuple[int, str], str]) -> Mapping[tuple[int, str], str]:
    """What a table says of its columns: (grade, category) → their names, with spaces between."""
    return MappingProxyType(named)


def classified(base: type[Any]) -> list[Column]:
    """Every column of every table, in the order of the tables' names. Raises Unclassified."""
    found: list[Column] = []
    wrong: list[str] = []
    for mapper in sorted(base.registry.mappers, key=lambda one: one.local_table.name):
        table = mapper.local_table
        named = list(_named(table.name, getattr(mapper.class_, "__grades__", {})))
        names, known = [column.name for column in named], [column.name for column in table.columns]
        wrong += [f"{table.name}.{name}: no grade" for name in known if name not in names]
        wrong += [f"{table.name}.{name}: no such column" for name in names if name not in known]
        wrong += [f"{table.name}.{name}: twice" for name in set(names) if names.count(name) > 1]
        found += named
    if wrong:
        raise Unclassified(
            "Say in __grades__ of the table (kernel/grades.py) what each column is: "
            + "; ".join(sorted(wrong))
        )
    return found


def _named(table: str, said: Mapping[tuple[int, str], str]) -> Iterator[Column]:
    for (grade, category), names in said.items():
        if grade not in GRADES or category not in CATEGORIES:
            raise Unclassified(f"{table}: there is no grade {grade} or no category '{category}'.")
        for name in names.split():
            yield Column(table, name, grade, category)
