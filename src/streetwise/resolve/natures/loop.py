"""Small loops beside the case's: a table of lines, found by action and state. Pure.

A hazard and a dispute each have one (``hazards/loop.py``, ``disputes/loop.py``). Its state stands
in ``cases.nature_state`` too, so that the case's own loop can ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: In which state a case of a nature begins its small loop; the other natures have none.
BEGINS = {"hazard": "found", "dispute": "open"}
#: States in which somebody is under an order, or mediates: what is so is not let go of.
HELD = ("ordered", "rectified", "passed", "mediating")

#: Who may take a line, beside the capability: ``ordered``: of the unit that it was ordered;
#: ``not_orderer``: who neither ordered it nor reported it rectified, nor stands in for such a one.
Guard = Literal["ordered", "not_orderer"]


@dataclass(frozen=True, slots=True)
class Line:
    """``action`` takes a row from ``source`` to ``target``; ``entry``: what the journal calls it.

    ``result``: how a check came out. ``needs``: what must be given with it.
    """

    action: str
    source: str
    target: str
    capability: str
    entry: str
    result: str | None = None
    needs: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()


def find(lines: Sequence[Line], action: str, state: str, result: str | None = None) -> Line | None:
    """The line for an action in a state; None when the table has none."""
    for line in lines:
        if line.action == action and line.source == state and line.result == result:
            return line
    return None


def drawing(lines: Sequence[Line], first: str, last: Sequence[str]) -> str:
    """The loop as a Mermaid state diagram (docs/reference/loop.md)."""
    drawn = ["stateDiagram-v2", f"    [*] --> {first}"]
    for line in lines:
        label = f"{line.action} ({line.result})" if line.result else line.action
        drawn.append(f"    {line.source} --> {line.target}: {label}")
    return "\n".join([*drawn, *(f"    {state} --> [*]" for state in last)])
