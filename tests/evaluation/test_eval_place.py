"""``streetwise eval place``: what it counts, how it says it, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streetwise.cli import main
from streetwise.evaluation.place import Known, read_known, read_places, score
from streetwise.kernel.errors import Invalid

PLACES = """code,name,kind,lon,lat,aliases,parent,numbers,roads
R1,银杏路,road,116.4000,39.9000,,,1-99,
R2,望云街,road,116.4100,39.9000,,,,
J1,银杏路与望云街交叉口,junction,116.4100,39.9010,银杏口,,,R1|R2
C1,听松花园,compound,116.4000,39.9100,,,,
C1-1,听松花园1号楼,building,116.4000,39.9130,,C1,,
C2,观澜东里,compound,116.4200,39.9100,,,,
"""
SIGNALS = """id,title,text,lon,lat
a,,听松花园停水,116.4000,39.9100
b,,听松花园1号楼停水,116.4200,39.9100
c,,银杏路望云街路口有坑,,
d,,听松花园停水，观澜东里停电,,
e,,观澜东里停电,116.3000,39.8000
f,,什么都没有了,,
g,,就在老地方,,
h,,没有真值的一条：听松花园,,
"""
TRUTH = """id,place,errors,kind
a,C1,,problem
b,C1,,problem
c,J1,misheard_word|misheard_place,problem
d,C1,two,problem
d,C2,two,problem
e,C1,default_point,problem
f,C1,,urge
g,C1,vague_place,problem
x,C1,,problem
h,ZZ,,problem
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("places", PLACES), ("signals", SIGNALS), ("truth", TRUTH)):
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def known(folder: Path) -> list[Known]:
    return read_known(folder / "signals.csv", folder / "truth.csv", read_places(folder))


def test_places_are_read_from_a_folder_or_its_file(folder: Path) -> None:
    places = read_places(folder)
    assert places == read_places(folder / "places.csv")
    junction = next(place for place in places if place.code == "J1")
    assert (junction.aliases, junction.roads) == (("银杏口",), ("R1", "R2"))
    assert next(place for place in places if place.code == "C1-1").parent == "C1"


def test_a_text_of_two_problems_has_two_true_places(folder: Path) -> None:
    cases = {one.id: one for one in known(folder)}
    assert set(cases) == set("abcdefg")  # h: a place that the gazetteer lacks; x: no such signal
    assert [place.code for place in cases["d"].places] == ["C1", "C2"]
    assert [one.plain for one in cases.values()] == [True, True, False, False, True, False, False]


def test_right_wrong_and_missed_are_counted(folder: Path) -> None:
    reached = score(known(folder), read_places(folder))
    # a to e find a place, f none, g is left out; e finds the wrong one, 1.7 km away
    assert reached.left_out == 1
    assert (reached.all.asked, reached.all.found, reached.all.wrong) == (6, 5, 1)
    assert reached.all.exact == 3  # b found the building in the true compound: right, not exact
    assert reached.all.within == {50: 4, 100: 4, 250: 4}
    assert reached.by_kind["compound"].asked == 5 and reached.by_kind["junction"].exact == 1
    assert reached.by_error["misheard_place"].exact == reached.by_error["misheard_word"].exact == 1
    assert reached.by_error["none"].asked == 3
    assert reached.plain.asked == 3 and reached.plain.wrong == 1
    assert reached.all.candidates == 4


def test_the_point_does_not_help_the_main_figures(folder: Path) -> None:
    reached = score(known(folder), read_places(folder))
    # e has the office's point and is left out; b's point is wrong, though its text is right
    assert reached.default_points == 1
    assert (reached.with_point.asked, reached.with_point.found) == (5, 4)
    assert reached.with_point.wrong == 1
    assert reached.with_point.within[50] == 3


def test_confidence_is_compared_with_what_is_right(folder: Path) -> None:
    reached = score(known(folder), read_places(folder))
    assert sum(one.count for one in reached.bins) == reached.all.found
    sure = [one for one in reached.bins if one.low >= 0.9]
    count = sum(one.count for one in sure)
    assert count and reached.sure_wrong == round(1 / count, 4)
    assert reached.calibration_error is not None and 0 < reached.calibration_error < 0.5


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    files = ("--signals", str(folder / "signals.csv"), "--truth", str(folder / "truth.csv"))
    done = CliRunner().invoke(main, ["eval", "place", *files, "--places", str(folder), *arguments])
    return done.exit_code, done.output


def test_the_command_prints_one_json_object(folder: Path) -> None:
    status, output = run(folder, "--json")
    told = json.loads(output)
    assert status == 0
    assert told["asked"] == 6 and told["left_out"] == 1
    assert (told["found"], told["exact"], told["wrong"]) == (0.8333, 0.5, 0.1667)
    assert told["within_100"] == 0.6667 and told["candidates_at_5"] == 0.6667
    assert set(told) == {
        "asked", "found", "exact", "within_50", "within_100", "within_250", "wrong",
        "candidates_at_5", "left_out", "sure_wrong", "calibration_error", "plain", "with_point",
        "per_class", "per_error", "per_how", "calibration",
    }  # fmt: skip
    assert told["with_point"]["left_out"] == 1
    assert told["per_class"]["junction"]["exact"] == 1
    assert [one["from"] for one in told["calibration"]][-1] == 0.95


def test_the_command_prints_tables(folder: Path) -> None:
    status, output = run(folder)
    assert status == 0
    assert "kind compound" in output and "error two" in output
    assert "1 more name no place that anybody could know" in output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("truth", "id,where\na,C1\n", "no column 'place'"),
        ("truth", "id,place\nnobody,C1\n", "No id"),
        ("signals", "id,text\na,b\n", "no column 'title'"),
        ("signals", "id,title,text,lon,lat\na,,听松花园,east,39\n", "lon is 'east'"),
        ("places", "code,name,kind,lon,lat\nR1,银杏路,road,,\n", "needs lon and lat"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    folder: Path, name: str, content: str, said: str
) -> None:
    (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        known(folder)
    status, output = run(folder)
    assert status == 2 and said in " ".join(output.split())


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "truth.csv").unlink()
    status, output = run(folder)
    assert status == 2 and "truth.csv" in "".join(output.split())
