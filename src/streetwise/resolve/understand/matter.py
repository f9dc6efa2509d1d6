"""What does a message ask for, how urgent is it, how heavy does it lie? Pure, by listed words.

Only what is sure to be no case is taken out of the way: thanks, questions and nothing at all
must say so and must tell of nothing that is wrong; whatever is in doubt is a report. A word of
danger that holds makes any message an urgent report, whatever else it says. The words are data
(resolve/data/matter.yaml, urgency.yaml, weight.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.urgency import dangers
from streetwise.resolve.understand.weight import Fact, weigh
from streetwise.resolve.understand.wordlists import CLAUSE_ENDS, load, words_of

Asked = Literal["report", "request", "question", "thanks", "urge", "supplement", "nonsense"]

#: What is no case.
NO_CASE: frozenset[Asked] = frozenset({"thanks", "question", "nonsense"})

#: How sure an answer is: it says so twice, or once. Orders, not shares: what they came to on the
#: town stands in docs/decisions/0031.
SURE, LIKELY = 0.95, 0.8

#: Two letters or digits at least, pictures and greetings apart, or nothing is told.
_SAYS = re.compile(r"\w.*\w", re.DOTALL)
_HOLLOW = re.compile(r"\[[^\]]{1,6}\]|你好|您好|在吗|在不在|有人吗|喂|哈喽|hello|hi")

_CLAUSES = re.compile(f"[{CLAUSE_ENDS}:]")


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: a code for the screen's words, and the words of the text that gave it."""

    code: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """How a message is to be taken.

    ``urgent_words``: the words of danger that hold; any makes ``urgency`` high. ``could``:
    those that it could come to, which raise nothing. ``weight``: facts about the matter.
    """

    asked: Asked
    confidence: float
    urgency: Literal["normal", "high"]
    urgent_words: tuple[str, ...]
    could: tuple[str, ...]
    weight: tuple[Fact, ...]
    why: tuple[Why, ...]

    @property
    def is_case(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.asked not in NO_CASE


#: "We live in …": who asks, not what is wrong.
_WHO_ASKS = re.compile(
    "(?:来电人|市民|居民)?(?:说|称)?(?:我们?|本人|我家|家)?(?:是|住|家住|在)|孩子|外地户口|.{0,9}来电"
)
#: The number of a work order.
_ORDER = re.compile("[a-z]{1,4}[0-9]{8,}|(?:工单|单号|编号)[a-z0-9]*[0-9]{6,}")

Signs = dict[str, dict[str, None]]
"""Sign → its words in the order in which they stand there."""

_SIGNS = (
    "praise",
    "disclaims",
    "well",
    "polite",
    "other",
    "ask",
    "asks",
    "urge",
    "before",
    "that",
    "add",
    "nothing",
    "new",
)
_DOUBTS = ("done", "turn", "want", "trouble", "planned", "harmless")
_MAY_BE_NO_CASE = frozenset({"praise", "disclaims", "nothing"})
#: These in passing mean nothing: only a short message with them may be no case.
_MAY_BE_IF_SHORT = _MAY_BE_NO_CASE | {"well", "polite", "ask"}

#: Thanks in a clause no longer than this are how letters end.
POLITE_CLAUSE = 6
#: A clause longer than this that asks for nothing tells a story.
TELLING_CLAUSE = 9
#: The same beside words that say that nothing is told.
HOLLOW_CLAUSE = 5
#: Whoever presses or adds says so at the beginning, and shortly.
OPENING, SHORT = 16, 60
#: A question is no longer than this with its title; what is longer tells something as well.
QUESTION = 70
#: Neither are thanks for the end of a trouble: in longer letters another may have stayed.
THANKS = 100


class _Finder:
    """Finds the words of some lists of matter.yaml; a word may stand in several."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._signs_of: dict[str, tuple[str, ...]] = {}
        for name in names:
            for word in words_of(load("matter.yaml")[name]):
                self._signs_of[word] = (*self._signs_of.get(word, ()), name)
        self._words = Words(self._signs_of)

    def find(self, folded: str) -> Signs:
        found: Signs = {}
        for word in self._words.find(folded):
            for sign in self._signs_of[word]:
                found.setdefault(sign, {})[word] = None
        return found


@cache
def _finders() -> tuple[_Finder, _Finder]:
    return _Finder(_SIGNS), _Finder(_DOUBTS)


def read_matter(texts: Sequence[tuple[str | None, str | None]]) -> list[Matter]:
    """How each message (title, text) is to be taken; masked texts."""
    return [_read(title, text) for title, text in texts]


def _read(title: str | None, text: str | None) -> Matter:
    folded = f"{fold(title or '')}。{fold(text or '')}"
    found = dangers(folded)
    holding: tuple[str, ...] = ()
    could: tuple[str, ...] = ()
    if found:
        holding = tuple(dict.fromkeys(one.word for one in found if one.hold == "holds"))
        could = tuple(dict.fromkeys(one.word for one in found if one.hold == "could"))
    asked, confidence, why = _asked(folded, danger=bool(holding or could))
    return Matter(
        asked=asked,
        confidence=confidence,
        urgency="high" if holding else "normal",
        urgent_words=holding,
        could=could,
        weight=weigh(folded),
        why=(*why, Why("danger", holding)) if holding else why,
    )


def _why(code: str, *words: Iterable[str]) -> tuple[Why, ...]:
    return (Why(code, tuple(word for some in words for word in some)),)


def _asked(folded: str, *, danger: bool) -> tuple[Asked, float, tuple[Why, ...]]:
    """What is asked for: first whether it is a case at all, then of which sort."""
    if len(folded) <= SHORT and not _SAYS.search(_HOLLOW.sub("", folded)):
        return "nonsense", SURE, _why("empty")
    signs_finder, doubts_finder = _finders()
    signs = signs_finder.find(folded)
    may_be = _MAY_BE_IF_SHORT if len(folded) <= QUESTION else _MAY_BE_NO_CASE
    if not danger and may_be & signs.keys():
        no_case = _no_case(folded, signs, doubts_finder.find(folded))
        if no_case is not None:
            return no_case
    opening: Signs = {}
    if "add" in signs or "urge" in signs:
        opening = signs_finder.find(folded[: OPENING + folded.index("。")])
    short = len(folded) <= SHORT
    if "add" in opening or ("add" in signs and short):
        return "supplement", SURE if "before" in signs else LIKELY, _why("added", signs["add"])
    if "urge" in opening or (
        short and ("urge" in signs or "that" in signs or _ORDER.search(folded))
    ):
        sure = SURE if {"before", "urge"} <= signs.keys() else LIKELY
        words = (signs.get(name, ()) for name in ("urge", "that", "before"))
        return "urge", sure, _why("pressed", *words)
    if "new" in signs and not danger and "trouble" not in doubts_finder.find(folded):
        return "request", LIKELY, _why("wished", signs["new"])
    return "report", SURE if danger else LIKELY, _why("nothing_else")


def _no_case(
    folded: str, signs: Signs, doubts: Signs
) -> tuple[Asked, float, tuple[Why, ...]] | None:
    """Thanks, a question or nothing, where nothing speaks against it; no word of danger here."""
    if "want" in doubts or "turn" in doubts:
        return None
    wrong = "trouble" in doubts
    praise, well, ask = (signs.get(name, {}) for name in ("praise", "well", "ask"))
    if "ask" not in signs:
        # What was wrong is told in a thanks as well: it counts only where it is not over.
        wishes = "new" in signs
        if not wrong and not wishes and ("disclaims" in signs or (praise and _thanks(folded))):
            return "thanks", SURE, _why("praised", signs.get("disclaims", ()), praise)
        polite = signs.get("polite", {})
        if not wrong and not wishes and well and (len(well) > 1 or praise or polite):
            return "thanks", LIKELY, _why("praised", praise, well)
        over = "done" in doubts and len(folded) <= THANKS
        if over and (praise or (not wrong and (well or polite))):
            return "thanks", LIKELY, _why("praised_and_done", praise, well, doubts["done"])
    says_nothing = "nothing" in signs and not wrong and not {"before", "new"} & signs.keys()
    if says_nothing and not _tells(folded, ("nothing",), HOLLOW_CLAUSE):
        return "nonsense", SURE, _why("nothing_told", signs["nothing"])
    if ask and len(folded) <= QUESTION:
        only_planned = wrong and doubts["trouble"].keys() <= doubts.get("planned", {}).keys()
        if (not wrong or only_planned) and not _tells(folded, ("ask", "asks"), TELLING_CLAUSE):
            sure = SURE if len(ask) > 1 and not wrong else LIKELY
            return "question", sure, _why("asked", ask)
    return None


def _thanks(folded: str) -> bool:
    """Whether thanks are in the title, or in a clause that says for what or to whom."""
    finder = _finders()[0]
    title, _, text = folded.partition("。")
    return "praise" in finder.find(title) or any(
        len(part) > POLITE_CLAUSE and "praise" in finder.find(part) for part in _CLAUSES.split(text)
    )


def _tells(folded: str, signs: tuple[str, ...], longest: int) -> bool:
    """Whether a clause longer than that has none of the signs and does not say who asks."""
    finder = _finders()[0]
    return any(
        len(part) > longest
        and not finder.find(part).keys() & set(signs)
        and not _WHO_ASKS.match(part)
        for part in _CLAUSES.split(folded)
    )
