"""What all masking rules share: folded text, blots, spans, and how a rule finds.

Text is folded character by character (full-width to ASCII), so positions stay true. What a
rule claims is blotted out for the next. There is one blot for each floor of rules (numbers,
addresses, names), and the tokens of an earlier pass fold to the blot of their kind: a text
looks the same to the later rules whether the number in it was masked now or before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

TOKENS: dict[str, str] = {
    "mobile": "[手机]",
    "landline": "[电话]",
    "id_card": "[身份证]",
    "bank_card": "[银行卡]",
    "plate": "[车牌]",
    "wechat": "[微信]",
    "qq": "[QQ]",
    "email": "[邮箱]",
    "address": "[住址]",
    "name": "[姓名]",
}


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of the text are of ``kind``."""

    kind: str
    start: int
    end: int


# --- characters ---------------------------------------------------------------------------

BLOT = "\uf8fe"  # private use: no rule matches it, no boundary is blocked by it
ADDRESS_BLOT = "\uf8fd"
NAME_BLOT = "\uf8fc"
BLOTS = "\uf8fc-\uf8fe"  # all of them, inside [...]
GAP = (  # what people put between digits: spaces, hyphens, dots, and characters of no width
    " \u00a0\u3000\\-\u2010-\u2015\u2212\uff0d\ufe63.\uff0e·•・‧_"
    "\u200b-\u200d\u2060\ufeff\u00ad\ufe0f\u20e3"
)
CHINESE_DIGITS = "零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖⓪①②③④⑤⑥⑦⑧⑨○幺两洞拐勾"
CHINESE_VALUES = "0123456789" * 3 + "012079"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_WIDE = re.compile("[\uff10-\uff19\uff20-\uff3a\uff41-\uff5a]")
_TOKEN = re.compile("|".join(re.escape(token) for token in TOKENS.values()))
_FOREIGN_BLOTS = str.maketrans(dict.fromkeys((BLOT, ADDRESS_BLOT, NAME_BLOT), " "))


def blot_of(kind: str) -> str:
    """What a span of ``kind`` looks like to the rules that come later."""
    return {"address": ADDRESS_BLOT, "name": NAME_BLOT}.get(kind, BLOT)


def fold(text: str) -> str:
    """Full-width letters and digits to ASCII, tokens to blots; the length stays."""
    if BLOT in text or ADDRESS_BLOT in text or NAME_BLOT in text:
        text = text.translate(_FOREIGN_BLOTS)
    text = _WIDE.sub(lambda m: chr(ord(m.group()) - 0xFEE0), text)
    if "[" not in text:
        return text
    return _TOKEN.sub(_blotted, text)


_KIND_OF = {token: kind for kind, token in TOKENS.items()}


def _blotted(m: re.Match[str]) -> str:
    return blot_of(_KIND_OF[m.group()]) * len(m.group())


def replace(text: str, spans: list[Span], by: Callable[[Span], str]) -> str:
    """The text with each span replaced; spans ordered and apart."""
    if not spans:
        return text
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += (text[done : span.start], by(span))
        done = span.end
    return "".join(parts) + text[done:]


def blot(text: str, spans: list[Span]) -> str:
    """The text with each span blotted out; the length stays."""
    return replace(text, spans, lambda span: blot_of(span.kind) * (span.end - span.start))


# --- rules --------------------------------------------------------------------------------

Finder = Callable[[str], Iterator[tuple[int, int]]]


@dataclass(frozen=True)
class Rule:
    """One way to find one kind; ``hint`` names the cheap look that must succeed first."""

    name: str
    kind: str
    hint: str
    find: Finder


def matches(pattern: str, accept: Callable[[re.Match[str]], bool] | None = None) -> Finder:
    """All accepted matches; the span is the group ``number`` if there is one."""
    compiled = re.compile(pattern)
    group: int | str = "number" if "number" in compiled.groupindex else 0

    def find(text: str) -> Iterator[tuple[int, int]]:
        m = compiled.search(text)
        while m is not None:
            good = accept is None or accept(m)
            if good:
                yield m.span(group)
            # After a refusal only one character is given up, or a match inside is missed.
            m = compiled.search(text, m.end(group) if good else m.start() + 1)

    return find
