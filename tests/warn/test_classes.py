"""A class over the versions of its scheme: it goes on as what it means, not as its bare code."""

from __future__ import annotations

from datetime import date, timedelta

from helpers import past_the_walls, take_in_rows
from warn.nights import BINS, TONIGHT, classed, one_report

from streetwise.directory import repository as directory
from streetwise.directory.crosswalk import BROADER, EXACT, ClassKey, Crossing, Crosswalk
from streetwise.directory.repository import ClassName
from streetwise.kernel.runtime import Runtime
from streetwise.warn import material
from streetwise.warn.actions import SYSTEM
from streetwise.warn.classes import class_names, goes_by

KNOWN = [
    ClassName("s", "2005", "1", "垃圾箱"),
    ClassName("s", "2005", "2", "井盖"),
    ClassName("s", "2005", "3", "路灯"),
    ClassName("s", "2013", "1", "垃圾 箱"),
    ClassName("s", "2013", "2", "非法小广告"),
    ClassName("s", "2013", "4", "照明设施"),
    ClassName("s", "2021", "1", "垃圾箱"),
    ClassName("s", "2021", "5", "雨水井盖"),
]


def key(version: str, code: str) -> ClassKey:
    return ClassKey("s", version, code)


def name_of(one: ClassKey, *lines: Crossing) -> str:
    scheme, code = goes_by([one], KNOWN, Crosswalk(lines))[one]
    assert scheme == "s"
    return code


def test_the_same_code_with_the_same_name_goes_on() -> None:
    assert {name_of(key(version, "1")) for version in ("2005", "2013", "2021")} == {"1"}


def test_a_code_with_another_name_is_another_class() -> None:
    assert name_of(key("2013", "2")) == "2"
    assert name_of(key("2005", "2")) == "2@2005"
    # A code that no newer version has is still what it was.
    assert name_of(key("2005", "3")) == "3"


def test_where_a_crosswalk_says_that_it_is_the_same_it_goes_on() -> None:
    lamps = Crossing(key("2005", "3"), key("2013", "4"), EXACT)
    assert name_of(key("2005", "3"), lamps) == "4"
    assert name_of(key("2013", "4"), lamps) == "4"
    renamed = Crossing(key("2013", "2"), key("2005", "2"), EXACT)
    assert {name_of(key(one, "2"), renamed) for one in ("2005", "2013")} == {"2"}
    # Over two versions, and from a code that means something else by now.
    covers = Crossing(key("2005", "2"), key("2021", "5"), EXACT)
    assert name_of(key("2005", "2"), covers) == "5"
    assert name_of(key("2013", "2"), covers) == "2"


def test_what_is_only_near_is_not_the_same() -> None:
    wider = Crossing(key("2005", "3"), key("2013", "4"), BROADER)
    assert name_of(key("2005", "3"), wider) == "3"


def test_what_nobody_knows_goes_by_its_code() -> None:
    assert name_of(key("1999", "77")) == "77"


async def read(runtime: Runtime) -> material.Read:
    async with runtime.database.read(SYSTEM) as session:
        area = await directory.area(session, SYSTEM, "home")
        found = await material.read(session, SYSTEM, area, TONIGHT, 1000)
    assert found is not None
    return found


async def test_reports_are_counted_as_what_their_code_meant(runtime: Runtime) -> None:
    """The first is of an older version, in which the code was something else."""
    days: list[date] = [TONIGHT - timedelta(days=n) for n in (9, 6)]
    await take_in_rows(runtime, [one_report(n, day) for n, day in enumerate(days)])
    classed(runtime, BINS)
    scheme, code = BINS
    with past_the_walls(runtime) as connection:
        connection.execute(
            "INSERT INTO taxonomy (scheme, version, title, title_en, source, note, ordinal)"
            " VALUES (%s, 'old', '', '', '', '', -1)",
            (scheme,),
        )
        connection.execute(
            "INSERT INTO taxonomy_class (scheme, version, code, name, name_en, group_name, kind,"
            " conditions, ordinal) VALUES (%s, 'old', %s, '另一类', '', '', 'part', '[]', 0)",
            (scheme, code),
        )
        connection.execute(
            "UPDATE cases SET category_version = 'old' WHERE id IN (SELECT case_id FROM case_signal"
            " JOIN signal ON signal.id = signal_id WHERE reported_at::date = %s)",
            (days[0],),
        )
        connection.commit()
    known = await read(runtime)
    assert known.categories == (BINS, (scheme, f"{code}@old"))
    assert known.reports.category.tolist() == [1, 0]
    async with runtime.database.read(SYSTEM) as session:
        names = await class_names(session, SYSTEM, known.categories)
    assert names[scheme, f"{code}@old"] == "另一类"
    assert names[BINS] not in ("", "另一类")
    with past_the_walls(runtime) as connection:
        connection.execute(
            "INSERT INTO crosswalk (from_scheme, from_version, from_code, to_scheme, to_version,"
            " to_code, relation, note, ordinal) SELECT %s, 'old', %s, scheme, version, code,"
            " 'exact', '', 0 FROM taxonomy_class WHERE scheme = %s AND code = %s"
            " AND version <> 'old'",
            (scheme, code, scheme, code),
        )
        connection.commit()
    known = await read(runtime)
    assert known.categories == (BINS,)
    assert known.reports.category.tolist() == [0, 0]
