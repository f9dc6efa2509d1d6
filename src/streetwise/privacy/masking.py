"""Find and mask what identifies a person in free text, by rules.

Kinds: ``mobile``, ``landline``, ``id_card``, ``bank_card``, ``plate``, ``wechat``, ``qq``,
``email``, ``address`` (finer than a building: unit, floor, room) and ``name`` (with its title).
Public short numbers (110, 12345, 96166, also behind an area code), dates, amounts and order
numbers stay, and so do places, buildings, firms, shops and offices. Pure functions of the
text; time is linear in its length.

The rules run in order on a folded text (see ``masking_text``): accounts, numbers, addresses,
names. No rule splits a run of digits, and tokens of an earlier pass count as blotted: that
makes masking idempotent. A new rule keeps to both, bounds its repetitions and raises
``RULES_VERSION``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from streetwise.privacy import (
    masking_accounts,
    masking_addresses,
    masking_bare,
    masking_hints,
    masking_names,
    masking_numbers,
)
from streetwise.privacy.masking_text import (
    NAME_BLOT,
    TOKENS,
    Rule,
    Span,
    blot,
    fold,
    replace,
)

__all__ = ["RULES", "RULES_VERSION", "TOKENS", "Masked", "Span", "find", "find_slowly", "mask"]

RULES_VERSION: int = 3
"""Rises with every change of what is found, so that stored texts can be masked again."""


@dataclass(frozen=True)
class Masked:
    """A masked text, how many spans of each kind were replaced (kinds found only), and where
    they stood in the original."""

    text: str
    counts: dict[str, int]
    spans: tuple[Span, ...] = ()


def mask(text: str) -> Masked:
    """Replace every span that :func:`find` reports by the token of its kind."""
    spans = find(text)
    if not spans:
        return Masked(text, {})
    counts = dict(Counter(span.kind for span in spans))
    return Masked(replace(text, spans, lambda span: TOKENS[span.kind]), counts, tuple(spans))


def find(text: str) -> list[Span]:
    """The spans to mask: ordered, not overlapping, positions in ``text``."""
    folded = fold(text)
    return _find(text, folded, _rules_for(masking_hints.hints(folded)))


def find_slowly(text: str) -> list[Span]:
    """The same by every rule, without the cheap looks. For tests and benchmarks."""
    return _find(text, fold(text), RULES)


def _find(text: str, folded: str, rules: tuple[Rule, ...]) -> list[Span]:
    spans: list[Span] = []
    for rule in rules:
        pairs = list(rule.find(folded))
        if pairs:
            found = [Span(rule.kind, start, end) for start, end in pairs]
            folded = blot(folded, found)
            spans += found
    if not spans and NAME_BLOT not in folded:
        return spans
    names = [text[span.start : span.end] for span in spans if span.kind == "name"]
    if names:
        repeated = [Span("name", *span) for span in masking_names.again(folded, names)]
        if repeated:
            folded = blot(folded, repeated)
            spans += repeated
    if names or NAME_BLOT in folded:
        spans += [Span("name", *span) for span in masking_names.FURTHER.find(folded)]
    if len(spans) > 1:
        spans.sort(key=lambda span: span.start)
    return spans


RULES: tuple[Rule, ...] = (
    *masking_accounts.BEFORE_NUMBERS,
    *masking_numbers.IDENTITY_AND_MOBILES,
    *masking_accounts.BEHIND_MOBILES,
    *masking_numbers.TELEPHONES_AND_PLATES,
    *masking_accounts.BEHIND_NUMBERS,
    *masking_addresses.RULES,
    *masking_bare.FIRST,
    *masking_names.RULES,
    *masking_bare.RULES,
)


@cache
def _rules_for(hints: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.hint == masking_hints.ALWAYS or rule.hint in hints)
