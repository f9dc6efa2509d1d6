"""Rows of resolve."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import NAMES_A_FILE, Base, Time, Uuid
from streetwise.kernel.grades import grades

#: What the rule looks at that says who may see a case, beside its area.
_WHOSE = ("grade", "unit_id", "community_id", "party_ids")
#: What says who may not check it.
_MAKERS = ("reported_by", "reported_for")


class Case(Base):
    """Case 事件: one problem at one place, with its loop."""

    __tablename__ = "cases"
    __grades__ = grades(
        {
            (2, "report"): "title urgent_why",
            (2, "place"): "place_text place_why place_ranked lon lat grid_id community_id",
            (2, "work"): (
                "number area state nature category_scheme category_version "
                "category_code category_condition category_why unit_id priority "
                "opened_at due_at due_why closed_at reported_by voices photos reworked "
                "order_attention reported_for parent_id merged_into doubts category_ranked "
                "matter returned reopened extended suspended suspended_until asked outcome "
                "outcome_body lead_unit_id party_ids parties_left returned_from parties appeal "
                "clock_scheme nature_state nature_why "
                "check_draw check_way"
            ),
            (2, "system"): "search",
            (1, "system"): "id version grade",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    state: Mapped[str] = mapped_column(Text)
    nature: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    category_scheme: Mapped[str | None] = mapped_column(Text)
    category_version: Mapped[str | None] = mapped_column(Text)
    category_code: Mapped[str | None] = mapped_column(Text)
    category_condition: Mapped[str | None] = mapped_column(Text)
    category_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    place_text: Mapped[str | None] = mapped_column(Text)
    place_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    community_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    priority: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Time)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    due_why: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    closed_at: Mapped[datetime | None] = mapped_column(Time)
    reported_by: Mapped[UUID | None] = mapped_column(Uuid)
    #: Whom the reporter stood in for: neither of the two may check.
    reported_for: Mapped[UUID | None] = mapped_column(Uuid)
    voices: Mapped[int] = mapped_column(Integer)
    photos: Mapped[int] = mapped_column(Integer)
    reworked: Mapped[int] = mapped_column(Integer)
    grade: Mapped[int] = mapped_column(SmallInteger)
    #: "returned" or "unresolved" while one of its work orders asks for attention.
    order_attention: Mapped[str | None] = mapped_column(Text)
    #: The case that this one hangs under: several with one cause (一因多案).
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    #: The case that an officer found to be the same; this one is closed and empty then.
    merged_into: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    #: What the engines were unsure of and nobody has decided: category, place, merge, again.
    doubts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: The three likeliest classes ``[{scheme, code, confidence}]``.
    category_ranked: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    #: Candidates ``[{code, name, lon, lat, confidence}]`` where the place is not sure.
    place_ranked: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    #: The words that made it urgent, ``{code, params}``.
    urgent_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: What lies heavy in the matter (long waiting, many affected): ``[{code, params}]``.
    matter: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    search: Mapped[list[str]] = mapped_column(ARRAY(Text), deferred=True)
    #: How often a unit returned it (退回), how often it was opened again, how often its time was
    #: extended, and suspended (挂账); until when it is.
    returned: Mapped[int] = mapped_column(SmallInteger)
    reopened: Mapped[int] = mapped_column(SmallInteger)
    extended: Mapped[int] = mapped_column(SmallInteger)
    suspended: Mapped[int] = mapped_column(SmallInteger)
    suspended_until: Mapped[datetime | None] = mapped_column(Time)
    #: What is asked for and not decided: extension, suspension.
    asked: Mapped[str | None] = mapped_column(Text)
    #: How it ended where that is not "fixed": a code, and who is right instead.
    outcome: Mapped[str | None] = mapped_column(Text)
    outcome_body: Mapped[str | None] = mapped_column(Text)
    #: The unit that first signed for it and leads (首接负责).
    lead_unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    #: Units called to help (吹哨报到); they see the case. How many were not released yet.
    party_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    parties_left: Mapped[int] = mapped_column(SmallInteger)
    #: The unit that returned it last; given to it again, the case goes to and fro.
    returned_from: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    #: How far each unit of ``party_ids`` is, ``{unit: called | here | reported | released}``;
    #: NULL while none was ever called.
    parties: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    #: The one appeal (申诉): ``{state: asked | seconded | granted | refused, people: [...]}``, who
    #: has said something of it.
    appeal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: Whether its last report is to be looked at, and why, ``{drawn, code, params}``; how the last
    #: check was made (verify/ways.py).
    check_draw: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    check_way: Mapped[str | None] = mapped_column(Text)
    #: Whose rules its own clock follows (what may be extended and suspended); None: it has none,
    #: and is due when upstream says.
    clock_scheme: Mapped[str | None] = mapped_column(Text)
    #: How sure the nature is and by which words, ``{code, params}``.
    nature_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: How far a hazard or a dispute is in its own loop (hazards/loop.py, disputes/loop.py); None
    #: for the others, and for what was closed before it came here.
    nature_state: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        # The lists that are open all day: what is open, by deadline; everything, by age. With
        # them what says who may see a case, so that counting reads the index alone.
        Index(
            "cases_open_due",
            "area",
            text("COALESCE(due_at, 'infinity'::timestamptz)"),
            "id",
            postgresql_where=text("state <> 'closed'"),
            postgresql_include=["due_at", "state", "priority", *_MAKERS, *_WHOSE],
        ),
        # Of those the few that go before all others.
        Index(
            "cases_open_high",
            "area",
            text("COALESCE(due_at, 'infinity'::timestamptz)"),
            "id",
            postgresql_where=text("state <> 'closed' AND priority = 'high'"),
            postgresql_include=["state", *_MAKERS, *_WHOSE],
        ),
        Index("cases_opened", "area", "opened_at", "id", postgresql_include=["state", *_WHOSE]),
        Index(
            "cases_closed",
            "area",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
            postgresql_include=["due_at", *_WHOSE],
        ),
        # Who does not see whole areas sees by these.
        Index("cases_unit", "unit_id", "opened_at"),
        Index("cases_community", "community_id", "opened_at"),
        Index("cases_search", "search", postgresql_using="gin"),
        Index(
            "cases_order_attention", "area", postgresql_where=text("order_attention IS NOT NULL")
        ),
        Index("cases_open_place", "area", "lat", "lon", postgresql_where=text("state <> 'closed'")),
        Index(
            "cases_doubted",
            "area",
            "opened_at",
            "id",
            postgresql_where=text("doubts <> '{}' AND state <> 'closed'"),
        ),
        Index("cases_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        # What came back from a unit: few, and looked for among all.
        Index("cases_returned", "area", "opened_at", "id", postgresql_where=text("returned > 0")),
        # What was appealed about: few, and closed.
        Index(
            "cases_appeals", "area", "opened_at", "id", postgresql_where=text("appeal IS NOT NULL")
        ),
        # Cases that units were ever called to: those units find them among a million.
        Index("cases_parties", "area", "opened_at", postgresql_where=text("parties IS NOT NULL")),
        Index("cases_hazards", "area", "opened_at", postgresql_where=text("nature = 'hazard'")),
        Index("cases_disputes", "area", "opened_at", postgresql_where=text("nature = 'dispute'")),
    )


#: The columns of a new case for the ways back.
NOTHING_HAPPENED: Mapping[str, Any] = {
    "returned": 0,
    "reopened": 0,
    "extended": 0,
    "suspended": 0,
    "suspended_until": None,
    "asked": None,
    "outcome": None,
    "outcome_body": None,
    "lead_unit_id": None,
    "party_ids": [],
    "parties_left": 0,
    "returned_from": None,
    "parties": None,
    "appeal": None,
    "clock_scheme": None,
    "check_draw": None,
    "check_way": None,
}


def class_of(case: Case) -> tuple[str, str, str] | None:
    """(scheme, version, code) of its class; None where it has none."""
    if case.category_scheme and case.category_version and case.category_code:
        return case.category_scheme, case.category_version, case.category_code
    return None


def units_of(case: Case) -> list[UUID]:
    """The units that see the case, wherever its entries are to be seen: who holds it, where it
    lies, who was called to it.
    """
    return sorted({one for one in (case.unit_id, case.community_id, *case.party_ids) if one})


class CaseSignal(Base):
    """Which signals feed a case, and why each is there.

    ``part``: 0, or which further problem of a message with several. ``reason``: what a merge was
    decided on, ``{score, steps: [{code, params}]}``.
    """

    __tablename__ = "case_signal"
    __grades__ = grades(
        {
            (2, "work"): "signal_id part case_id why joined_at",
            (2, "report"): "reason",
            (4, "secret"): "text_hash",
        }
    )
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"), primary_key=True)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    why: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime] = mapped_column(Time)
    text_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    __table_args__ = (
        Index("case_signal_case", "case_id", "signal_id"),
        Index("case_signal_text", "text_hash", postgresql_where=text("text_hash IS NOT NULL")),
    )


class Aside(Base):
    """A signal that is no case: a thanks, a question, nonsense. Nothing is lost: it is read, and
    answered or opened as a case after all.

    ``state``: open, settled (read, or answered), case (an officer opened one). ``why``:
    ``[{code, params}]``.
    """

    __tablename__ = "aside"
    __grades__ = grades(
        {
            (2, "work"): "signal_id area kind state made_at settled_at",
            (2, "report"): "why",
        }
    )
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"), primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    kind: Mapped[str] = mapped_column(Text)
    why: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Time)
    settled_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        Index("aside_open", "area", "made_at", postgresql_where=text("state = 'open'")),
    )


class Note(Base):
    """Free text of an action, masked. Never edited; journal entries refer to it."""

    __tablename__ = "note"
    __grades__ = grades(
        {
            (2, "report"): "text",
            (2, "work"): "case_id kind author written_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (Index("note_case", "case_id"),)


class Photo(Base):
    """A photo; ``case_id`` is empty until an action attaches it.

    ``lon``, ``lat``, ``accuracy_metres``, ``taken_at``: where and when the browser of who took it
    said that it was (of a check only, and only if that person let it); never read from the file.
    """

    __tablename__ = "photo"
    __grades__ = grades(
        {
            (2, "place"): "lon lat accuracy_metres taken_at",
            (2, "work"): "case_id bytes width height uploaded_by uploaded_at",
            (4, "secret"): "digest",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary, info=NAMES_A_FILE)
    bytes: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    uploaded_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Time)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    accuracy_metres: Mapped[float | None] = mapped_column(Float)
    taken_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (Index("photo_case", "case_id"),)


class Counter(Base):
    """The next case number of an area and day; its row lock keeps numbers without gaps."""

    __tablename__ = "case_counter"
    __grades__ = grades(
        {
            (1, "system"): "key used",
        }
    )
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    used: Mapped[int] = mapped_column(Integer)


class CaseParty(Base):
    """A unit called to a case (吹哨报到): it arrives, reports, and is released by the lead unit.

    ``ground``: why it was called. ``due_at``: by when it must have reported. One call at a time;
    released, it can be called again.
    """

    __tablename__ = "case_party"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id unit_id ground called_at called_by note_id due_at arrived_at "
                "arrived_by reported_at reported_by report_note_id released_at released_by"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    ground: Mapped[str] = mapped_column(Text)
    called_at: Mapped[datetime] = mapped_column(Time)
    called_by: Mapped[str] = mapped_column(Text)
    note_id: Mapped[UUID | None] = mapped_column(Uuid)
    due_at: Mapped[datetime] = mapped_column(Time)
    arrived_at: Mapped[datetime | None] = mapped_column(Time)
    arrived_by: Mapped[str | None] = mapped_column(Text)
    reported_at: Mapped[datetime | None] = mapped_column(Time)
    reported_by: Mapped[str | None] = mapped_column(Text)
    report_note_id: Mapped[UUID | None] = mapped_column(Uuid)
    released_at: Mapped[datetime | None] = mapped_column(Time)
    released_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("case_party_case", "case_id", "called_at"),
        Index(
            "case_party_open",
            "case_id",
            "unit_id",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("case_party_due", "area", "due_at", postgresql_where=text("reported_at IS NULL")),
    )


class ScoreExemption(Base):
    """A closed case that a granted appeal exempts from the statistics; its facts stay.

    ``ground``: what the appeal rests on. Who asked and who reviewed stands in the journal.
    """

    __tablename__ = "score_exemption"
    __grades__ = grades({(2, "work"): "case_id area ground made_at"})
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    ground: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Time)
