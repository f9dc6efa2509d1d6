"""The steps of cases as an event log that process-mining tools read. Pure; text, piece by piece.

What leaves the house says what was done to which case number, when, and which unit had it: no
person, no word of a case. ``xes`` is IEEE 1849-2016, ``ocel`` is OCEL 2.0 in JSON.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr


class Stepped(NamedTuple):
    """A step as it leaves the house: no person, no words of a case."""

    number: str
    nature: str
    cls: str | None
    action: str
    state: str
    unit: str | None
    at: datetime


Batches = AsyncIterator[list[Stepped]]

#: The extensions of XES that are used: name, prefix, where it is defined.
EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
NAMESPACE = "http://www.xes-standard.org/"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- XES --------------------------------------------------------------------------------------


async def xes(batches: Batches, name: str) -> AsyncIterator[str]:
    """A log (IEEE 1849-2016): a trace for each case, an event for each step. Every step is one
    moment, so its life cycle is "complete"; ``org:group`` and ``org:resource`` are the unit.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<log xes.version="1849-2016" xes.features="" xmlns="{NAMESPACE}">\n'
    for title, prefix, uri in EXTENSIONS:
        yield f'<extension name="{title}" prefix="{prefix}" uri="{uri}"/>\n'
    # What every trace and every event has; tools may rely on it.
    yield '<global scope="trace">' + _string("concept:name", "") + "</global>\n"
    start = f'<date key="time:timestamp" value="{_time(datetime.fromtimestamp(0, UTC))}"/>'
    given = _string("concept:name", "") + start + _string("lifecycle:transition", "complete")
    yield f'<global scope="event">{given}</global>\n'
    yield '<classifier name="Activity" keys="concept:name"/>\n'
    yield '<classifier name="Resource" keys="org:resource"/>\n'
    yield _string("concept:name", name) + _string("lifecycle:model", "standard") + "\n"
    async for batch in batches:
        for steps in by_case(batch):
            yield _trace(steps)
    yield "</log>\n"


def by_case(batch: Iterable[Stepped]) -> list[list[Stepped]]:
    """The steps of each case."""
    found: dict[str, list[Stepped]] = {}
    for step in batch:
        found.setdefault(step.number, []).append(step)
    return list(found.values())


def _trace(steps: list[Stepped]) -> str:
    first = steps[0]
    told = [_string("concept:name", first.number), _string("nature", first.nature)]
    if first.cls:
        told.append(_string("class", first.cls))
    return f"<trace>{''.join(told)}{''.join(_event(step) for step in steps)}</trace>\n"


def _event(step: Stepped) -> str:
    told = [
        _string("concept:name", step.action),
        f'<date key="time:timestamp" value="{_time(step.at)}"/>',
        _string("lifecycle:transition", "complete"),
        _string("state", step.state),
    ]
    if step.unit:
        told += [_string("org:resource", step.unit), _string("org:group", step.unit)]
    return f"<event>{''.join(told)}</event>"


def _string(key: str, value: str) -> str:
    return f"<string key={quoteattr(key)} value={quoteattr(value)}/>"


# --- OCEL 2.0 ---------------------------------------------------------------------------------

#: The types of objects with their attributes; an event's attribute is the state it leads to.
OBJECT_TYPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("case", ("nature", "class")),
    ("unit", ()),
)


async def ocel(batches: Batches, actions: Iterable[str]) -> AsyncIterator[str]:
    """An object-centric log: events refer to their case and to the unit that has it. ``actions``:
    all that occur. The four parts come in the order eventTypes, objectTypes, events, objects.
    """
    state = [{"name": "state", "type": "string"}]
    events = [{"name": action, "attributes": state} for action in actions]
    objects = [
        {"name": name, "attributes": [{"name": one, "type": "string"} for one in attributes]}
        for name, attributes in OBJECT_TYPES
    ]
    yield f'{{"eventTypes":{_json(events)},\n"objectTypes":{_json(objects)},\n"events":['
    # Of the objects little is kept, until the events are told.
    cases: list[tuple[str, str, str | None, datetime]] = []
    units: set[str] = set()
    begun = False
    async for batch in batches:
        for steps in by_case(batch):
            first = steps[0]
            cases.append((first.number, first.nature, first.cls, first.at))
            units |= {step.unit for step in steps if step.unit}
            told = [_json(_ocel_event(step, n)) for n, step in enumerate(steps)]
            yield (",\n" if begun else "\n") + ",\n".join(told)
            begun = True
    yield '],\n"objects":['
    begun = False
    for one in cases:
        yield (",\n" if begun else "\n") + _json(_case_object(*one))
        begun = True
    for code in sorted(units):
        yield (",\n" if begun else "\n") + _json({"id": f"unit:{code}", "type": "unit"})
        begun = True
    yield "]}\n"


def _ocel_event(step: Stepped, n: int) -> dict[str, Any]:
    related = [{"objectId": f"case:{step.number}", "qualifier": "case"}]
    if step.unit:
        related.append({"objectId": f"unit:{step.unit}", "qualifier": "holder"})
    return {
        "id": f"{step.number}:{n}",
        "type": step.action,
        "time": _time(step.at),
        "attributes": [{"name": "state", "value": step.state}],
        "relationships": related,
    }


def _case_object(number: str, nature: str, cls: str | None, at: datetime) -> dict[str, Any]:
    time = _time(at)
    attributes = [{"name": "nature", "time": time, "value": nature}]
    if cls:
        attributes.append({"name": "class", "time": time, "value": cls})
    return {"id": f"case:{number}", "type": "case", "attributes": attributes}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
