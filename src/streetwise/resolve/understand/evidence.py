"""What speaks for and against two signals telling of the same problem, as log-odds. Pure.

Each kind of evidence adds to one sum; :data:`WEIGHTS` says how much and why, and the reasons that
an officer reads are the terms of that sum. The numbers were reasoned by hand (what is the chance
of this if it is the same problem, what if it is another?) and adjusted on the town of seed 11;
how they do elsewhere is in docs/decisions/0030-merging.md. They say what may be the same. Whether
a voice joins by itself is weighed once more by :func:`joining`: the same sum with numbers that were
fitted to two made towns.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from streetwise.kernel.geo import EARTH_RADIUS_M
from streetwise.resolve.understand.kinds import Class, Kind, kind_of
from streetwise.resolve.understand.marks import Marks
from streetwise.resolve.understand.similar import telling, weights_of

__all__ = [
    "WEIGHTS", "Evidence", "Reason", "Voice", "Weights", "joining", "metres_apart", "weigh",
]  # fmt: skip

#: Points of straight lines: at, log-odds.
Table = tuple[tuple[float, float], ...]
#: Of most things of the street (data/kinds.yaml).
USUAL_HALF_LIFE_HOURS = 48.0


@dataclass(frozen=True, slots=True)
class Voice:
    """One signal, as far as merging needs it. No text, and nothing that names a person.

    ``text``: a print (see ``similar.py``). ``place``: code of the gazetteer, ``above``: codes of
    what it lies in, nearest first. ``lon``, ``lat``: WGS-84; ``metres``: how far the true spot
    may be from there. ``classes``: best first, with probabilities; what is missing to 1 is
    "something else". ``names``: a print of the names of places in the text (``marks.names``).
    ``reporter``: an opaque key that says only "the same one again". ``refers``: ids of signals or
    cases that it comes back to. ``urgency``: higher is more urgent. ``alarm``: of a device or of
    a kind that endangers people.
    """

    id: str
    at: datetime
    text: bytes
    place: str | None = None
    above: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    metres: float = 30.0
    classes: tuple[tuple[Class, float], ...] = ()
    marks: Marks = frozenset()
    names: bytes = b""
    channel: str = ""
    reporter: str | None = None
    refers: tuple[str, ...] = ()
    urgency: int = 0
    alarm: bool = False

    @property
    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude, where known."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds (natural logarithm) that a piece of evidence adds, each with its reason."""

    #: Of all signals of the last days within a street, some one in sixty is of the same problem.
    prior: float = -4.5
    #: Another problem at random lies within some 2 km: the chance that it lies this near by
    #: accident shrinks with the area in which both may be, so a wide place (a road) says less.
    #: ``ln(wide / (uncertainty + reach))``, at most ``near_most``.
    wide_metres: float = 2_000.0
    near_most: float = 3.6
    #: The same entry of the gazetteer was named: names are seldom wrong, points are at times.
    same_place: float = 1.0
    #: Too far apart for the reach of the kind and both uncertainties: more than the same class at
    #: the same hour in the very same words, which are then offered and not joined.
    far: float = -7.0
    #: Building 3 and building 5 of one compound, two shops of a road.
    sibling: float = -4.0
    #: Two names of different places, neither of which lies in the other: people seldom say the
    #: wrong one, even where both are near.
    other_place: float = -2.0
    #: One place is what the other lies in, as the next larger one.
    within_place: float = 0.0
    #: Names of places in the texts, without a gazetteer: shared wholly, not at all.
    names_shared: float = 4.0
    names_differ: float = -1.5
    #: So much shared weight (255 is one pair that no other text has) is no accident.
    names_sure: float = 450.0
    #: Same class for sure: one problem in a dozen shares it by accident.
    same_class: float = 2.3
    #: Different classes for sure. Not more: neighbouring classes are confused by operators.
    other_class: float = -4.0
    #: What of the class's log-odds counts.
    class_share: float = 1.0
    #: Likeness of words -> log-odds. Two strangers on one matter reach 0.1 to 0.3; more than 0.6
    #: is hardly ever written twice by chance.
    words: Table = (
        (0.0, -1.5), (0.05, -0.8), (0.1, 0.0), (0.2, 1.0), (0.35, 2.2), (0.6, 4.5), (0.85, 6.5),
        (1.0, 8.0),
    )  # fmt: skip
    #: Voices of one problem come thick at first and thin out with the half-life of its kind;
    #: another problem of the kind comes at any time of the month before. So the ratio is
    #: ``ln(month / tau) - hours / tau``, ``tau = half-life / ln 2``; never below ``long_ago``,
    #: for what is not solved is told again after months, and likeness of words may outweigh that.
    month_hours: float = 720.0
    long_ago: float = -4.0
    #: Hours apart -> log-odds, instead of the half-life; what share of :func:`quickness` counts.
    hours: Table = ()
    quick: float = 0.0
    #: Marks of one kind that differ, or agree. Gates, corners and units are said loosely: two
    #: neighbours stand at different gates of the same trouble.
    marks_differ: dict[str, float] = field(
        default_factory=lambda: {
            "building": -3.0, "number": -2.5, "pole": -4.0, "line": -2.5, "unit": -0.2,
            "gate": -0.5, "corner": -0.2, "code": -1.5,
        }
    )  # fmt: skip
    marks_agree: dict[str, float] = field(
        default_factory=lambda: {
            "building": 1.0, "number": 1.5, "pole": 4.0, "line": 1.0, "unit": 0.3,
            "gate": 0.5, "corner": 0.3, "code": 0.7,
        }
    )  # fmt: skip
    #: Where the whole yard has it, numbers in it tell less apart.
    area_share: float = 0.25
    #: A whole letter word for word, where no place speaks against it: sent again, however late.
    same_text: float = 3.0
    #: The same person comes back, mostly about the same thing.
    same_reporter: float = 0.7
    #: Says itself that it comes back to that one.
    refers: float = 20.0


WEIGHTS = Weights()


@cache
def joining() -> Weights:
    """The numbers of data/joining.yaml: fitted, and only for voices whose places are known."""
    path = resources.files("streetwise.resolve.understand") / "data" / "joining.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for table in ("words", "hours"):
        content[table] = tuple((float(at), float(worth)) for at, worth in content[table])
    return replace(WEIGHTS, **content)


@dataclass(frozen=True, slots=True)
class Reason:
    """A term of the sum: ``code`` and ``params`` for the screen, ``weight`` in log-odds."""

    code: str
    params: dict[str, Any]
    weight: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sum, its terms, and whether the place is known well enough to join by it.

    ``located``: both sides have a point.
    """

    log_odds: float
    reasons: tuple[Reason, ...]
    placed: bool
    words: float
    located: bool = False

    @property
    def score(self) -> float:
        """Probability, 0 to 1."""
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.log_odds))))


def weigh(new: Voice, old: Voice, likeness: float, weights: Weights = WEIGHTS) -> Evidence:
    """All evidence on two voices. ``likeness``: of their prints, 0 to 1. Symmetric but for time."""
    kind = _kind(new, old)
    place = _place(new, old, kind, weights)
    names = _names(new, old, weights) if place is None else None
    cls = _class(new, old, weights)
    same_class = cls.params["p"] if cls else 0.0
    terms = [
        place or names or Reason("place_unknown", {}, 0.0),
        cls,
        _words(new, old, likeness, same_class, weights),
        _time(new, old, kind, weights),
        *_marks(new, old, kind, weights),
    ]
    if likeness >= 1 and place is None and telling(new.text) >= 1:
        terms.append(Reason("same_text", {}, weights.same_text))
    if new.reporter and new.reporter == old.reporter:
        terms.append(Reason("same_reporter", {}, weights.same_reporter))
    if old.id in new.refers or new.id in old.refers:
        terms.append(Reason("refers", {"id": old.id}, weights.refers))
    reasons = tuple(term for term in terms if term is not None)
    known = place or names
    return Evidence(
        weights.prior + sum(reason.weight for reason in reasons),
        reasons,
        placed=known is not None and known.weight > 0,
        words=likeness,
        located=place is not None,
    )


def _kind(new: Voice, old: Voice) -> Kind:
    """Of the surer of the two first guesses; a case's kind is what an officer may have set."""
    best = max((old, new), key=lambda voice: voice.classes[0][1] if voice.classes else 0.0)
    return kind_of(best.classes[0][0] if best.classes else None)


def _place(new: Voice, old: Voice, kind: Kind, weights: Weights) -> Reason | None:
    """Same name, siblings, or metres; None where one side's place is unknown."""
    metres = metres_apart(new, old)
    if metres is None:
        return None
    blur = math.hypot(new.metres, old.metres) + kind.reach_metres
    near = min(weights.near_most, math.log(weights.wide_metres / (blur + 20.0)))
    if new.place and new.place == old.place:
        params = {"place": new.place, "metres": round(metres)}
        return Reason("same_place", params, near + weights.same_place)
    part = math.exp(-((metres / blur) ** 2))
    weight = near * part + weights.far * (1 - part)
    params = {"metres": round(metres)}
    if _siblings(new, old) and not kind.area:
        return Reason("sibling_places", params, min(weight, weights.sibling))
    if new.place in old.above[:1] or old.place in new.above[:1]:
        return Reason("metres_apart", params, weight + weights.within_place)
    if new.place and old.place and new.place not in old.above and old.place not in new.above:
        return Reason("other_place", params, weight + weights.other_place)
    return Reason("metres_apart", params, weight)


def _siblings(new: Voice, old: Voice) -> bool:
    """Two different entries that lie in the same third one."""
    return bool(new.place and old.place and new.above and old.above) and (
        new.above[0] == old.above[0] and new.place != old.place
    )


def metres_apart(one: Voice, other: Voice) -> float | None:
    """Distance of the points, flat at this scale; None where one is unknown."""
    a, b = one.point, other.point
    if a is None or b is None:
        return None
    east = math.radians(a[0] - b[0]) * math.cos(math.radians(a[1]))
    return EARTH_RADIUS_M * math.hypot(east, math.radians(a[1] - b[1]))


def _names(new: Voice, old: Voice, weights: Weights) -> Reason | None:
    """What share of the rarer side's names is in the other, and how rare that is."""
    mine, theirs = weights_of(new.names), weights_of(old.names)
    if not mine or not theirs:
        return None
    both = sum(min(weight, theirs[gram]) for gram, weight in mine.items() if gram in theirs)
    share = both / min(sum(mine.values()), sum(theirs.values()))
    # One rare pair of characters, or two common ones, may be in two names by chance.
    sure = min(1.0, both / weights.names_sure)
    # A long letter names much on the way: what is shared counts, and little is against it.
    weight = max(share, sure) * sure * weights.names_shared + (1 - sure) * weights.names_differ
    return Reason("names_shared", {"share": round(share, 2)}, weight)


def _class(new: Voice, old: Voice, weights: Weights) -> Reason | None:
    """Chance that both are of one class, against the chance by accident."""
    if not new.classes or not old.classes:
        return None
    theirs = dict(old.classes)
    same = sum(p * theirs.get(cls, 0.0) for cls, p in new.classes)
    # What neither list names: it may be the other's, as by accident.
    rest = 1 - sum(p for _, p in new.classes) * sum(theirs.values())
    by_accident = math.exp(-weights.same_class)
    least = math.exp(weights.other_class)
    ratio = (same + max(0.0, rest) * by_accident) / by_accident
    cls = max(new.classes, key=lambda one: one[1] * theirs.get(one[0], 0.0))[0]
    which = "same_class" if same > by_accident else "other_class"
    params = {"class": ":".join(cls), "p": round(same, 2)}
    return Reason(which, params, weights.class_share * math.log(max(least, ratio)))


def _words(new: Voice, old: Voice, likeness: float, same_class: float, weights: Weights) -> Reason:
    weight = _between(weights.words, likeness)
    # Different words for what is known to be of one class: people say it in many ways.
    if weight < 0:
        weight *= 1 - same_class
    # A few words are alike by chance, and unlike by chance.
    weight *= min(telling(new.text), telling(old.text))
    return Reason("words", {"likeness": round(likeness, 2)}, weight)


def _between(table: Table, at: float) -> float:
    """Straight lines between the points of a table that begins at 0."""
    behind = bisect_left(table, (at,))
    if behind in (0, len(table)):
        return table[min(behind, len(table) - 1)][1]
    (left, low), (right, high) = table[behind - 1], table[behind]
    return low + (high - low) * (at - left) / (right - left)


def _time(new: Voice, old: Voice, kind: Kind, weights: Weights) -> Reason:
    hours = abs((new.at - old.at).total_seconds()) / 3600
    if weights.hours:
        weight = _between(weights.hours, hours) + weights.quick * quickness(kind)
    else:
        tau = kind.half_life_hours / math.log(2)
        weight = max(weights.long_ago, math.log(weights.month_hours / tau) - hours / tau)
    return Reason("hours_apart", {"hours": round(hours, 1)}, weight)


def quickness(kind: Kind) -> float:
    """Problems that are handled quickly seldom overlap: two at once are the more likely one."""
    return math.log(USUAL_HALF_LIFE_HOURS / kind.half_life_hours)


def _marks(new: Voice, old: Voice, kind: Kind, weights: Weights) -> list[Reason]:
    found = []
    mine, theirs = _by_kind(new.marks), _by_kind(old.marks)
    for what in sorted(mine.keys() & theirs.keys()):
        if mine[what] & theirs[what]:
            values = sorted(mine[what] & theirs[what])
            found.append(
                Reason("same_mark", {"kind": what, "values": values}, weights.marks_agree[what])
            )
        else:
            share = weights.area_share if kind.area or _next_door(what, mine, theirs) else 1.0
            params = {"kind": what, "new": sorted(mine[what]), "old": sorted(theirs[what])}
            found.append(Reason("other_mark", params, weights.marks_differ[what] * share))
    return found


#: "Opposite 4" and "before 5" are one spot of a road.
NEXT_DOOR = 4


def _next_door(what: str, mine: dict[str, set[str]], theirs: dict[str, set[str]]) -> bool:
    """Whether two numbers of a road are neighbours."""
    if what != "number":
        return False
    return any(
        abs(int(a.split("-")[0]) - int(b.split("-")[0])) <= NEXT_DOOR
        for a in mine[what]
        for b in theirs[what]
    )


def _by_kind(marks: Marks) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for kind, value in marks:
        kinds.setdefault(kind, set()).add(value)
    return kinds
