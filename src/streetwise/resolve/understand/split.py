"""Where can a message be cut into its problems? Pure.

``parts`` says where it could be cut: at enumerations (1、… 2、…; 一是… 二是…) and behind words
that begin something further (另外, 同时反映). ``worth_splitting`` says whether it should be, from
what a classifier makes of each part. A cut that was wrong makes a case out of nothing, one
that was missed leaves two problems with one officer, who can still cut: when in doubt, do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from streetwise.resolve.understand.wordlists import load

#: A part shorter than this names a problem at most; it does not tell one.
PART_CHARACTERS = 10
#: A letter whose part is longer than this tells more than the part's words for a class.
LONG_CHARACTERS = 200
#: More parts than this are a list of something else.
PARTS_MAX = 9


@dataclass(frozen=True, slots=True)
class Part:
    """Characters ``start`` to ``end`` (exclusive) of the text tell one problem.

    ``numbered``: the writer has counted it. ``placed``: it names a place of its own.
    ``follows``: it begins as what comes of the part before.
    """

    start: int
    end: int
    numbered: bool = False
    placed: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class PartGuess:
    """What a classifier makes of a part; ``cls``: scheme and code, None where it abstains."""

    part: Part
    cls: tuple[str, str] | None
    confidence: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Split or not, and the code of the reason."""

    split: bool
    why: str


_ORDER = {c: i for i, c in enumerate("一二三四五六七八九", 1)}
_ORDER |= {c: i for i, c in enumerate("①②③④⑤⑥⑦⑧⑨", 1)} | {str(i): i for i in range(1, 10)}
_ORDER |= {c: i for i, c in enumerate("１２３４５６７８９", 1)}
_STOP = r"(?:^|(?<=[。；;，,：:！!？?\s]))"
_NUMBER = re.compile(
    _STOP + r"(?:[（(]([一二三四五六七八九1-9１-９])[）)]、?"
    r"|(?:第|其)([一二三四五六七八九])(?:(?:个问题|件事|点)[是，,、：:]?|[是，,、：:])"
    r"|([一二三四五六七八九])(?:、|是|来)"
    r"|([1-9１-９])[、.．)）](?![0-9０-９])"
    r"|([①②③④⑤⑥⑦⑧⑨]))"
)
_PLACE = re.compile(
    r"[0-9０-９一二三四五六七八九十]+(?:号|栋|幢|弄|单元|座)|家属院|宿舍|交叉口|街口"
    r"|[\u4e00-\u9fff]{2}(?:小区|花园|家园|公园|小学|中学|幼儿园|广场|社区|新村|大街|胡同)"
    r"|[\u4e00-\u9fff]{2}(?:路|街|巷)(?:[0-9０-９与和]|口|边|上|东|西|南|北|中段|拐|附近|对面|旁)"
)
_EDGES = " \t\r\n　。；;，,：:！!？?、"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    data = load("split.yaml")

    def one_of(name: str) -> str:
        return "|".join(map(re.escape, sorted(data[name].split(), key=len, reverse=True)))

    joint = re.compile(f"{_STOP}(?:{one_of('joints')})[，,：:]?")
    # A greeting, or whoever the operator says is calling, up to its stop.
    greeting = re.compile(
        rf"\s*(?:(?:{one_of('greetings')})|[^。，,：:]{{0,12}}(?:来电|反映|称|电话)"
        r"(?:反映)?(?:[一二两三几]个问题)?)[。！!，,：:\s]+"
    )
    ask = rf"(?:{one_of('close_ask')})[^。；;，,！!]{{0,8}}?(?:{one_of('close_for')})"
    closing = re.compile(rf"[。；;，,！!\s]+(?:{ask}|{one_of('closings')})[。！!~～\s]*$")
    follows = re.compile(f"(?:{one_of('follows')})")
    return joint, greeting, closing, follows


def parts(title: str | None, text: str | None) -> list[Part]:
    """The spans of ``text`` that could each tell one problem; one span where nothing cuts it.

    Spans are ordered and apart; greetings, markers and closings belong to none. The title
    announces problems and tells none: it is never cut.
    """
    text = text or ""
    if not text.strip(_EDGES):
        return []
    start, end = _inner(text)
    numbered = _numbers(text, start, end)
    cuts = numbered or _joints(text, start, end)
    spans: list[tuple[int, int]] = []
    # Before a 二是 that nobody has announced with 一是, and before 另外, stands the first.
    begin = None if numbered and _value(numbered[0]) == 1 else start
    for cut in cuts:
        if begin is not None:
            spans.append((begin, cut.start()))
        begin = cut.end()
    spans.append((start if begin is None else begin, end))
    _, _, _, follows = _patterns()
    found = []
    for left, right in spans:
        left, right = _trim(text, left, right)
        if right - left >= PART_CHARACTERS or len(spans) == 1:
            told = text[left:right]
            found.append(
                Part(
                    left,
                    right,
                    bool(numbered),
                    bool(_PLACE.search(told)),
                    bool(follows.match(told)),
                )
            )
    return found or [Part(*_trim(text, start, end))]


def worth_splitting(guesses: Sequence[PartGuess]) -> Verdict:
    """Whether a message shall become several cases, from the guesses for its parts in order.

    Yes where two parts are surely of two classes that do not bring one another, and the
    later one is counted by its writer or names a place of its own: what is only mentioned in
    passing is no second problem.
    """
    if len(guesses) < 2:
        return Verdict(False, "one_part")
    sure = [one for one in guesses if one.sure and one.cls is not None]
    if len(sure) < 2:
        return Verdict(False, "not_sure")
    if any(one.part.end - one.part.start > LONG_CHARACTERS for one in sure):
        return Verdict(False, "long_part")
    if len({one.cls for one in sure}) < 2:
        return Verdict(False, "same_class")
    apart = [
        (first, second)
        for first, second in combinations(sure, 2)
        if first.cls != second.cls and not _one_problem(first, second)
    ]
    if not apart:
        return Verdict(False, "cause_and_effect")
    if not any(_stands_alone(second.part) for _, second in apart):
        return Verdict(False, "in_passing")
    return Verdict(True, "two_problems")


def _stands_alone(part: Part) -> bool:
    return part.numbered or part.placed


@cache
def _pairs() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in load("split.yaml")["one_problem"])


def _one_problem(first: PartGuess, second: PartGuess) -> bool:
    if second.part.follows:
        return True
    names = frozenset(":".join(one.cls) for one in (first, second) if one.cls)
    return names in _pairs()


def _inner(text: str) -> tuple[int, int]:
    """The text without greetings at its beginning and closings at its end."""
    _, greeting, closing, _ = _patterns()
    start, end = 0, len(text)
    for _ in range(3):
        match = greeting.match(text, start)
        if match is None:
            break
        start = match.end()
    for _ in range(3):
        match = closing.search(text, start, end)
        if match is None:
            break
        end = match.start()
    return _trim(text, start, end) if start < end else (0, len(text))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def _value(match: re.Match[str]) -> int:
    return _ORDER[next(group for group in match.groups() if group)]


def _numbers(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The numbers of an enumeration: counted up by one, from one or (said later) from two."""
    found: list[re.Match[str]] = []
    for match in _NUMBER.finditer(text, start, end):
        value = _value(match)
        if (not found and value <= 2) or (found and value == _value(found[-1]) + 1):
            found.append(match)
    enough = len(found) > 1 or (len(found) == 1 and _value(found[0]) == 2)
    return found if enough and len(found) < PARTS_MAX else []


def _joints(text: str, start: int, end: int) -> list[re.Match[str]]:
    joint, _, _, _ = _patterns()
    found = [match for match in joint.finditer(text, start, end) if match.start() > start]
    return found if len(found) < PARTS_MAX else []
