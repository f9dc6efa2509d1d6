"""Exported event logs against the structure that the standards ask for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from streetwise.resolve.flow.event_log import NAMESPACE, Stepped, ocel, xes

BEGAN = datetime(2026, 5, 11, 1, tzinfo=UTC)
#: What IEEE 1849-2016 lets stand in a log, a trace and an event, and the types of attributes.
ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id", "list", "container"}
LOG = ATTRIBUTES | {"extension", "global", "classifier", "trace"}


def steps(number: str, unit: str | None = 'dep"1&', cls: str | None = "cjgb:1001") -> list[Stepped]:
    def step(hours: float, action: str, state: str, holder: str | None) -> Stepped:
        at = BEGAN + timedelta(hours=hours)
        return Stepped(number, "problem", cls, action, state, holder, at)

    return [
        step(0, "opened", "received", None),
        step(1.5, "dispatched", "dispatched", unit),
        step(4, "closed", "closed", unit),
    ]


async def batches(*cases: list[Stepped]) -> AsyncIterator[list[Stepped]]:
    for case in cases:
        yield case


async def written(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])


def local(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


async def test_xes_is_what_the_standard_asks_for() -> None:
    rows = batches(steps("E1") + steps("E2", None, None), steps("E3"))
    root = ElementTree.fromstring((await written(xes(rows, "Street <x>"))).encode())
    assert root.tag == f"{{{NAMESPACE}}}log"
    assert root.attrib["xes.version"] == "1849-2016"
    assert "xes.features" in root.attrib
    assert {local(one) for one in root} <= LOG
    # The parts of a log come in this order: extensions, globals, classifiers, attributes, traces.
    order = ["extension", "global", "classifier", "string", "trace"]
    places = [order.index(local(one)) for one in root]
    assert places == sorted(places)
    known = {one.attrib["prefix"] for one in root if local(one) == "extension"}
    assert known == {"concept", "time", "lifecycle", "org"}
    traces = [one for one in root if local(one) == "trace"]
    assert len(traces) == 3
    for each in root.iter():
        if local(each) in ATTRIBUTES:
            prefix, colon, _ = each.attrib["key"].partition(":")
            assert not colon or prefix in known
            assert "value" in each.attrib
    scopes = {one.attrib["scope"]: one for one in root if local(one) == "global"}
    assert set(scopes) == {"trace", "event"}
    always = {one.attrib["key"] for one in scopes["event"]}
    for trace in traces:
        assert {local(one) for one in trace} <= ATTRIBUTES | {"event"}
        events = [one for one in trace if local(one) == "event"]
        for event in events:
            told = {one.attrib["key"]: one.attrib["value"] for one in event}
            assert always <= set(told)
            assert told["lifecycle:transition"] == "complete"
            datetime.fromisoformat(told["time:timestamp"])
    keys = {one.attrib["keys"] for one in root if local(one) == "classifier"}
    assert keys == {"concept:name", "org:resource"}
    first = {one.attrib["key"]: one.attrib["value"] for one in list(traces[0])[-2]}
    assert (first["concept:name"], first["org:resource"]) == ("dispatched", 'dep"1&')
    assert first["time:timestamp"] == "2026-05-11T02:30:00.000Z"


async def test_ocel_is_what_the_standard_asks_for() -> None:
    rows = batches(steps("E1") + steps("E2", None, None), steps("E3"))
    told: dict[str, Any] = json.loads(await written(ocel(rows, ["closed", "dispatched", "opened"])))
    assert set(told) == {"eventTypes", "objectTypes", "events", "objects"}
    types = {
        kind: {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in told[kind]}
        for kind in ("eventTypes", "objectTypes")
    }
    ids = {one["id"]: one["type"] for one in told["objects"]}
    assert len(ids) == len(told["objects"]) == 4
    assert len({one["id"] for one in told["events"]}) == len(told["events"]) == 9
    for one in told["events"]:
        assert set(one) == {"id", "type", "time", "attributes", "relationships"}
        assert {a["name"] for a in one["attributes"]} <= set(types["eventTypes"][one["type"]])
        datetime.fromisoformat(one["time"])
        for related in one["relationships"]:
            assert set(related) == {"objectId", "qualifier"}
            assert related["objectId"] in ids
    for one in told["objects"]:
        assert one["type"] in types["objectTypes"]
        for attribute in one.get("attributes", ()):
            assert set(attribute) == {"name", "time", "value"}
            assert attribute["name"] in types["objectTypes"][one["type"]]
    assert sum(one["type"] == "case" for one in told["objects"]) == 3


async def test_nothing_at_all_is_a_log_too() -> None:
    assert ElementTree.fromstring(await written(xes(batches(), "x")))
    told = json.loads(await written(ocel(batches(), [])))
    assert told["events"] == told["objects"] == []
