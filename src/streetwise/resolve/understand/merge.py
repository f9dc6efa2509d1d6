"""Does a signal tell of a problem that is known already? 一事一案. Pure.

``decide`` weighs a new voice against open cases and says

* ``join``: the same problem of an open case, surely enough;
* ``again``: the same problem, of a case closed not long ago: ask whether it has come back;
* ``offer``: perhaps; an officer is shown the near ones and decides;
* ``none``: a case of its own.

What is near, and what has come back, is weighed by reasoned numbers (``evidence.WEIGHTS``). Joining
is weighed once more where both places are known, by fitted ones (``evidence.joining``): they were
fitted to what goes on at one time, and know nothing of what comes back after days.

Rules that no score overrides:

* **A merge adds a voice and hides nothing.** A voice more urgent than the case raises it
  (``raises``). An alarm, of a device or of a kind that endangers people, never joins a less
  urgent case by itself: it gets a case of its own and the other one is offered.
* A case is known by its first voices and its last one. Words and hours may fit any of them; place,
  class and marks count as against the **first** that has a place, if they fit it less: so that a
  chain of neighbours does not wander down the street. Who names the same place as one of them is
  held against the average of the first, the best and the last instead: one voice heard wrongly
  does not keep the others out.
* Where the place of one side is unknown, only nearly the same words join.
* What an officer has taken apart is neither joined nor offered again.
* Among several cases the best; a worse one more never changes that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from streetwise.resolve.understand.evidence import (
    WEIGHTS,
    Evidence,
    Reason,
    Voice,
    Weights,
    joining,
    weigh,
)
from streetwise.resolve.understand.pool import Known, Near, Pool

__all__ = [
    "Decision", "Known", "Offer", "Pool", "Reason", "Settings", "Voice", "decide", "within",
]  # fmt: skip

OFFERS_MAX = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What a street may set. Scores are probabilities.

    A wrong merge hides a problem, a missed one is offered: so each threshold of joining stands
    where the measured precision is high (docs/decisions/0030-merging.md).
    """

    #: Both places are known: by the fitted numbers.
    join_from: float = 0.85
    #: The place of one side is unknown; and of a closed case: by the reasoned numbers.
    join_unplaced_from: float = 0.97
    again_from: float = 0.97
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
    """What to do with a new voice. ``case``, ``score`` and ``reasons`` are of the best match,
    by the numbers that decided: of a join where both places are known, the fitted ones.

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
    fitted: Weights | None = None,
) -> Decision:
    """What to do with ``new``. ``apart``: ids of cases that an officer separated it from.

    ``fitted``: what joining is weighed by where both places are known (``evidence.joining()``).
    """
    fitted = fitted or joining()
    pool = candidates if isinstance(candidates, Pool) else Pool(candidates)
    bound = math.log(settings.offer_from / (1 - settings.offer_from))
    found, sure = [], []
    for near in pool.near(new, weights, bound):
        if near.case.id in apart or not _alive(near.case, new, settings):
            continue
        evidence = _against(new, near, weights)
        if evidence.log_odds >= bound:
            found.append((near.case, evidence))
            joins = _joins(new, near, evidence, settings, fitted)
            if joins is not None:
                sure.append((near.case, joins))
    # Of equals the one opened earlier, then by id: the order of the candidates is no evidence.
    found.sort(key=_best_first)
    sure.sort(key=_best_first)
    if not found:
        return Decision("none")
    case, evidence = (sure or found)[0]
    kind: Literal["join", "again", "offer"] = "offer"
    if sure:
        kind = "join"
    elif _comes_back(new, case, evidence, settings):
        kind = "again"
    rest = found if kind == "offer" else [one for one in found if one[0] is not case]
    offers = tuple(Offer(c.id, e.score, e.reasons) for c, e in rest[:OFFERS_MAX])
    reasons = evidence.reasons
    if kind == "offer" and _silences(new, case):
        reasons = (*reasons, Reason("alarm_not_silent", {}, 0.0))
    raises = kind != "offer" and new.urgency > case.urgency
    return Decision(kind, case.id, evidence.score, reasons, raises, offers)


def _best_first(found: tuple[Known, Evidence]) -> tuple[float, datetime, str]:
    case, evidence = found
    return -evidence.log_odds, case.voices[0].at, case.id


def _alive(case: Known, new: Voice, settings: Settings) -> bool:
    """Open, or closed within its guard time."""
    closed = case.closed_at
    return closed is None or new.at - closed <= timedelta(days=settings.guard_days)


def _joins(
    new: Voice, near: Near, evidence: Evidence, settings: Settings, fitted: Weights
) -> Evidence | None:
    """The evidence by which the voice joins this open case by itself; None where it does not.

    ``evidence``: by the reasoned numbers.
    """
    if near.case.closed_at is not None or _silences(new, near.case):
        return None
    enough = settings.join_unplaced_from
    if evidence.located:
        evidence, enough = _against(new, near, fitted), settings.join_from
    return evidence if evidence.score >= enough and _known(evidence, settings) else None


def _comes_back(new: Voice, case: Known, evidence: Evidence, settings: Settings) -> bool:
    """The same as a closed one: surely enough to ask."""
    if case.closed_at is None or _silences(new, case):
        return False
    return evidence.score >= settings.again_from and _known(evidence, settings)


def _known(evidence: Evidence, settings: Settings) -> bool:
    """By its place, by nearly the same words, or because it says so itself."""
    referred = any(reason.code == "refers" for reason in evidence.reasons)
    return evidence.placed or evidence.words >= settings.words_alone or referred


def _silences(new: Voice, case: Known) -> bool:
    """Joining would let an alarm vanish in something less urgent."""
    return new.alarm and new.urgency > case.urgency


def _against(new: Voice, near: Near, weights: Weights) -> Evidence:
    """The case's best voice, brought down where the others' place, class and marks fit less."""
    each = [weigh(new, old, likeness, weights) for old, likeness in near.voices]
    best = max(each, key=lambda evidence: evidence.log_odds)
    # What is unknown of a voice does not speak against it.
    each = [one for one in each if one.located == best.located]
    first = each[0]
    if best is first:
        return first
    # Who only fits the last one stands at a chain's end; but a name ties it to one spot.
    if best.reasons[0].code == "same_place":
        usual = sum(map(_lasting, each)) / len(each)
    else:
        usual = _lasting(first)
    drop = min(0.0, usual - _lasting(best))
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
