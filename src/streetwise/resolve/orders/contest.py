"""On what grounds a work order is contested upstream 派单异议. Pure; the table is
resolve/data/contest_grounds.yaml."""

from __future__ import annotations

from dataclasses import dataclass

from streetwise.resolve.understand.wordlists import load

ANY = "*"
NONE, APPLIED, ACCEPTED, REFUSED = "none", "applied", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground: what is stored, and what it is called."""

    code: str
    name: str
    name_en: str


def grounds(scheme: str) -> tuple[Ground, ...]:
    """The grounds that there are for orders of a scheme, in the table's order."""
    listed = load("contest_grounds.yaml")["schemes"]
    return tuple(Ground(**line) for line in listed.get(scheme) or listed[ANY])


def is_ground(scheme: str, code: str) -> bool:
    """Whether orders of this scheme may be contested on it."""
    return any(one.code == code for one in grounds(scheme))
