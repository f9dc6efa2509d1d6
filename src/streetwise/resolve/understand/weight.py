"""How heavy a matter lies, by what its text lets one count or name. Pure.

Facts about the matter only: how long it has waited, how often it was told, how many it
touches, whether people's safety or their water, heat and wages are at stake. Nothing here
reads the temper, the tone or the character of the person who tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from streetwise.kernel.search import Words
from streetwise.resolve.understand.wordlists import load, words_of

Kind = Literal["waiting", "told", "affected", "public_safety", "livelihood"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and the words that say so.

    ``amount``: at least so much (``waiting`` in days, ``told`` in times, ``affected`` in
    households, houses or people, as the words say); None where the words give no number.
    """

    kind: Kind
    amount: int | None
    words: str


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "几": 2,
    "数": 2,
    "好": 2,
}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = "[0-9零一二两三四五六七八九十百千几数半]+"
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "季度": 90, "年": 365}

_HAS_UNIT = re.compile("[天周期拜月度年]")
_DURATION = re.compile(
    rf"(?<![0-9第每])({_NUMBER})(?:多|余|来)?(?:个)?(?:多)?(天|周|星期|礼拜|月|季度|年)(?:多|半)?"
)
#: Behind a duration: something is waited for. Before it: it lasts. Before it: that is not a wait.
_WAITED = re.compile(
    "了|没|未|无|都|还|仍|也没|不|一直|以来|过去|前(?:就|已|反映|报|投诉|打|坏)|,(?:没|无|未|一直|都|还)"
)
_LASTING = re.compile("(?:已经?|拖了?|等了?|长达|持续|坏了|停了|断了|堆了|将近|快|超过|有)$")
_LIVED = re.compile("(?:住|工作|干|上班|开店|结婚|退休|搬来|买|入住|每|隔)了?(?:快|已经|有)?$")
_TIMES = re.compile(
    rf"第({_NUMBER})次|(?:反映|反应|投诉|打电话|打|报修|报|催|说|来电|致电|找)(?:过|了)?(?:有)?({_NUMBER})(?:多|来)?[次遍回]"
)
_HAS_MANY = re.compile("[户楼居业口人]")
_MANY = re.compile(
    rf"({_NUMBER})(?:多|余|来)?(?:户|栋楼|幢楼|名居民|名业主|位居民|位业主|个居民|口人|余人|多人)"
)
_TRIVIAL_AFFECTED = 3


def number(text: str) -> int | None:
    """A number in digits or in Chinese characters below 10,000; 几 and 数 count as two, at least.

    None for half of something and for what is no number.
    """
    if text.isdigit():
        return int(text)
    total, digit = 0, None
    for character in text:
        if character in _TENS:
            total += (1 if digit is None else digit) * _TENS[character]
            digit = None
        elif character in _DIGITS:
            digit = _DIGITS[character]
        else:
            return None
    if not total and digit is None:
        return None
    return total + (digit or 0)


@cache
def _words() -> tuple[Words, dict[str, Kind]]:
    kind_of: dict[str, Kind] = {}
    kinds: tuple[Kind, ...] = ("affected", "livelihood", "told", "public_safety")
    for kind in kinds:
        for word in words_of(load("weight.yaml")[kind]):
            kind_of.setdefault(word, kind)
    return Words(kind_of), kind_of


def weigh(folded: str) -> tuple[Fact, ...]:
    """The facts in a folded text; each once, in the order of their kinds' places in it."""
    words, kind_of = _words()
    facts = [*_waits(folded), *_tellings(folded), *_households(folded)]
    facts += [Fact(kind_of[word], None, word) for word in words.find(folded)]
    return tuple(dict.fromkeys(facts))


def _waits(folded: str) -> list[Fact]:
    found: list[Fact] = []
    if not _HAS_UNIT.search(folded):
        return found
    for match in _DURATION.finditer(folded):
        start, end = match.span()
        before = folded[max(0, start - 6) : start]
        if _LIVED.search(before):
            continue
        if not (_WAITED.match(folded, end) or _LASTING.search(before)):
            continue
        count, unit = match.groups()
        days = _DAYS[unit] // 2 if count == "半" else (number(count) or 0) * _DAYS[unit]
        # 2019年 is a date, and nobody has waited for longer than a lifetime.
        if 0 < days < 100 * 365:
            found.append(Fact("waiting", days, match.group()))
    return found


def _tellings(folded: str) -> list[Fact]:
    if "次" not in folded and "遍" not in folded and "回" not in folded:
        return []
    found = []
    for match in _TIMES.finditer(folded):
        times = number(match.group(1) or match.group(2))
        if times and times > 1:
            found.append(Fact("told", times, match.group()))
    return found


def _households(folded: str) -> list[Fact]:
    found: list[Fact] = []
    if not _HAS_MANY.search(folded):
        return found
    for match in _MANY.finditer(folded):
        many = number(match.group(1))
        if many and many >= _TRIVIAL_AFFECTED:
            found.append(Fact("affected", many, match.group()))
    return found
