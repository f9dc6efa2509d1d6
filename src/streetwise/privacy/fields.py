"""The single personal values of an original: which, how sensitive, how to look one up. Pure.

Kinds are those of the masking (data, not a list here); further ones are ``reporter`` (what an
upstream calls who reported) and ``original`` (the whole, always field 0 of its item).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from streetwise.kernel.viewer import GRADE_RESTRICTED, GRADE_SENSITIVE
from streetwise.privacy.masking import TOKENS, Span, find

#: Field 0 of every item: the whole original.
ORIGINAL, ORIGINAL_N = "original", 0
#: What an upstream gives to name who reported, where it is neither number nor name.
REPORTER = "reporter"
#: L3; every other kind is L4. One who sees a case may need the number to call back; nobody
#: needs an identity or bank card number to fix a street lamp.
SENSITIVE_KINDS = frozenset(
    {
        *("mobile", "landline", "name", "address", "plate", "wechat", "email", REPORTER),
        # Of disputes: who mediates must know who the parties are and what was said.
        *("party_name", "party_phone", "mediation"),
    }
)
#: Kinds that are found again by their exact value.
SEARCHABLE_KINDS = ("mobile", "landline", "id_card", "plate")
#: The contact fields of a reporter that say who it is; the first that is there counts.
IDENTIFYING_KINDS = ("mobile", "landline")
#: Shorter values would match by chance, and would make the index a guessing game.
SEARCH_MIN_CHARACTERS = 6
MOBILE_DIGITS = 11

_CHINESE_DIGITS = str.maketrans(
    "零〇○洞一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两拐勾", "0000" + "123456789" * 2 + "1279"
)
_PLAIN_MOBILE = re.compile("1[3-9][0-9]{9}")
_NOISE = re.compile(r"[^0-9A-Z\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Found:
    """One value: in which text it stood, and where its token begins in the masked text.

    ``at`` counts characters (code points); None where nothing is shown in its place.
    """

    kind: str
    value: str
    place: str
    at: int | None


def grade_of(kind: str) -> int:
    """3 or 4; what nobody has thought of is 4."""
    return GRADE_SENSITIVE if kind in SENSITIVE_KINDS else GRADE_RESTRICTED


def values_in(texts: Mapping[str, str | None]) -> Iterator[Found]:
    """The personal values in the texts, in the order of the texts and of their characters."""
    for place, text in texts.items():
        if text:
            yield from values_at(place, text, find(text))


def values_at(place: str, text: str, spans: Iterable[Span]) -> Iterator[Found]:
    """The values of a text whose spans are known, in their order: masking has found them."""
    shift = 0
    for span in spans:
        value = text[span.start : span.end]
        yield Found(span.kind, value, place, span.start + shift)
        shift += len(TOKENS[span.kind]) - len(value)


def contact_values(contact: str | Mapping[str, str | None] | None) -> list[Found]:
    """The values that a reporter gave: fields by kind, or one text of anything."""
    if not contact:
        return []
    if isinstance(contact, Mapping):
        return [Found(kind, value, REPORTER, None) for kind, value in contact.items() if value]
    if _PLAIN_MOBILE.fullmatch(contact):
        return [Found("mobile", contact, REPORTER, None)]
    found = [
        Found(span.kind, contact[span.start : span.end], REPORTER, None) for span in find(contact)
    ]
    return found or [Found(REPORTER, contact, REPORTER, None)]


def identity(contact: list[Found]) -> tuple[str, str] | None:
    """(kind, value) by which a reporter is known again: the first contact number, or nothing.

    A name is not one: two who share a name must not share a key.
    """
    for kind in IDENTIFYING_KINDS:
        for found in contact:
            if found.kind == kind:
                return kind, found.value
    return None


def normalised(kind: str, value: str) -> str:
    """The value as it is looked up: digits folded, no spaces or hyphens, upper case.

    A mobile number loses what stands before its eleven digits (+86, 0).
    """
    if kind == "mobile" and _PLAIN_MOBILE.fullmatch(value):
        return value  # nearly all of them: an import looks up thousands
    text = unicodedata.normalize("NFKC", value).upper()
    if kind != "plate":
        text = text.translate(_CHINESE_DIGITS)
    text = _NOISE.sub("", text)
    if kind == "mobile":
        text = re.sub(r"\D", "", text)
        text = text.removeprefix("00") if len(text) > MOBILE_DIGITS else text
        text = text.removeprefix("86") if len(text) > MOBILE_DIGITS else text
        text = text.removeprefix("0") if len(text) > MOBILE_DIGITS else text
    return text


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a personal value may be read for; ``needs_reason`` asks for a sentence more."""

    code: str
    name: str
    name_en: str
    needs_reason: bool


@cache
def purposes() -> dict[str, Purpose]:
    """The list of purposes (data/purposes.csv), by code."""
    table = resources.files("streetwise.privacy") / "data" / "purposes.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {
        row["code"]: Purpose(row["code"], row["name"], row["name_en"], bool(row["needs_reason"]))
        for row in rows
    }


def readable(payload: Any) -> str:
    """An original as a person reads it: its texts, one paragraph each."""
    if not isinstance(payload, Mapping):
        return str(payload)
    texts: list[str] = []
    for value in payload.values():
        inner = value.values() if isinstance(value, Mapping) else [value]
        texts += [str(one) for one in inner if one not in (None, "")]
    return "\n\n".join(dict.fromkeys(texts))
