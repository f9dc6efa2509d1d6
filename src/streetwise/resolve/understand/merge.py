"""Does a signal tell of a problem that is known already? 一事一案. Pure.

``decide`` weighs a new voice against open cases and says

* ``join``: the same problem, surely enough;
* ``again``: the same problem, of a case closed not long ago: ask whether it has come back;
* ``offer``: perhaps; an officer is shown the near ones and decides;
* ``none``: a case of its own.

Rules that no score overrides:

* **A merge adds a voice and hides nothing.** A voice more urgent than the case raises it
  (``raises``). An alarm, of a device or of a kind that endangers people, never joins a less
  urgent case by itself: it gets a case of its own and the other one is offered.
* A case is known by its first voices and its last one. Words and hours may fit any of them; place,
  class and marks count as against the first, if they fit it less: so that a chain of neighbours
  does not wander down the street.
* Where the place of one side is unknown, only nearly the same words join.
* What an officer has taken apart is neither joined nor offered again.
* Among several cases the best; a worse one more never changes that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from streetwise.resolve.understand.evidence import (
    WEIGHTS,
    Evidence,
    Reason,
    Voice,
    Weights,
    weigh,
)
from streetwise.resolve.understand.pool import Known, Near, Pool

__all__ = [
    "Decision", "Known", "Offer", "Pool", "Reason", "Settings", "Voice", "decide", "within",
]  # fmt: skip

OFFERS_MAX = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What a street may set. Scores are probabilities."""

    join_from: float = 0.9
    offer_from: float = 0.3
    #: A case closed for no longer than this may have come back.
    guard_days: float = 30.0
    #: Without a place on one side: so alike are nearly the same words.
    words_alone: float = 0.7


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Offer:
    """A case that may be the same, with its score and reasons."""

    case: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a new voice. ``case``, ``score`` and ``reasons`` are of the best match.

    ``offers``: near ones to be shown, best first, at most OFFERS_MAX, without the one joined.
    ``raises``: the voice is more urgent than the case that it joins.
    """

    kind: Literal["join", "again", "offer", "none"]
    case: str | None = None
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    raises: bool = False
    offers: tuple[Offer, ...] = ()


# --- deciding -----------------------------------------------------------------------------


def decide(
    new: Voice,
    candidates: Sequence[Known] | Pool,
    *,
    apart: frozenset[str] = frozenset(),
    settings: Settings = DEFAULTS,
    weights: Weights = WEIGHTS,
) -> Decision:
    """What to do with ``new``. ``apart``: ids of cases that an officer separated it from."""
    pool = candidates if isinstance(candidates, Pool) else Pool(candidates)
    bound = math.log(settings.offer_from / (1 - settings.offer_from))
    found = []
    for near in pool.near(new, weights, bound):
        if near.case.id in apart or not _alive(near.case, new, settings):
            continue
        evidence = _against(new, near, weights)
        if evidence.log_odds >= bound:
            found.append((near.case, evidence))
    # Of equals the one opened earlier, then by id: the order of the candidates is no evidence.
    found.sort(key=lambda one: (-one[1].log_odds, one[0].voices[0].at, one[0].id))
    if not found:
        return Decision("none")
    case, evidence = found[0]
    kind = _kind_of(new, case, evidence, settings)
    rest = found[1:] if kind in ("join", "again") else found
    offers = tuple(Offer(c.id, e.score, e.reasons) for c, e in rest[:OFFERS_MAX])
    reasons = evidence.reasons
    if kind == "offer" and _silences(new, case):
        reasons = (*reasons, Reason("alarm_not_silent", {}, 0.0))
    raises = kind in ("join", "again") and new.urgency > case.urgency
    return Decision(kind, case.id, evidence.score, reasons, raises, offers)


def _alive(case: Known, new: Voice, settings: Settings) -> bool:
    """Open, or closed within its guard time."""
    closed = case.closed_at
    return closed is None or new.at - closed <= timedelta(days=settings.guard_days)


def _kind_of(
    new: Voice, case: Known, evidence: Evidence, settings: Settings
) -> Literal["join", "again", "offer"]:
    referred = any(reason.code == "refers" for reason in evidence.reasons)
    sure = evidence.score >= settings.join_from and (
        evidence.placed or evidence.words >= settings.words_alone or referred
    )
    if not sure or _silences(new, case):
        return "offer"
    return "join" if case.closed_at is None else "again"


def _silences(new: Voice, case: Known) -> bool:
    """Joining would let an alarm vanish in something less urgent."""
    return new.alarm and new.urgency > case.urgency


def _against(new: Voice, near: Near, weights: Weights) -> Evidence:
    """The case's best voice, brought down by what speaks against the first one."""
    each = [weigh(new, old, likeness, weights) for old, likeness in near.voices]
    first, best = each[0], max(each, key=lambda evidence: evidence.log_odds)
    if best is first:
        return first
    # Who only fits the last one stands at a chain's end.
    drop = min(0.0, _lasting(first) - _lasting(best))
    return replace(best, log_odds=max(first.log_odds, best.log_odds + drop))


def _lasting(evidence: Evidence) -> float:
    """Place, class and marks: words and time may be those of any voice."""
    return sum(r.weight for r in evidence.reasons if r.code not in ("hours_apart", "words"))


# --- a whole list -------------------------------------------------------------------------


#: Cases without a new voice for so long are no longer compared in a whole list.
FORGOTTEN_AFTER = timedelta(days=60)
_TIDY_EVERY = 500


def within(
    voices: Sequence[Voice],
    *,
    settings: Settings = DEFAULTS,
    weights: Weights = WEIGHTS,
    forgotten_after: timedelta = FORGOTTEN_AFTER,
) -> tuple[list[int], list[Decision]]:
    """The engine over a list in order of arrival: a group for each voice, and why.

    Groups and decisions stand in the order of ``voices``, whatever that is; groups are numbered
    by the place of their first voice. Nothing is closed on the way.
    """
    order = sorted(range(len(voices)), key=lambda at: (voices[at].at, at))
    pool = Pool()
    group: dict[str, int] = {}
    groups = [0] * len(voices)
    decisions = [Decision("none")] * len(voices)
    for step, at in enumerate(order):
        voice = voices[at]
        if step % _TIDY_EVERY == 0:
            pool = Pool(
                case
                for case in pool.cases.values()
                if voice.at - case.voices[-1].at <= forgotten_after
            )
        decision = decide(voice, pool, settings=settings, weights=weights)
        decisions[at] = decision
        if decision.kind == "join" and decision.case is not None:
            pool.put(pool.cases[decision.case].with_voice(voice))
            groups[at] = group[decision.case]
        else:
            key = f"{at}"
            pool.put(Known(key, (voice,), voice.urgency))
            groups[at] = group[key] = at
    return groups, decisions
