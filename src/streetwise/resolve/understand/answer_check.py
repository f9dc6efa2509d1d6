"""Is a draft answer complete, explained and relevant, and does it keep others' data? Pure.

Hints for whoever writes, by listed signs (resolve/data/answer_marks.yaml); no score of anybody.
The three marks are those by which citizens' letters to governments are commonly judged:

- complete: says what was told, found, and done or planned (by when), and whom to call;
- explained: gives a ground: a rule, a document, whose duty it is, a cause;
- relevant: speaks of the same place or matter as the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from streetwise.kernel.search import fold
from streetwise.privacy import masking
from streetwise.privacy.masking import Span
from streetwise.resolve.understand.draft import TO_FILL
from streetwise.resolve.understand.wordlists import load

Mark = Literal["complete", "explained", "relevant"]

#: An answer that shares a run of so many characters with the message, formulas apart, speaks of it.
COMMON_RUN = 3
#: Behind a form of address and a receipt there is nothing.
SAYS_CHARACTERS = 30


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What is known of the case: names by which an answer shows that it speaks of it.

    ``question``: a question wants to be told something; nothing need have been found or done.
    """

    place: str | None = None
    category: str | None = None
    question: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """A mark, whether it is met, and what to look at (a code for the screen's words).

    A mark that is met has one hint with its own name as code, and perhaps further ones that
    only advise; one that is not has a hint for each thing that it lacks.
    """

    mark: Mark
    met: bool
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@cache
def _signs() -> dict[str, re.Pattern[str]]:
    # Line breaks of the data separate alternatives for the reader only.
    return {
        name: re.compile(re.sub(r"\s+", "", text))
        for name, text in load("answer_marks.yaml").items()
    }


def check(answer: str, message: str, facts: AnswerFacts = AnswerFacts()) -> list[Hint]:
    """Hints for the three marks, in their order; both texts masked or both not."""
    folded = fold(answer)
    lacks: dict[Mark, list[Hint]] = {
        "complete": _completeness(folded, facts),
        "explained": _explanation(folded),
        "relevant": _relevance(folded, fold(message), facts),
    }
    hints: list[Hint] = []
    for mark, found in lacks.items():
        if all(hint.met for hint in found):
            hints.append(Hint(mark, True, mark))
        hints += found
    return hints


def may_go(answer: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether nothing is left to fill in and nobody else's data stand in it."""
    return TO_FILL not in answer and not others_data(answer, own)


def others_data(answer: str, own: frozenset[str]) -> list[Span]:
    """Personal data in an answer, but what its writer may say; an answer with any must not go.

    ``own``: telephone numbers of offices, names of the officers who sign, as they are written
    anywhere; spaces, hyphens and brackets of numbers make no difference.
    """
    allowed = {_bare(one) for one in own}
    return [
        span for span in masking.find(answer) if _bare(answer[span.start : span.end]) not in allowed
    ]


def _bare(text: str) -> str:
    return re.sub(r"[^\w]", "", fold(text))


def _completeness(folded: str, facts: AnswerFacts) -> list[Hint]:
    signs = _signs()
    lacking = []

    def lack(code: str, met: bool = False) -> None:
        lacking.append(Hint("complete", met, code))

    if TO_FILL in folded:
        lack("to_fill")
    if len(folded) < SAYS_CHARACTERS:
        lack("says_nothing")
        return lacking
    if not signs["told"].search(folded):
        lack("matter_not_named", met=True)
    done = signs["done"].search(folded)
    if not facts.question and not signs["found"].search(folded):
        lack("nothing_found")
    if not done and not (facts.question and signs["found"].search(folded)):
        lack("nothing_done")
    planned = signs["will"].search(folded) and not signs["finished"].search(folded)
    if planned and not facts.question and not signs["when"].search(folded):
        lack("no_date")
    if not signs["contact"].search(folded):
        lack("no_contact", met=True)
    return lacking


def _explanation(folded: str) -> list[Hint]:
    signs = _signs()
    if any(signs[name].search(folded) for name in ("rule", "duty", "cause")):
        return []
    return [Hint("explained", False, "no_ground")]


def _relevance(folded: str, message: str, facts: AnswerFacts) -> list[Hint]:
    place, category = fold(facts.place or ""), fold(facts.category or "")
    if _runs(folded) & _runs(message):
        return []
    if place and place in folded and (not category or category in folded):
        return []
    if place and place not in folded:
        return [Hint("relevant", False, "place_not_named", {"place": facts.place or ""})]
    return [Hint("relevant", False, "matter_not_named", {"category": facts.category or ""})]


def _runs(folded: str) -> set[str]:
    """The runs of characters of a text without formulas; none spans a stop or a formula."""
    plain = _signs()["formula"].sub(" ", folded)
    return {
        part[at : at + COMMON_RUN]
        for part in re.split(r"[\W\d_]+", plain)
        for at in range(len(part) - COMMON_RUN + 1)
    }
