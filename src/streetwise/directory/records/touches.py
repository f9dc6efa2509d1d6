"""What refers to a record: who would notice a change of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from streetwise.directory.records.book import Book, Effect, title_of
from streetwise.directory.records.kinds import KINDS, Values

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Touch:
    """``key`` names a sentence of the screen; ``examples`` are names of records."""

    key: str
    kind: str
    code: str
    count: int
    examples: tuple[str, ...] = ()


_Test = Callable[[Values, str], bool]


def _names(column: str) -> _Test:
    return lambda values, code: values.get(column) == code


def _is_class_of(values: Values, code: str) -> bool:
    return f"{values['scheme']}/{values['version']}/{values['class']}" == code


def _crosses(values: Values, code: str) -> bool:
    parts = ("scheme", "version", "code")
    return code in (
        "/".join(str(values[f"{side}_{part}"]) for part in parts) for side in ("from", "to")
    )


def _within_scheme(values: Values, code: str) -> bool:
    return f"{values['scheme']}/{values['version']}" == code


#: Kind of the changed record → (sentence, kind of what refers, how).
_REFERS: dict[str, tuple[tuple[str, str, _Test], ...]] = {
    "unit": (
        ("units_below", "unit", _names("parent")),
        ("staff_in_unit", "staff", _names("unit")),
        ("grids_of_community", "grid", _names("community")),
        ("rules_naming_unit", "rule", lambda v, c: c in (v.get("unit"), v.get("grid"))),
        ("assets_of_unit", "asset", _names("unit")),
        ("premises_of_unit", "premises", _names("unit")),
        ("cameras_of_unit", "camera", _names("unit")),
        ("sensors_of_unit", "sensor", _names("unit")),
    ),
    "staff": (("duties_of_person", "duty", _names("login")),),
    "grid": (
        ("places_in_grid", "place", _names("grid")),
        ("assets_in_grid", "asset", _names("grid")),
        ("premises_in_grid", "premises", _names("grid")),
        ("cameras_in_grid", "camera", _names("grid")),
        ("sensors_in_grid", "sensor", _names("grid")),
        ("rules_naming_grid", "rule", _names("grid")),
    ),
    "place": (
        ("places_below", "place", _names("parent")),
        ("junctions_of_road", "place", lambda v, c: c in v.get("roads", ())),
        ("premises_at_place", "premises", _names("place")),
        ("cameras_at_place", "camera", _names("place")),
        ("sensors_at_place", "sensor", _names("place")),
        ("rules_naming_place", "rule", _names("place")),
    ),
    "scheme": (("classes_of_scheme", "class", _within_scheme),),
    "class": (
        ("assets_of_class", "asset", _is_class_of),
        ("crosswalks_of_class", "crosswalk", _crosses),
    ),
}


def touches_of(book: Book, effects: Sequence[Effect]) -> list[Touch]:
    """What refers to the records that change or end, as it is now."""
    found = []
    for effect in changed(effects):
        for key, kind, refers in _REFERS.get(effect.kind, ()):
            titles = [
                title_of(KINDS[kind], code, values)
                for code, values in book.of(kind).items()
                if refers(values, effect.code)
            ]
            if titles:
                found.append(
                    Touch(key, effect.kind, effect.code, len(titles), tuple(titles[:EXAMPLES]))
                )
    return found


def changed(effects: Iterable[Effect]) -> list[Effect]:
    """The effects on records that are there already."""
    return [effect for effect in effects if effect.op in ("changed", "ended")]
