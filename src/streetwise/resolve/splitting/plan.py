"""Which voice feeds which of the problems that a case is split into. Pure.

A voice is one ``case_signal`` row: a signal, or one part of it. It may feed several problems, each
with its own words or with all of them; it feeds each of them once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

#: So many problems a case is split into at most: more are a list of something else.
PARTS_MOST = 9
#: Pieces of one voice's text that tell one problem.
SPANS_MOST = 20
#: The last part number that a signal's further problems may have.
LAST_PART = 20

#: A signal and its part number.
Voice = tuple[UUID, int]
#: Characters from (inclusive) and to (exclusive) of the masked text.
Span = tuple[int, int]


class Impossible(Exception):
    """The split would lose something, or means nothing. ``code``: why."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code


@dataclass(frozen=True, slots=True)
class Feed:
    """A voice that feeds a problem. ``spans``: the words that do; none: all of them."""

    voice: Voice
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Where a voice stands afterwards: ``part`` is the number of its row in the problem ``at``.

    ``new``: the row is written for it; otherwise it is the voice's own row.
    """

    voice: Voice
    at: int
    part: int
    spans: tuple[Span, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """``rows``: of all voices, in the order of the problems. ``home``: the problem in which a
    signal's work order, its answers and what was said to the reporter are.
    """

    rows: tuple[Row, ...]
    home: Mapping[UUID, int]


def plan(
    problems: Sequence[Sequence[Feed]],
    voices: Sequence[Voice],
    lengths: Mapping[UUID, int],
    last_part: Mapping[UUID, int],
    named: Mapping[UUID, int],
) -> Plan:
    """How the voices of a case are given out; ``Impossible`` where one would be lost.

    ``voices``: all that the case has. ``lengths``: characters of each signal's text.
    ``last_part``: the highest part number of each signal anywhere. ``named``: signals whose work
    order an officer has given to a problem; of the others it goes with the first that they feed.
    """
    _sensible(problems, voices, lengths)
    rows: list[Row] = []
    last = dict(last_part)
    seen: set[Voice] = set()
    fed: dict[UUID, list[int]] = {}
    for at, feeds in enumerate(problems):
        for feed in feeds:
            signal, part = feed.voice
            new = feed.voice in seen
            if new:
                part = last[signal] = last[signal] + 1
                if part > LAST_PART:
                    raise Impossible("split_too_fine", "A voice is cut into too many problems.")
            seen.add(feed.voice)
            fed.setdefault(signal, []).append(at)
            rows.append(Row(feed.voice, at, part, merged(feed.spans), new))
    home = {signal: min(at) for signal, at in fed.items()}
    for signal, at in named.items():
        if at not in fed.get(signal, ()):
            raise Impossible(
                "split_order_elsewhere", "A work order goes with a problem that its voice tells of."
            )
        home[signal] = at
    return Plan(tuple(rows), home)


def _sensible(
    problems: Sequence[Sequence[Feed]], voices: Sequence[Voice], lengths: Mapping[UUID, int]
) -> None:
    if not 2 <= len(problems) <= PARTS_MOST:
        raise Impossible(
            "split_parts", f"A case is split into two problems or more, {PARTS_MOST} at most."
        )
    known = set(voices)
    for feeds in problems:
        if not feeds:
            raise Impossible("split_part_empty", "Each problem needs a voice that tells of it.")
        named = [feed.voice for feed in feeds]
        if len(set(named)) < len(named):
            raise Impossible("split_voice_twice", "A voice feeds a problem once.")
        if not set(named) <= known:
            raise Impossible("split_voice_unknown", "A voice is none of this case (any more).")
        for feed in feeds:
            most = lengths.get(feed.voice[0], 0)
            if any(not 0 <= start < end <= most for start, end in feed.spans):
                raise Impossible("split_words", "The chosen words lie outside the text.")
    left = known - {feed.voice for feeds in problems for feed in feeds}
    if left:
        raise Impossible(
            "split_voice_left", "Every voice must be given to a problem; at least one is not."
        )


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same characters, in order, with as few pieces as can be."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def words_of(text: str, spans: Sequence[Span]) -> str:
    """The chosen words of a text; all of it where none are chosen."""
    return "".join(text[start:end] for start, end in spans) if spans else text
