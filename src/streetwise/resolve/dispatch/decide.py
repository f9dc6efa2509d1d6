"""Whom a case is suggested to, or why an officer is asked instead. Pure.

The matrix comes first where it answers clearly, with how often that unit has kept such cases.
History answers where the matrix does not, or only by its line for everything. Where something
speaks against the answer, none is preselected and the reasons are shown (a boundary case):
two lines of the matrix tie, history says another, only the line for everything else fits, the
neighbouring grid would be another's, the unit has just returned it, its class or place is in
doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from streetwise.directory.responsibility import ANY, Answer, Question, best_answers
from streetwise.directory.responsibility import Rule as MatrixRule
from streetwise.resolve.dispatch.learn import MATRIX, REST, Guess, History

Source = Literal["matrix", "history"]
#: History answers alone from so many kept cases at its narrowest place, and so sure.
LEAST_KEPT, CLEAR = 5, 0.75
#: The line for everything else is no clear answer where history does not speak for it as well.
HALF = 0.5
#: So many options are named beside the suggestion.
OPTIONS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A case, as far as it matters. ``grids``: (grid, community) that are near and not its own.

    ``doubts``: what nobody has decided of it ("category", "place").
    """

    question: Question
    grids: tuple[tuple[str, str | None], ...] = ()
    returned_from: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or why not: a code and what fills its sentence."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A unit that something speaks for."""

    unit: str
    confidence: float
    source: Source
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``unit``: preselected; None where the officer is asked, then ``asks`` says why.

    ``options``: the suggested one first, or the likeliest first.
    """

    unit: str | None
    options: tuple[Option, ...]
    asks: tuple[Reason, ...]

    @property
    def confidence(self) -> float | None:
        """Of the preselected unit."""
        return self.options[0].confidence if self.unit is not None else None


class Decider:
    """Suggests for many cases at one moment; the same question is answered once."""

    def __init__(
        self, rules: Sequence[MatrixRule], history: History, able: Callable[[str], bool]
    ) -> None:
        """``able``: whether a unit, by code, can be given a case now."""
        self._rules, self._history, self._able = rules, history, able
        self._answers: dict[tuple[Any, ...], list[Answer]] = {}

    def suggest(self, asked: Asked) -> Suggestion:
        """For one case."""
        question = asked.question
        answers = self._matrix(question)
        named = list(dict.fromkeys(answer.unit for answer in answers))
        first = answers[0] if answers else None
        plain = first is not None and not catches_all(first.rule)
        guesses = [
            guess
            for guess in self._history.guesses(
                question.scheme, question.class_code, question.community, question.grid,
                first.unit if first else None, MATRIX if plain else REST,
            )
            if self._able(guess.unit)
        ]  # fmt: skip
        chosen, options = self._options(first, plain, guesses)
        asks = self._asks(asked, named, chosen, plain, options, guesses)
        return Suggestion(None if asks else chosen, options, tuple(asks))

    def _options(
        self, first: Answer | None, plain: bool, guesses: Sequence[Guess]
    ) -> tuple[str | None, tuple[Option, ...]]:
        """Who it would be, and all that something speaks for, that one first."""
        likely = guesses[0] if guesses else None
        taught = likely is not None and likely.kept >= LEAST_KEPT and likely.confidence >= CLEAR
        chosen: str | None = None
        if first is not None and (plain or not taught):
            chosen = first.unit
        elif likely is not None and taught:
            chosen = likely.unit
        found = [_of_history(guess) for guess in guesses[:OPTIONS]]
        if first is not None:
            known = next((guess for guess in guesses if guess.unit == first.unit), None)
            own = _of_matrix(first, known)
            found = [own, *(one for one in found if one.unit != first.unit)]
        # Stable: what is chosen, then the likeliest.
        found.sort(key=lambda one: (one.unit != chosen, -one.confidence))
        return chosen, tuple(found[: OPTIONS + 1])

    def _asks(
        self,
        asked: Asked,
        named: Sequence[str],
        chosen: str | None,
        plain: bool,
        options: Sequence[Option],
        guesses: Sequence[Guess],
    ) -> list[Reason]:
        asks = [Reason("doubted", {"what": what}) for what in asked.doubts]
        if asked.question.class_code is None and not asked.doubts:
            asks.append(Reason("no_class"))
        if chosen is None:
            return [*asks, Reason("nobody_named")]
        if asked.returned_from == chosen:
            asks.append(Reason("came_back", {"unit": chosen}))
        if plain and len(named) > 1:
            asks.append(Reason("tied", {"units": list(named)}))
        likely = guesses[0] if guesses else None
        if likely is not None and likely.unit != chosen and likely.kept >= LEAST_KEPT:
            asks.append(Reason("history_differs", _params(likely)))
        elif not plain and options[0].source == "matrix" and options[0].confidence < HALF:
            asks.append(Reason("only_rest", {"unit": chosen}))
        other = self._over_the_border(asked, chosen)
        if other is not None:
            asks.append(other)
        return asks

    def _over_the_border(self, asked: Asked, chosen: str) -> Reason | None:
        """Whether another would be responsible a few steps away. Only where the matrix says who
        is here: what history says does not lie on a line.
        """
        here = self._matrix(asked.question)
        if not here or here[0].unit != chosen:
            return None
        for grid, community in asked.grids:
            there = self._matrix(replace(asked.question, grid=grid, community=community))
            if there and there[0].unit != chosen:
                return Reason("border", {"grid": grid, "unit": there[0].unit})
        return None

    def _matrix(self, question: Question) -> list[Answer]:
        key = (
            question.scheme, question.class_code, question.condition, question.grid,
            question.community, question.places, question.at,
        )  # fmt: skip
        known = self._answers.get(key)
        if known is None:
            found = best_answers(self._rules, question)
            known = self._answers[key] = [one for one in found if self._able(one.unit)]
        return known


def catches_all(rule: MatrixRule) -> bool:
    """Whether a line is the one for whatever nothing else names (兜底)."""
    return rule.class_prefix == ANY and rule.where == ANY and not rule.place and not rule.exception


def _of_matrix(answer: Answer, known: Guess | None) -> Option:
    rule = answer.rule
    which = "matrix_rest" if catches_all(rule) else "matrix"
    reasons = [Reason(which, {"note": rule.note})]
    if known is not None and known.of:
        reasons.append(Reason("history", _params(known)))
    return Option(answer.unit, known.confidence if known else 0.0, "matrix", tuple(reasons))


def _of_history(guess: Guess) -> Option:
    return Option(guess.unit, guess.confidence, "history", (Reason("history", _params(guess)),))


def _params(guess: Guess) -> dict[str, Any]:
    return {
        "unit": guess.unit,
        "kept": guess.kept,
        "of": guess.of,
        "against": guess.against,
        "level": guess.level,
    }
