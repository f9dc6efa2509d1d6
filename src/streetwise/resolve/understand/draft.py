"""Draft answers from templates and the facts of a case. Pure.

Templates are data (resolve/data/answers.yaml): sentences with conditions. Nothing is made up:
what the facts do not say is left out where the template lets it be, and else stands as
〔待填：…〕, with which ``answer_check.may_go`` lets no answer go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, get_args

from streetwise.resolve.understand.wordlists import load

Kind = Literal["work_order", "referral", "petition", "call", "sms", "anonymous", "media"]
Result = Literal["fixed", "not_fixed", "not_ours", "planned"]

#: A step of a case, as whoever told is told of it.
Step = Literal[
    "received", "accepted", "handling", "extended", "suspended", "reopened", "joined",
    "not_our_duty", "duplicate", "withdrawn", "unverifiable", "not_fixed",
]  # fmt: skip
STEPS: tuple[Step, ...] = get_args(Step)
Register = Literal["spoken", "written"]

#: How a gap begins; nothing else in an answer is written so.
TO_FILL = "〔待填"
#: Characters of a short message; where there are several, each loses some for its count.
SMS_CHARACTERS, SMS_LINKED = 70, 67

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What is known of a case; None: not known. All words as they shall stand in the answer.

    ``matter``: the category or what was told, in a few words; ``place`` as people say it;
    ``found``: what the look on the spot gave; ``done``: what was done, by ``unit``;
    ``contacted``: whether whoever told has been spoken to. ``organ`` and ``letter``: who sent
    a referral, by which letter. ``review_body``: who hears whoever disagrees with a petition's
    answer. ``channel``: the medium. ``due_on``: when it is to be done by; ``until``: the day to
    which it stands still; ``other``: the number of the case that it belongs to.
    """

    number: str | None = None
    matter: str | None = None
    place: str | None = None
    told_on: date | None = None
    unit: str | None = None
    found: str | None = None
    result: Result | None = None
    done: str | None = None
    done_on: date | None = None
    reason: str | None = None
    right_body: str | None = None
    planned_by: date | None = None
    phone: str | None = None
    contacted: bool | None = None
    organ: str | None = None
    letter: str | None = None
    review_body: str | None = None
    channel: str | None = None
    due_on: date | None = None
    until: date | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; ``to_fill``: fields without which it must not go; ``parts``: of a short message."""

    text: str
    to_fill: tuple[str, ...]
    parts: tuple[str, ...]


def draft(kind: Kind, facts: DraftFacts) -> Draft | None:
    """The draft of a kind; None for an anonymous report, which nobody can be answered."""
    if kind == "anonymous":
        return None
    text, to_fill = _written(load("answers.yaml")[kind], facts)
    if facts.result is None:
        to_fill = (*to_fill, "result")
        text += f"{TO_FILL}：办理结果〕"
    text = text.strip()
    return Draft(text, to_fill, tuple(sms_parts(text)) if kind == "sms" else (text,))


def step_draft(step: Step, register: Register, facts: DraftFacts) -> Draft:
    """What whoever told is told of a step that is not the end: it was accepted, extended, … ."""
    text, to_fill = _written(load("step_answers.yaml")[step][register], facts)
    return Draft(text.strip(), to_fill, (text.strip(),))


def reason_of(step: Step, facts: DraftFacts) -> str | None:
    """Why a case ended without "fixed", as a formal answer says it; None: nothing general is."""
    sentence = load("step_answers.yaml")[step].get("reason")
    return _written([{"text": sentence}], facts)[0] if sentence else None


def _written(
    sentences: Sequence[Mapping[str, Any]], facts: DraftFacts
) -> tuple[str, tuple[str, ...]]:
    """(the sentences whose conditions hold, filled in; the fields that are still to be filled)."""
    known = {one.name: _said(getattr(facts, one.name)) for one in fields(facts)}
    labels: dict[str, str] = load("answers.yaml")["labels"]
    to_fill: dict[str, None] = {}

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        value = known[name]
        if value is None:
            to_fill[name] = None
            return f"{TO_FILL}：{labels[name]}〕"
        # A sentence goes on behind what an officer has ended with a stop.
        return value.strip().rstrip("。；;")

    text = ""
    for sentence in sentences:
        if all(_holds(known[name], want) for name, want in sentence.get("if", {}).items()):
            told = _FIELD.sub(put, sentence["text"])
            where = sentence.get("break")
            text += ("\n" if where == "before" else "") + told + ("\n" if where == "after" else "")
    return text, tuple(to_fill)


def sms_parts(text: str) -> list[str]:
    """The short messages that a text needs: one of 70 characters, or several of 67."""
    if len(text) <= SMS_CHARACTERS:
        return [text] if text else []
    return [text[at : at + SMS_LINKED] for at in range(0, len(text), SMS_LINKED)]


def _said(value: str | date | bool | None) -> str | None:
    """A fact as an answer says it; an empty one is not known."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return value.strip() or None if value is not None else None


def _holds(value: str | None, want: str | bool) -> bool:
    # YAML reads an unquoted yes as true.
    if isinstance(want, bool):
        return value == ("yes" if want else "no")
    if want == "known":
        return value is not None
    if want == "unknown":
        return value is None
    return value == want
