"""From a case's journal to the state that its row must have. Pure.

Entries are given in order of ``seq``. An entry that tells a value (as it was afterwards) sets it;
what it does not tell stays. Entries of earlier versions told less: of them state, version, unit
and rework are known, and the rest is as a new case has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streetwise.resolve.loop import CLOSED

#: Values that an entry's data holds under the same name.
_TOLD = (
    *("state", "version", "holder", "lead", "returned", "reopened", "reworked", "extended"),
    *("suspended", "suspended_until", "outcome", "body", "parties", "appeal"),
)


@dataclass(frozen=True, slots=True)
class CaseState:
    """What is known of a case. ``holder``, ``lead``, ``parties``: ids of units, as text.

    ``unit``: the code of the unit it was last given to. ``appeal``: asked, seconded, …
    """

    state: str | None = None
    version: int = 0
    holder: str | None = None
    lead: str | None = None
    unit: str | None = None
    returned: int = 0
    reopened: int = 0
    reworked: int = 0
    extended: int = 0
    suspended: int = 0
    suspended_until: str | None = None
    outcome: str | None = None
    body: str | None = None
    parties: Mapping[str, str] = field(default_factory=dict)
    merged_into: str | None = None
    appeal: str | None = None


def fold(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> CaseState:
    """The state after these entries ``(action, data)`` of one case."""
    state = CaseState()
    for action, data in entries:
        state = after(state, action, data)
    return state


def after(before: CaseState, action: str, data: Mapping[str, Any]) -> CaseState:
    """The state after one more entry. Entries of anything but the case change nothing."""
    if not action.startswith("case."):
        return before
    told: dict[str, Any] = {name: data[name] for name in _TOLD if name in data}
    if "to" in data:
        told["state"] = data["to"]
    if action == "case.merged":
        told |= {"state": CLOSED, "merged_into": data["into"]}
    elif action == "case.unmerged":
        told["merged_into"] = None
    elif action == "case.joined" and "version" not in data:
        told["version"] = before.version + 1
    elif action == "case.sent_back" and "reworked" not in data:
        told["reworked"] = before.reworked + 1
    if action in ("case.dispatched", "case.reassigned"):
        told["unit"] = data.get("unit")
    elif told.get("holder", "") is None:
        told["unit"] = None
    return replace(before, **told)
