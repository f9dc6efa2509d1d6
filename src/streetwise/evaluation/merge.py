"""``streetwise eval merge``: score the joining of signals on anybody's labelled data.

Either groups (``--truth``: id, problem) or pairs (``--pairs``: two signals and a verdict). Groups
are made by ``merge.within`` in order of arrival, nothing being closed on the way; a pair by
``merge.decide`` on the later signal with the earlier one as the only case. Place and class come
from the product's own engines, from the words and the reported point alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from streetwise.evaluation.grouping import Agreement, agreement, harmonic
from streetwise.evaluation.merge_files import Signal, TruePair, TrueSignal
from streetwise.evaluation.merge_hearing import Guess, hear, lessons_of, taught
from streetwise.kernel.errors import Invalid
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.understand.evidence import Evidence, Reason, Voice, weigh
from streetwise.resolve.understand.merge import DEFAULTS, Decision, Known, Settings, decide, within
from streetwise.resolve.understand.similar import likeness

MISTAKES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two signals wrongly joined, or wrongly not; ids and reasons, never words."""

    what: str
    a: str
    b: str
    score: float
    reasons: tuple[Reason, ...]

    def line(self) -> str:
        """For the console."""
        told = ", ".join(f"{r.code} {r.weight:+.1f}" for r in self.reasons)
        return f"{self.what} {self.a} {self.b}: {self.score:.2f} ({told})"


# --- groups -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupScore:
    """How the groups agree with the truth; ``kinds`` as in ``by``: of parts of the signals.

    ``same_kind_share``: of the pairs wrongly joined, those that the truth has in one class at one
    place, at another time; None where it does not say class and place.
    """

    overall: Agreement
    by: Mapping[str, Agreement]
    by_channels: Mapping[str, dict[str, Any]]
    same_kind_share: float | None
    mistakes: tuple[Mistake, ...]
    offered: int

    def as_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            **self.overall.as_dict(),
            "by_difficulty": {name: part.as_dict() for name, part in self.by.items()},
            "by_channels": dict(self.by_channels),
            "same_kind_share": self.same_kind_share,
            "offered": self.offered,
            "mistakes": [
                {
                    "what": one.what,
                    "a": one.a,
                    "b": one.b,
                    "score": round(one.score, 3),
                    "reasons": [{"code": r.code, "params": r.params} for r in one.reasons],
                }
                for one in self.mistakes
            ],
        }


def score_groups(
    signals: Sequence[Signal],
    truth: Mapping[str, TrueSignal],
    places: Sequence[NamedPlace] = (),
    *,
    guess: Guess | None = None,
    settings: Settings = DEFAULTS,
    overlap: timedelta | None = None,
) -> GroupScore:
    """Group all signals that have a problem, and compare.

    ``overlap``: true problems of one class at one place, of which one begins no later than this
    after the last signal of the other, count as one: a case that stands there is what a street
    would add the voice to. None: the truth as it is.
    """
    signals = [one for one in signals if one.id in truth]
    if not signals:
        raise Invalid("No signal's id stands in the truth.", code="truth_unreadable")
    heard = hear(signals, places, guess)
    groups, decisions = within(heard, settings=settings)
    known = [truth[one.id] for one in signals]
    if overlap is not None:
        known = standing(signals, known, overlap)
    true = _settled(groups, known)
    return GroupScore(
        agreement(groups, true),
        _by_difficulty(groups, true, known),
        _by_channels(groups, true, [one.channel for one in signals]),
        _same_kind(groups, true, known),
        _mistakes(heard, groups, true, decisions),
        sum(one.kind == "offer" for one in decisions),
    )


def after_learning(
    signals: Sequence[Signal],
    truth: Mapping[str, TrueSignal],
    share: float,
    leave_out: Collection[str] = (),
) -> tuple[list[Signal], Guess | None]:
    """The signals to be judged, and the class engine after the earliest ``share`` of them.

    ``leave_out``: true places whose signals are not judged.
    """
    known = sorted((one for one in signals if one.id in truth), key=lambda one: one.at)
    cut = int(share * len(known))
    guess = taught(lessons_of(known[:cut], truth)) if cut else None
    judged = [
        one
        for one in known[cut:]
        if not any(place in leave_out for _, place in truth[one.id].kinds)
    ]
    return judged, guess


def _settled(groups: Sequence[int], known: Sequence[TrueSignal]) -> list[str]:
    """One problem for each signal. Of two it is counted with that of most of its group."""
    common = Counter(
        (group, problem)
        for group, one in zip(groups, known, strict=True)
        for problem in set(one.problems)
    )
    return [
        max(dict.fromkeys(one.problems), key=lambda problem: common[group, problem])
        for group, one in zip(groups, known, strict=True)
    ]


def standing(
    signals: Sequence[Signal], known: Sequence[TrueSignal], overlap: timedelta
) -> list[TrueSignal]:
    """The truth with problems of one class and place joined that follow close upon each other."""
    spans: dict[Any, dict[str, list[Any]]] = defaultdict(dict)
    for signal, one in sorted(zip(signals, known, strict=True), key=lambda both: both[0].at):
        for problem, kind in zip(one.problems, one.kinds, strict=True):
            span = spans[kind if any(kind) else problem].setdefault(problem, [signal.at, signal.at])
            span[1] = signal.at
    first_of: dict[str, str] = {}
    for problems in spans.values():
        standing, until = "", None
        for problem, (begin, end) in sorted(problems.items(), key=lambda item: item[1]):
            if until is None or begin > until + overlap:
                standing, until = problem, end
            first_of[problem], until = standing, max(until, end)
    return [replace(one, problems=tuple(first_of[p] for p in one.problems)) for one in known]


def _by_difficulty(
    groups: Sequence[int], true: Sequence[str], known: Sequence[TrueSignal]
) -> dict[str, Agreement]:
    """Plain signals among themselves, distorted ones among themselves."""
    if not any(one.errors for one in known):
        return {}
    parts = {
        "easy": [at for at, one in enumerate(known) if not one.errors],
        "hard": [at for at, one in enumerate(known) if one.errors],
    }
    return {
        name: agreement([groups[at] for at in chosen], [true[at] for at in chosen])
        for name, chosen in parts.items()
    }


def _by_channels(
    groups: Sequence[int], true: Sequence[str], channels: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Pairs by their two channels: joined, belonging, both."""
    if not any(channels):
        return {}
    joined = _channel_pairs(groups, channels)
    belonging = _channel_pairs(true, channels)
    right = _channel_pairs(list(zip(groups, true, strict=True)), channels)
    return {
        name: {
            "pairs": belonging[name],
            "precision": round(right[name] / joined[name], 4) if joined[name] else None,
            "recall": round(right[name] / belonging[name], 4) if belonging[name] else None,
        }
        for name in sorted(joined.keys() | belonging.keys(), key=lambda name: -belonging[name])
    }


def _channel_pairs(keys: Sequence[Any], channels: Sequence[str]) -> Counter[str]:
    """Pairs with the same key, by channels."""
    members: dict[Any, Counter[str]] = defaultdict(Counter)
    for key, channel in zip(keys, channels, strict=True):
        members[key][channel] += 1
    pairs: Counter[str] = Counter()
    for counts in members.values():
        names = sorted(counts)
        for at, a in enumerate(names):
            pairs[f"{a}+{a}"] += counts[a] * (counts[a] - 1) // 2
            for b in names[at + 1 :]:
                pairs[f"{a}+{b}"] += counts[a] * counts[b]
    return +pairs


def _same_kind(
    groups: Sequence[int], true: Sequence[str], known: Sequence[TrueSignal]
) -> float | None:
    """Of the pairs wrongly joined, the share of one class at one place."""
    if not any(any(kind) for one in known for kind in one.kinds):
        return None
    kinds = [
        dict(zip(one.problems, one.kinds, strict=True))[problem]
        for one, problem in zip(known, true, strict=True)
    ]

    def pairs(*keys: Sequence[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(zip(*keys, strict=True)).values())

    wrong = pairs(groups) - pairs(groups, true)
    return round((pairs(groups, kinds) - pairs(groups, kinds, true)) / wrong, 4) if wrong else None


def _mistakes(
    heard: Sequence[Voice],
    groups: Sequence[int],
    true: Sequence[str],
    decisions: Sequence[Decision],
) -> tuple[Mistake, ...]:
    """The surest wrong joins, and the least sure of those missed."""
    wrong = [
        Mistake("joined", voice.id, heard[group].id, decision.score, decision.reasons)
        for voice, group, problem, decision in zip(heard, groups, true, decisions, strict=True)
        if decision.kind == "join" and true[group] != problem
    ]
    missed = [
        Mistake("missed", heard[b].id, heard[a].id, evidence.score, evidence.reasons)
        for a, b, evidence in _missed(heard, groups, true)
    ]
    wrong.sort(key=lambda one: -one.score)
    missed.sort(key=lambda one: one.score)
    return (*wrong[:MISTAKES_SHOWN], *missed[:MISTAKES_SHOWN])


def _missed(
    heard: Sequence[Voice], groups: Sequence[int], true: Sequence[str]
) -> Iterator[tuple[int, int, Evidence]]:
    """Neighbours in time of one problem that are in different groups."""
    last: dict[str, int] = {}
    for at in sorted(range(len(heard)), key=lambda at: heard[at].at):
        before = last.get(true[at])
        if before is not None and groups[before] != groups[at]:
            yield before, at, _evidence(heard[at], heard[before])
        last[true[at]] = at


def _evidence(new: Voice, old: Voice) -> Evidence:
    return weigh(new, old, likeness(new.text, old.text))


# --- pairs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PairScore:
    """How decisions on pairs agree with a reader's. Unsure pairs count nowhere."""

    same: int
    joined: int
    right: int
    offered_same: int
    offered_different: int
    pairs: int
    by_kind: Mapping[str, dict[str, int]]
    mistakes: tuple[Mistake, ...]

    def as_dict(self) -> dict[str, Any]:
        """One JSON object."""
        precision = self.right / self.joined if self.joined else 1.0
        recall = self.right / self.same if self.same else 1.0
        return {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(harmonic(precision, recall), 4),
            "pairs": self.pairs,
            "same": self.same,
            "joined": self.joined,
            "right": self.right,
            "offered_same": self.offered_same,
            "offered_different": self.offered_different,
            "by_kind": dict(self.by_kind),
        }


def score_pairs(
    signals: Sequence[Signal],
    pairs: Sequence[TruePair],
    places: Sequence[NamedPlace] = (),
    *,
    guess: Guess | None = None,
    settings: Settings = DEFAULTS,
) -> PairScore:
    """Decide on each pair by itself."""
    heard = hear(signals, places, guess)
    by_name = {signal.id: voice for signal, voice in zip(signals, heard, strict=True)}
    by_row = {str(signal.row): voice for signal, voice in zip(signals, heard, strict=True)}
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    mistakes = []
    for pair in pairs:
        if pair.verdict == "unsure":
            continue
        old, new = sorted((_named(pair.a, by_name, by_row), _named(pair.b, by_name, by_row)),
                          key=lambda voice: voice.at)  # fmt: skip
        decision = decide(new, [Known(old.id, (old,))], settings=settings)
        tally[pair.kind or "all"][f"{pair.verdict}_{decision.kind}"] += 1
        if (decision.kind == "join") != (pair.verdict == "same"):
            what = "joined" if decision.kind == "join" else "missed"
            evidence = _evidence(new, old)
            mistakes.append(Mistake(what, pair.a, pair.b, evidence.score, evidence.reasons))
    total = sum(tally.values(), Counter())
    return PairScore(
        same=sum(n for key, n in total.items() if key.startswith("same_")),
        joined=total["same_join"] + total["different_join"],
        right=total["same_join"],
        offered_same=total["same_offer"],
        offered_different=total["different_offer"],
        pairs=sum(total.values()),
        by_kind={kind: dict(counts) for kind, counts in tally.items()},
        mistakes=tuple(sorted(mistakes, key=lambda one: (one.what, -one.score))),
    )


def _named(name: str, by_id: Mapping[str, Voice], by_row: Mapping[str, Voice]) -> Voice:
    """Rows come first: that is what the shipped pairs name."""
    voice = by_row.get(name) or by_id.get(name)
    if voice is None:
        raise Invalid(f"A pair names '{name}', which no signal has.", code="truth_unreadable")
    return voice
