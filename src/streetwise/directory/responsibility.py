"""The responsibility matrix: class × condition × place → unit. Pure.

The most specific line wins: a grid before a community before everywhere, then the longer class
prefix, then a named condition, then the earlier line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COMMUNITY = "@community"
ANY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the matrix; ``where`` is ``*``, a community's code or a grid's code."""

    scheme: str
    class_prefix: str
    condition: str
    where: str
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; unknown parts are None."""

    scheme: str | None
    class_code: str | None
    condition: str | None
    grid: str | None
    community: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The unit's code and the rule that says so."""

    unit: str
    rule: Rule


def responsible(rules: Sequence[Rule], question: Question) -> Answer | None:
    """Who is responsible, or None when no line fits (or the community is unknown)."""
    best: tuple[tuple[int, int, int, int], Answer] | None = None
    for order, rule in enumerate(rules):
        unit = question.community if rule.unit == COMMUNITY else rule.unit
        if unit is None or not _fits(rule, question):
            continue
        rank = (
            2 if rule.where == question.grid else 1 if rule.where != ANY else 0,
            0 if rule.class_prefix == ANY else len(rule.class_prefix),
            0 if rule.condition == ANY else 1,
            -order,
        )
        if best is None or rank > best[0]:
            best = (rank, Answer(unit, rule))
    return best[1] if best else None


def _fits(rule: Rule, question: Question) -> bool:
    return (
        rule.scheme in (ANY, question.scheme)
        and (rule.class_prefix == ANY or (question.class_code or "").startswith(rule.class_prefix))
        and rule.condition in (ANY, question.condition)
        and rule.where in (ANY, question.grid, question.community)
    )
