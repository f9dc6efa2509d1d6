"""A street's folder: read, written byte for byte, with old and new columns. No database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import tiny_town
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.directory.folder import folder_of
from streetwise.directory.records import checks
from streetwise.directory.records.book import Book, effects_of, number_rules
from streetwise.directory.records.files import Folder, read_files, write_files
from streetwise.directory.records.kinds import KINDS
from streetwise.directory.records.values import from_row, to_row
from streetwise.kernel.errors import Invalid

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("tiny") / "town"
    tiny_town(folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def written(folder: Folder, book: Book | None = None) -> Files:
    book = book or folder.book
    order = {code: number for number, code in enumerate(folder.book.of("rule"))}
    return write_files(book, folder.base, folder.files, order)


def test_a_folder_is_given_back_byte_for_byte(files: Files) -> None:
    assert written(read_files(files)) == files


def as_it_came(data: bytes, manner: tuple[bool, str, bool]) -> bytes:
    """A CSV file in another manner: with a mark, other ends of line, quotes everywhere."""
    mark, end, always = manner
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    out = io.StringIO(newline="")
    if always:
        csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    else:
        csv.writer(out, lineterminator=end).writerows(rows)
    return (("\ufeff" if mark else "") + out.getvalue()).encode()


MANNERS = st.tuples(st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans())


@settings(max_examples=20, deadline=None)
@given(manners=st.lists(MANNERS, min_size=11, max_size=11), extra=st.booleans())
def test_every_manner_of_csv_survives(
    files: Files, manners: list[tuple[bool, str, bool]], extra: bool
) -> None:
    whole = with_new(files)
    tables = sorted(path for path in whole if path.endswith(".csv"))
    given_ = dict(whole)
    for path, manner in zip(tables, manners, strict=True):
        given_[path] = as_it_came(whole[path], manner)
    if extra:  # a column of somebody's own, before ours
        for path in ("places.csv", "cameras.csv"):
            given_[path] = b"".join(
                b"my own," + line for line in whole[path].splitlines(keepends=True)
            )
    folder = read_files(given_)
    assert checks.mistakes(folder.book) == []
    assert effects_of(read_files(whole).book, folder.book) == []
    assert written(folder) == given_


def test_one_changed_record_changes_one_line(files: Files) -> None:
    """In every CSV file: its line and nothing else."""
    files = with_new(files)
    folder = read_files(files)
    for kind, name, value in (
        ("unit", "name", "供水，“公司”"),
        ("camera", "direction", 271.5),
        ("sensor", "quantity", "µg/m³"),
        ("duty", "note", "调班，“已报”"),
        ("place", "aliases", ["甲", "乙"]),
        ("asset", "unit", "dep2"),
        ("rule", "unit", "c1"),
    ):
        records = folder.book.of(kind)
        code = list(records)[-1]
        book = folder.book.with_records({kind: {**records, code: {**records[code], name: value}}})
        made = written(folder, book)
        path = KINDS[kind].file
        assert {one for one in made if made[one] != files[one]} == {path}
        old, new = files[path].splitlines(), made[path].splitlines()
        assert len(old) == len(new)
        assert [a == b for a, b in zip(old, new, strict=True)] == [True] * (len(old) - 1) + [False]
        assert effects_of(read_files(made).book, book) == []


def test_a_new_column_comes_only_when_it_is_needed(files: Files) -> None:
    folder = read_files(files)
    units = folder.book.of("unit")
    book = folder.book.with_records(
        {"unit": {**units, "out1": {**units["out1"], "kind": "utility", "phone": "010-55550001"}}}
    )
    made = written(folder, book)["units.csv"].decode().splitlines()
    assert made[0] == "code,parent,tier,name,name_en,kind,phone"
    assert made[-1].endswith(",utility,010-55550001")
    assert made[1] == "d1,,district,甲区,District A,,"
    assert effects_of(read_files({**files, "units.csv": "\n".join(made).encode()}).book, book) == []


def test_ended_records_are_not_written_and_new_ones_stand_last(files: Files) -> None:
    folder = read_files(files)
    places = dict(folder.book.of("place"))
    del places["p2"]
    places["p9"] = {**places["p3"], "code": "p9", "name": "新公园"}
    made = written(folder, folder.book.with_records({"place": places}))["places.csv"].decode()
    lines = files["places.csv"].decode().splitlines()
    assert made.splitlines()[:3] == [lines[0], lines[1], lines[3]]
    assert made.splitlines()[3].startswith("p9,新公园,park")


def test_a_changed_grid_or_class_keeps_what_is_not_ours(files: Files) -> None:
    grids = json.loads(files["grids.geojson"])
    grids["name"] = "grids of the street"
    grids["features"][1]["properties"]["colour"] = "blue"
    given_ = {**files, "grids.geojson": json.dumps(grids, indent=1, ensure_ascii=False).encode()}
    folder = read_files(given_)
    assert written(folder) == given_
    changed = {**folder.book.of("grid")}
    changed["g2"] = {**changed["g2"], "name": "二网格"}
    classes = {**folder.book.of("class")}
    classes["request/1/R-01"] = {**classes["request/1/R-01"], "name": "住房"}
    book = folder.book.with_records({"grid": changed, "class": classes})
    made = written(folder, book)
    again = json.loads(made["grids.geojson"])
    assert again["name"] == "grids of the street"
    assert again["features"][1]["properties"]["colour"] == "blue"
    assert again["features"][1]["properties"]["name"] == "二网格"
    assert b"confidence" in made["taxonomy/request.yaml"]
    assert made["taxonomy/urban-management.yaml"] == files["taxonomy/urban-management.yaml"]
    assert effects_of(read_files(made).book, book) == []


def test_without_files_the_form_is_ours_and_says_the_same(files: Files) -> None:
    folder = read_files(files)
    made = write_files(folder.book, folder.base, {}, {})
    again = read_files(made)
    assert again.mistakes == []
    assert effects_of(folder.book, again.book) == []
    assert again.base == folder.base
    assert written(again) == made


NEW = {
    "premises.csv": "code,name,kind,place,grid,lon,lat,unit\nm1,早点铺,shop,p1,g1,,,dep1\n",
    "crosswalks.csv": "from_scheme,from_version,from_code,to_scheme,to_version,to_code,relation\n"
    "request,1,R-01,request,1,R-02,related\n",
    "stand-ins.csv": "login,for,from,to\nworker2,both,2026-05-01 08:00,2026-05-08 18:00\n",
    "cameras.csv": "code,name,lon,lat,direction,field_of_view,grid,place,unit,analysed\n"
    "k1,梧桐路口东,116.905,40.105,90,60,g1,p1,dep1,yes\nk2,湖心公园球机,116.906,40.115,0,360,,,,\n",
    "sensors.csv": "code,name,kind,lon,lat,grid,place,unit,quantity\n"
    "w1,下穿通道水位,water_level,116.905,40.106,g1,,dep1,m\nn1,公园雨量,rain,116.906,40.115,,p3,,mm\n",
    "duty.csv": "date,hours,post,login,note\n2026-05-11,08:00-20:00,officer,duty_officer,\n"
    "2026-05-11,20:00-08:00,leader,street_commander,替班\n2026-05-11,08:00-08:00,机动岗,both,\n",
    "responsibility.csv": "scheme,class,condition,grid,unit,days,hours,valid_from,exception,place\n"
    "*,*,*,*,dep2,,,,,\n*,*,*,*,dep1,restday,18:00-08:00,2026-05-01,yes,p1\n",
}


def with_new(files: Files, **more: str) -> Files:
    new = {path: text.encode() for path, text in NEW.items()}
    places = files["places.csv"].decode().splitlines()
    places = [f"{places[0]},roads", *(f"{line}," for line in places[1:])]
    places += [
        "r2,柳荫街,road,116.906,40.106,,,g1,1-99 odd; 2-60 even,",
        "b1,松柏家园3号楼,building,116.915,40.1051,,p2,g2,,",
        "j1,梧桐路与柳荫街路口,junction,116.905,40.106,,,g1,,p1|r2",
    ]
    new["places.csv"] = ("\n".join(places) + "\n").encode()
    return {**files, **new, **{path: text.encode() for path, text in more.items()}}


def test_everything_new_is_read_checked_and_given_back(files: Files) -> None:
    given_ = with_new(files)
    folder = read_files(given_)
    assert [*folder.mistakes, *checks.mistakes(folder.book)] == []
    assert written(folder) == given_
    stand_in = next(iter(folder.book.of("stand_in").values()))
    assert stand_in["from"] == "2026-05-01T00:00:00+00:00"  # eight in the morning in Beijing
    assert folder.absent == frozenset()


def edit(path: str, old: str, new: str) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        text = files[path].decode()
        assert old in text, (path, old)
        return {**files, path: text.replace(old, new).encode()}

    return change


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (edit("places.csv", ",,p2,g2,,", ",,p3,g2,,"), "which is no compound"),
        (edit("places.csv", "p1|r2", "p1"), "fewer than two roads"),
        (edit("places.csv", "p1|r2", "p1|p3"), "is a junction of 'p3', which is no road"),
        (edit("places.csv", "p1|r2", "p1|r9"), "unknown place 'r9'"),
        (edit("places.csv", "2-60 even", "60-2 even"), "ends before it begins"),
        (edit("places.csv", "1-99 odd", "from 1"), "no range of house numbers"),
        (edit("places.csv", ",,p2,g2,,", ",,b1,g2,,"), "circle"),
        (edit("premises.csv", ",p1,g1,", ",p8,g1,"), "premises.csv: m1 (line 2) names the unknown"),
        (edit("premises.csv", "g1,,,", "g1,116.9,,"), "half a point"),
        (edit("crosswalks.csv", "R-02", "R-99"), "unknown class 'request/1/R-99'"),
        (edit("crosswalks.csv", "related", "similar"), "unknown relation 'similar'"),
        (edit("stand-ins.csv", "both", "nobody"), "unknown staff 'nobody'"),
        (edit("stand-ins.csv", "2026-05-08", "2026-04-08"), "ends before it begins"),
        (edit("stand-ins.csv", "2026-05-08 18:00", "Friday"), "'Friday' as to"),
        (edit("cameras.csv", ",90,", ",360,"), "k1 (line 2) has a direction out of range (360.0)"),
        (edit("cameras.csv", ",60,", ",0,"), "has a field_of_view out of range (0.0)"),
        (edit("cameras.csv", ",360,", ",361,"), "has a field_of_view out of range (361.0)"),
        (edit("cameras.csv", ",90,", ",nan,"), "has a direction out of range (nan)"),
        (edit("cameras.csv", ",90,", ",east,"), "has a direction that is not numbers ('east')"),
        (edit("cameras.csv", ",90,", ",,"), "k1 (line 2) has no direction; fill it in"),
        (edit("cameras.csv", "116.905", "216.905"), "k1 (line 2) lies not on earth"),
        (edit("cameras.csv", ",yes", ",maybe"), "has 'maybe' as analysed"),
        (edit("cameras.csv", "dep1", "dep9"), "unknown unit 'dep9'; add it to units.csv"),
        (edit("cameras.csv", "k2,", "k1,"), "cameras.csv: 'k1' stands twice (line 3)"),
        (edit("sensors.csv", ",m\n", ",\n"), "w1 (line 2) has no quantity; fill it in"),
        (edit("sensors.csv", "g1", "g9"), "unknown grid 'g9'; add it to grids.geojson"),
        (edit("duty.csv", "2026-05-11,20", "2026-5-11,20"), "'2026-5-11' is no date"),
        (edit("duty.csv", "2026-05-11,20", "2026-02-30,20"), "'2026-02-30' is no date"),
        (edit("duty.csv", "20:00-08:00", "night"), "has hours that cannot be read: 'night'"),
        (edit("duty.csv", "20:00-08:00", "20:00-24:01"), "is no span of hours"),
        (edit("duty.csv", ",leader,", ",,"), "has no post; fill it in"),
        (
            edit(
                "duty.csv",
                "11,20:00-08:00,leader,street_commander",
                "11,08:00-20:00,officer,duty_officer",
            ),
            "stands twice (line 3)",
        ),
        (edit("responsibility.csv", "18:00-08:00", "18-8"), "line 3: has hours"),
        (edit("responsibility.csv", "restday", "someday"), "line 3: has days"),
        (edit("responsibility.csv", "2026-05-01", "May"), "line 3: has valid_from"),
        (edit("responsibility.csv", ",yes,", ",perhaps,"), "'perhaps' as exception"),
        (edit("town.yaml", "code: home", "code: home\nholidays: [soon]"), "list of dates"),
        (edit("town.yaml", "40.12]", "north]"), "four numbers"),
        (lambda files: {**files, "notes.txt": b"x"}, "notes.txt: this is no file"),
        (lambda files: {**files, "taxonomy/a/b.yaml": b"x"}, "this is no file"),
    ],
)
def test_a_mistake_names_file_and_record(
    files: Files, spoil: Callable[[Files], Files], named: str
) -> None:
    folder = folder_of(spoil(with_new(files)))
    found = [*folder.mistakes, *checks.mistakes(folder.book)]
    assert any(named in one for one in found), found
    assert len(found) <= 2  # one cause, not a flood


def test_what_desktops_leave_behind_is_passed_over(files: Files) -> None:
    litter = {"__MACOSX/._units.csv": b"x", ".DS_Store": b"x", "taxonomy/.hidden": b"x"}
    folder = read_files({**files, **litter})
    assert folder.mistakes == []
    assert written(folder) == files


@pytest.mark.parametrize("path", ["units.csv", "grids.geojson", "places.csv"])
def test_a_file_that_must_be_there(files: Files, path: str) -> None:
    with pytest.raises(Invalid, match=path):
        folder_of({one: data for one, data in files.items() if one != path})


def test_rows_and_values_are_each_others_inverse(files: Files) -> None:
    from zoneinfo import ZoneInfo

    book = read_files(with_new(files)).book
    for kind in KINDS.values():
        if kind.file.endswith(".csv"):
            for code, values in book.of(kind.kind).items():
                made = from_row(kind, to_row(kind, values), ZoneInfo("Asia/Shanghai"))
                assert made | {"code": code} == values | {"code": code}


def test_lines_of_the_matrix_keep_their_numbers(files: Files) -> None:
    """Moved, with another answer, or new: what is the same line keeps its number."""
    before = read_files(files).book
    first, second, third = before.of("rule").values()
    new = {**first, "class": "E-02"}
    numbered = number_rules(before, [third, {**second, "unit": "dep2"}, new, first])
    assert list(numbered) == ["L00003", "L00002", "L00004", "L00001"]
    assert numbered["L00002"]["unit"] == "dep2"


def test_reading_stays_within_the_folder(tmp_path: Path) -> None:
    from streetwise.directory.folder import read_folder

    tiny_town(tmp_path / "town")
    (tmp_path / "town" / "units.csv").unlink()
    with pytest.raises(Invalid, match=r"units\.csv is missing"):
        read_folder(tmp_path / "town")
