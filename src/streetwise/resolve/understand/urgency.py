"""Which words of danger stand in a text, and do they hold? Pure.

The words and their reasons are data (resolve/data/urgency.yaml). A word holds unless its own
clause denies it (没有着火), puts it in the past (去年着过火), says that it is over or only played
(已经修好, 消防演习), or only says what it could come to (容易引发火灾). Who fears a gas leak is
believed all the same: a group says whether fear counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from streetwise.kernel.search import Words
from streetwise.resolve.understand.wordlists import clause, load, placed, words_of

#: How a word of danger is meant: it is so; it could come to that; it is not so (any more).
Hold = Literal["holds", "could", "not"]

#: So many characters before the word may say that it could come to that.
WOULD_REACH = 10
#: What may stand between a "not" and its word.
_BETWEEN = (
    "(?:发生|出现|再|人|人员|老人|孩子|小孩|居民|群众|任何|什么"
    "|有|闻到|发现|造成|引起|看见|看到|见|明显|现场){0,2}$"
)


@dataclass(frozen=True, slots=True)
class Danger:
    """A word of danger: where it begins in the folded text, its group, the group's reason."""

    word: str
    start: int
    group: str
    reason: str
    hold: Hold


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    reason: str
    fear: bool
    unless: Words


class _Lists:
    def __init__(self) -> None:
        data = load("urgency.yaml")
        self.group_of: dict[str, _Group] = {}
        for name, entry in data["groups"].items():
            unless = Words(words_of(entry.get("unless", "")))
            group = _Group(name, entry["reason"], entry["fear"], unless)
            for word in words_of(entry["words"]):
                self.group_of.setdefault(word, group)
        self.words = Words([*self.group_of, *words_of(data["harmless"])])
        negated = "|".join(sorted(words_of(data["negated"]), key=len, reverse=True))
        self.negated = re.compile(f"(?:{negated}){_BETWEEN}")
        self.past = Words(words_of(data["past"]))
        self.over = Words(words_of(data["over"]))
        self.again = Words(words_of(data["again"]))
        self.would = Words(words_of(data["would"]))
        self.feared = Words(words_of(data["feared"]))


@cache
def _lists() -> _Lists:
    return _Lists()


def dangers(folded: str) -> list[Danger]:
    """The words of danger in a folded text, from left to right, each with how it is meant."""
    lists = _lists()
    found = []
    for start, word in placed(lists.words, folded):
        group = lists.group_of.get(word)
        if group is not None:
            hold = _hold(lists, folded, start, start + len(word), group)
            found.append(Danger(word, start, group.name, group.reason, hold))
    return found


def reasons() -> dict[str, str]:
    """Group → why it raises, for screens and documentation."""
    return {group.name: group.reason for group in _lists().group_of.values()}


def _hold(lists: _Lists, folded: str, start: int, end: int, group: _Group) -> Hold:
    left, right = clause(folded, start, end)
    before, around = folded[left:start], folded[left:right]
    if lists.negated.search(before):
        return "not"
    if not lists.again.find(around):
        if lists.past.find(around) or lists.over.find(around):
            return "not"
        # "… 漏电，已经修好了。" and nothing behind it that takes that back.
        behind = folded[right + 1 : clause(folded, right + 1, right + 1)[1]]
        if lists.over.find(behind) and not lists.again.find(folded[right:]):
            return "not"
    near = before[-WOULD_REACH:]
    if lists.would.find(near) or group.unless.find(around):
        return "could"
    if not group.fear and lists.feared.find(near):
        return "could"
    return "holds"
