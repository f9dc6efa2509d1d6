"""The book of cases that a signal may join, kept in each process that does triage.

Read whole once, then by what the journal says has changed: its order is the order of commits, so
nothing is missed. What a batch opens and joins is written into it at once, so that the next signal
of the same batch finds it. A batch that is rolled back leaves cases in it that never were; whoever
would join one finds no such case, and the book is read anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import SignalFacts
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.repository import BY_ENGINE, GUARD, KnownPrint
from streetwise.resolve.understand.hearing import Heard, voices
from streetwise.resolve.understand.merge import Decision, Known, Pool, Reason, decide
from streetwise.resolve.understand.merge import Voice as EngineVoice
from streetwise.resolve.understanding import Understood, as_heard

#: Longitude and latitude, WGS-84.
Point = tuple[float, float]
#: A pool is laid out anew when so large a share of its voices is of cases that are gone.
GONE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """A signal, or a part of one, as it is compared; ``further``: the other parts."""

    area: str
    voice: EngineVoice
    further: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """A case that may be the same: kind same or again; ``reasons``: ``[{code, params}]``."""

    case_id: UUID
    kind: str
    score: float
    reasons: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The case that a signal joins (None: a new one), why, on what grounds, and near ones."""

    case_id: UUID | None = None
    why: str = ""
    reason: dict[str, Any] | None = None
    offers: tuple[Near, ...] = ()


class Book:
    """Cases of all areas that a signal may join, or that it may bring back."""

    def __init__(self) -> None:
        self.seq = 0
        #: Entries about cases that this process wrote itself: what they say stands here already.
        self._own: Counter[UUID] = Counter()
        self._pools: dict[str, Pool] = {}
        self._area_of: dict[UUID, str] = {}

    # --- what is known ---------------------------------------------------------------------

    def put(self, rows: Iterable[KnownPrint]) -> None:
        """Add cases, or bring them up to date."""
        by_area: dict[str, list[Known]] = {}
        for row in rows:
            self._area_of[row.case_id] = row.area
            by_area.setdefault(row.area, []).append(known_of(row))
        for area, cases in by_area.items():
            self._pool(area).put(*cases)
            self._tidy(area)

    def drop(self, case_ids: Iterable[UUID]) -> None:
        """These are joined by nothing any more."""
        for one in case_ids:
            area = self._area_of.pop(one, None)
            if area is not None:
                self._pools[area].drop(str(one))
                self._tidy(area)

    def _tidy(self, area: str) -> None:
        """What is gone still takes room: laid out anew when much of it is."""
        pool = self._pools[area]
        if pool.gone > GONE_SHARE * len(pool):
            self._pools[area] = Pool(pool.cases.values())

    def wrote(self, entries: Iterable[Entry]) -> None:
        """These entries, which wait for their commit, are of what was added and joined here."""
        self._own = Counter(
            entry.subject
            for entry in entries
            if entry.subject_kind == "case" and entry.subject is not None
        )

    def news(self, entries: Counter[UUID]) -> set[UUID]:
        """The cases of which these entries say more than this process has written itself."""
        own, self._own = self._own, Counter()
        return {case_id for case_id, count in entries.items() if own.get(case_id) != count}

    def _pool(self, area: str) -> Pool:
        pool = self._pools.get(area)
        if pool is None:
            pool = self._pools[area] = Pool()
        return pool

    # --- a batch ---------------------------------------------------------------------------

    def voices(self, told: Sequence[tuple[SignalFacts, Understood]]) -> list[Told]:
        """What of each signal is compared; all at once, which costs as much as some."""
        flat: list[tuple[SignalFacts, Understood]] = []
        for signal, understood in told:
            flat += [(signal, one) for one in (understood, *understood.further)]
        made = iter(_told(flat))
        found = []
        for _, understood in told:
            first = next(made)
            further = tuple(next(made) for _ in understood.further)
            found.append(Told(first.area, first.voice, further))
        return found

    def decide(self, told: Told) -> Verdict:
        """The case of the same problem, or a new one with offers of those that are near."""
        decision = decide(told.voice, self._pool(told.area))
        if decision.kind == "join":
            assert decision.case is not None
            return Verdict(
                UUID(decision.case),
                BY_ENGINE,
                {"score": round(decision.score, 3), "steps": _steps(decision.reasons)},
            )
        return Verdict(offers=tuple(self._near(told.area, decision)))

    def _near(self, area: str, decision: Decision) -> list[Near]:
        pool = self._pool(area)
        ranked = [(one.case, one.score, one.reasons) for one in decision.offers]
        if decision.kind == "again" and decision.case is not None:
            ranked.insert(0, (decision.case, decision.score, decision.reasons))
        return [
            Near(
                UUID(case),
                "same" if pool.cases[case].closed_at is None else "again",
                round(score, 3),
                tuple(_steps(reasons)),
            )
            for case, score, reasons in ranked
        ]

    def add(self, case_id: UUID, told: Told) -> None:
        """A case was opened from this."""
        self._area_of[case_id] = told.area
        self._pool(told.area).put(Known(str(case_id), (told.voice,), told.voice.urgency))

    def joined(self, case_id: UUID, told: Told) -> bool:
        """This joined a case; whether that one is in the book."""
        pool = self._pool(told.area)
        known = pool.cases.get(str(case_id))
        if known is None:
            return False
        pool.put(known.with_voice(told.voice))
        return True

    def kept(self, case_ids: Iterable[UUID]) -> list[KnownPrint]:
        """What of these cases is to be stored."""
        rows = []
        for case_id in case_ids:
            area = self._area_of.get(case_id)
            known = self._pools[area].cases.get(str(case_id)) if area else None
            if area is not None and known is not None:
                rows.append(print_of(case_id, area, known))
        return rows


def _told(flat: Sequence[tuple[SignalFacts, Understood]]) -> list[Told]:
    made = voices([_heard(signal, one) for signal, one in flat])
    return [Told(signal.area, voice) for (signal, _), voice in zip(flat, made, strict=True)]


def _heard(signal: SignalFacts, understood: Understood) -> Heard:
    part = understood.part
    return as_heard(
        str(signal.id),
        signal.reported_at,
        (signal.title, signal.text) if part is None else (None, part),
        understood.category,
        understood.place,
        channel=signal.source_code,
        refers=(str(signal.refers_to),) if signal.refers_to else (),
        urgency=1 if understood.urgent_why is not None else 0,
    )


def _steps(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """The reasons that weigh most, for and against, first."""
    ordered = sorted(reasons, key=lambda one: -abs(one.weight))
    return [
        {"code": one.code, "params": {**one.params, "weight": round(one.weight, 1)}}
        for one in ordered
    ]


# --- stored ----------------------------------------------------------------------------------


def print_of(case_id: UUID, area: str, known: Known) -> KnownPrint:
    """A case of the book as a row."""
    voices = [
        {
            "id": one.id,
            "at": one.at.isoformat(),
            "size": len(one.text),
            "named": len(one.names),
            "place": one.place,
            "above": list(one.above),
            "lon": one.lon,
            "lat": one.lat,
            "metres": one.metres,
            "classes": [[*cls, round(p, 3)] for cls, p in one.classes],
            "marks": sorted(map(list, one.marks)),
            "channel": one.channel,
            "urgency": one.urgency,
        }
        for one in known.voices
    ]
    until = known.closed_at + GUARD if known.closed_at else None
    text = b"".join(one.text + one.names for one in known.voices)
    return KnownPrint(case_id, area, until, {"voices": voices, "urgency": known.urgency}, text)


def known_of(row: KnownPrint) -> Known:
    """A row as a case of the book."""
    voices, at = [], 0
    for one in row.voice["voices"]:
        middle = at + one["size"]
        end = middle + one["named"]
        text, named, at = row.print[at:middle], row.print[middle:end], end
        voices.append(
            EngineVoice(
                id=one["id"],
                at=datetime.fromisoformat(one["at"]),
                text=text,
                place=one["place"],
                above=tuple(one["above"]),
                lon=one["lon"],
                lat=one["lat"],
                metres=one["metres"],
                classes=tuple(((scheme, code), p) for scheme, code, p in one["classes"]),
                marks=frozenset((kind, value) for kind, value in one["marks"]),
                names=named,
                channel=one["channel"],
                urgency=one["urgency"],
            )
        )
    closed_at = row.until - GUARD if row.until else None
    return Known(str(row.case_id), tuple(voices), row.voice["urgency"], closed_at)


def corrected(row: KnownPrint, cls: tuple[str, str] | None, point: Point | None) -> KnownPrint:
    """The row where an officer has said what class the case is of, and where."""
    known = known_of(row)
    voices = []
    for voice in known.voices:
        if cls is not None:
            voice = replace(voice, classes=((cls, 1.0),))
        if point is not None:
            lon, lat = point
            voice = replace(voice, place=None, above=(), lon=lon, lat=lat, metres=30.0)
        voices.append(voice)
    return print_of(row.case_id, row.area, replace(known, voices=tuple(voices)))


def with_voices_of(row: KnownPrint, other: KnownPrint) -> KnownPrint:
    """The row of a case that took in the voices of another."""
    known = known_of(row)
    for voice in known_of(other).voices:
        known = known.with_voice(voice)
    return print_of(row.case_id, row.area, known)


def without(row: KnownPrint, signals: Set[UUID]) -> KnownPrint:
    """The row without the voices of these signals; the last one stays, whichever it is."""
    known = known_of(row)
    ids = {str(one) for one in signals}
    left = tuple(voice for voice in known.voices if voice.id not in ids) or known.voices[:1]
    return print_of(row.case_id, row.area, replace(known, voices=left))


# --- kept by the process -----------------------------------------------------------------------


@dataclass
class _Books:
    """One for each database that this process is connected to."""

    by_engine: WeakKeyDictionary[object, Book] = field(default_factory=WeakKeyDictionary)


_BOOKS = _Books()


async def book_of(session: AsyncSession, viewer: Viewer, now: datetime) -> Book:
    """The book as the database has it now. The caller holds ``lock_triage``."""
    book = _BOOKS.by_engine.get(session.bind)
    if book is None:
        book = Book()
        book.seq = await repository.last_seq(session, viewer)
        book.put(await repository.prints(session, viewer, now))
        _BOOKS.by_engine[session.bind] = book
        return book
    book.seq, entries = await repository.touched_since(session, viewer, book.seq)
    touched = book.news(entries)
    if touched:
        rows = await repository.prints(session, viewer, now, ids=touched)
        book.put(rows)
        book.drop(touched - {row.case_id for row in rows})
    return book


def forget_book(session: AsyncSession) -> None:
    """It does not say what the database says: read it anew."""
    _BOOKS.by_engine.pop(session.bind, None)
