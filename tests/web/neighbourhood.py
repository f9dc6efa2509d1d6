"""Cases, photos and imports in many hands and four areas: what an access test walks through."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from uuid import UUID

import pytest
from helpers import SYSTEM, report, take_in_rows
from PIL import Image
from sqlalchemy import select, update

from streetwise.directory.actions import add_area
from streetwise.directory.areas import NewArea
from streetwise.directory.tables import Area, Staff, Unit
from streetwise.gather.mapping import mapping_named
from streetwise.gather.tables import Source
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.tables import Case, CaseSignal, Photo

#: The rights as the table says them, read here without the product's own reader.
ROLES: dict[str, dict[str, str]] = {
    row["role"]: row
    for row in csv.DictReader(
        (resources.files("streetwise.privacy") / "data" / "roles.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
}
#: (capability, category, grade) that opens.csv opens beyond the clearance, read as simply.
OPENS = {
    (row["capability"], row["category"], int(row["grade"]))
    for row in csv.DictReader(
        (resources.files("streetwise.privacy") / "data" / "opens.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
}
#: Where the staff of a tier sit in the tests' street.
SEAT = {"district": "d1", "street": "s1", "community": "c1", "department": "dep1"}
#: area → units that answer for it. "next" is another street of our district, "far" neither.
AREAS = {"home": "s1", "boston": "s1", "next": "s2", "far": "d2"}


@dataclass(frozen=True)
class Person:
    """A login, its role, its unit and the street and district above that."""

    login: str
    role: str
    unit: str
    street: str = "s1"
    district: str = "d1"

    def may(self, capability: str) -> bool:
        """Whether the table of roles says so."""
        return bool(ROLES[self.role][capability])

    def reads(self, grade: int, category: str) -> bool:
        """Whether the tables let this person read a field of this grade and category."""
        return (
            grade <= int(ROLES[self.role]["clearance"])
            or category == "own"
            or any(
                self.may(capability) and (category, grade) <= (opened, up_to)
                for capability, opened, up_to in OPENS
                if opened == category
            )
        )

    @property
    def areas(self) -> set[str]:
        """Areas that this person's scope reaches."""
        scope = ROLES[self.role]["scope"]
        if scope == "none":
            return set()
        if scope in ("district", "unit"):
            # A unit works for the whole district; which cases are its own its name says.
            streets = {"d1": {"s1", "s2", "d1"}, "d2": {"d2"}}[self.district]
        else:
            streets = {self.street}
        return {area for area, owner in AREAS.items() if owner in streets}


#: One of each role, and some in other places.
PEOPLE = [
    *(Person(role, role, SEAT[row["tier"]]) for role, row in ROLES.items()),
    Person("worker2", "community_worker", "c2"),
    Person("handler2", "department_handler", "dep2"),
    Person("water", "department_handler", "out1"),
    Person("next_dispatcher", "dispatcher", "s2", street="s2"),
    Person("far_officer", "district_duty_officer", "d2", street="d2", district="d2"),
]
ADMINS = [p for p in PEOPLE if ROLES[p.role]["scope"] == "none"]


@dataclass(frozen=True)
class Known:
    """A case, whose it is, its photo, and the import that brought it."""

    name: str
    id: UUID
    number: str
    title: str
    area: str
    unit: str | None
    community: str | None
    grade: int
    photo: UUID
    batch: UUID
    signal: UUID
    order: UUID
    #: The unit that was called to it.
    party: str | None = None

    def seen_by(self, person: Person) -> bool:
        """The rule, said once more and simply."""
        row = ROLES[person.role]
        if not row["case.read"] or self.area not in person.areas:
            return False
        if self.grade > int(row["clearance"]):
            return False
        if row["scope"] in ("district", "street"):
            return True
        return person.unit in (self.unit, self.community, self.party)


#: name: area, words, unit that holds it, grade.
_CASES: dict[str, tuple[str, str, str | None, int]] = {
    "lamp": ("home", "梧桐路的路灯坏了三天了，请尽快处理", "dep1", 2),
    "park": ("home", "湖心公园的垃圾桶满了很多天没有人管", None, 2),
    "pipe": ("home", "湖心公园门口的井盖一走上去就响个不停", "dep2", 2),
    "lost": ("home", "不知道在哪里的噪音，天天晚上睡不着觉", None, 2),
    "secret": ("home", "梧桐路一件需要更高级别才可以看的事情", "dep1", 3),
    "known": ("home", "梧桐路一件人人都可以知道的小小的事情啊", "dep1", 1),
    "sealed": ("home", "梧桐路一件谁也没有级别可以看的大事情", "dep1", 4),
    "burst": ("next", "隔壁街道的自来水管爆了水流得到处都是", "out1", 2),
    "boston": ("boston", "另一个城市的文件里面的一件小小的事情", None, 2),
    "next": ("next", "隔壁街道的一件和我们完全没有关系的事情", None, 2),
    "far": ("far", "别的区的一件和我们完全没有关系的事情啊", None, 2),
}


#: Units called to a case (吹哨): they see it as its holder does.
_PARTIES = {"pipe": "out1", "secret": "out1"}


async def build(runtime: Runtime, patch: pytest.MonkeyPatch) -> list[Known]:
    """Fill the tests' street and its neighbours."""
    await _neighbours(runtime)
    return [await _case(runtime, patch, name, *how) for name, how in _CASES.items()]


async def _neighbours(runtime: Runtime) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        session = uow.session
        codes = {unit.code: unit.id for unit in (await session.execute(select(Unit))).scalars()}
        units = {"s2": ("street", codes["d1"]), "d2": ("district", None)}
        ids = {}
        for code, (tier, parent) in units.items():
            ids[code] = new_id()
            session.add(
                Unit(
                    id=ids[code], code=code, parent_id=parent, tier=tier, name=code, name_en=code,
                    ordinal=99,
                )
            )  # fmt: skip
        await session.flush()
        for code, owner in AREAS.items():
            if code != "home":
                await add_area(uow, SYSTEM, NewArea(code, code, code, "Asia/Shanghai", f"{code}-"))
                if owner in ids:
                    change = update(Area).where(Area.code == code)
                    await session.execute(change.values(owner_id=ids[owner]))
        hashed = await session.scalar(select(Staff.password_hash).where(Staff.login == "both"))
        known = set((await session.execute(select(Staff.login))).scalars())
        for person in PEOPLE:
            if person.login not in known:
                session.add(
                    Staff(
                        id=new_id(), login=person.login, name=person.login,
                        unit_id={**codes, **ids}[person.unit], roles=[person.role],
                        password_hash=hashed,
                    )
                )  # fmt: skip


async def _case(
    runtime: Runtime, patch: pytest.MonkeyPatch, name: str, area: str, words: str,
    unit: str | None, grade: int,
) -> Known:  # fmt: skip
    how = mapping_named("street-reports")
    if area != "home":
        new = NewArea(area, area, area, "Asia/Shanghai", f"{area}-")
        how = replace(how, name=area, source_code=area, area=new)
    title = f"{name} {words[:6]}"
    with patch.context() as patched:
        patched.setattr("streetwise.resolve.opening.CASE_GRADE", grade)
        patched.setattr("streetwise.gather.intake.SIGNAL_GRADE", grade)
        batch = await take_in_rows(runtime, [report(name, title, words)], mapping=how)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        session = uow.session
        case = (await session.execute(select(Case).where(Case.title == title))).scalar_one()
        holder = await session.scalar(select(Unit.id).where(Unit.code == unit))
        signal = await session.scalar(
            select(CaseSignal.signal_id).where(CaseSignal.case_id == case.id)
        )
        assert signal is not None
        community = await session.scalar(select(Unit.code).where(Unit.id == case.community_id))
        uploader = await session.scalar(select(Staff.id).where(Staff.login == "dispatcher2"))
        photo = Photo(
            id=new_id(), case_id=case.id, digest=runtime.files.put(a_photo(name)).digest, bytes=1,
            width=8, height=8, uploaded_by=uploader, uploaded_at=uow.now,
        )  # fmt: skip
        session.add(photo)
        order = WorkOrder(
            id=new_id(), version=1, area=area, case_id=case.id, number=f"UP-{name}",
            source_id=await session.scalar(select(Source.id).limit(1)), signal_id=new_id(),
            scheme="hotline12345", state="open", received_at=uow.now, upstream_state="open",
            updates=0, exclusion="none",
        )  # fmt: skip
        session.add(order)
        case.unit_id, case.photos = holder, 1
        party = await session.scalar(select(Unit.id).where(Unit.code == _PARTIES.get(name)))
        if party is not None:
            case.party_ids, case.parties, case.parties_left = [party], {str(party): "here"}, 1
        uow.record(
            Entry(
                "system:test", "case.dispatched", "case", case.id, area=area, grade=grade,
                units=[one for one in (holder, case.community_id, party) if one],
                data={"unit": unit, "photos": [str(photo.id)]},
            )
        )  # fmt: skip
    return Known(
        name, case.id, case.number, title, area, unit, community, grade, photo.id, batch, signal,
        order.id, _PARTIES.get(name),
    )  # fmt: skip


def a_photo(name: str) -> bytes:
    """A small picture, another one for each name."""
    out = io.BytesIO()
    colour = tuple(name.encode().ljust(3)[:3])
    Image.new("RGB", (8, 8), colour).save(out, "JPEG")
    return out.getvalue()


def words_of(cases: list[Known]) -> Iterator[str]:
    """What must not be found in an answer to somebody who may not see these cases."""
    for case in cases:
        # In quotes: "20260511-0001" is not a part of "next-20260511-0001".
        yield from (str(case.id), f'"{case.number}"', case.title, str(case.photo))
        yield from (str(case.order), f"UP-{case.name}")
