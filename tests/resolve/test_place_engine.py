"""The place engine on a small street of our own, sentence by sentence, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.geo import haversine_m
from streetwise.kernel.search import fold
from streetwise.privacy.masking import mask
from streetwise.resolve.place import (
    NOWHERE,
    Gazetteer,
    NamedPlace,
    PlaceAsked,
    PlaceFound,
    disagrees,
)
from streetwise.resolve.understand.place_numbers import building_after, house_after, to_number
from streetwise.resolve.understand.place_points import Houses, shift
from streetwise.resolve.understand.place_sounds import (
    EDIT_MIN_OWN,
    Hearing,
    near,
    one_fault,
    own_characters,
    sounds,
)

LON, LAT = 116.4000, 39.9000


def _place(
    code: str,
    name: str,
    kind: str,
    east: float = 0,
    north: float = 0,
    aliases: str = "",
    parent: str | None = None,
    numbers: str = "",
    roads: str = "",
) -> NamedPlace:
    """A place so many metres east and north of the middle of the street."""
    lon, lat = shift((LON, LAT), "东", east)
    lon, lat = shift((lon, lat), "北", north)
    return NamedPlace(
        name,
        tuple(aliases.split()),
        kind,
        lon,
        lat,
        None,
        code,
        numbers,
        parent,
        tuple(roads.split()),
    )


STREET = (
    _place("R1", "梧桐路", "road", 0, 0, numbers="1-99 odd; 2-60 even"),
    _place("R2", "澄江街", "road", 300, 400),
    _place("R3", "琵琶胡同", "road", -400, 100),
    _place("R4", "望湖大街", "road", 900, 0),
    _place("R5", "砚池南路", "road", -900, -900),
    _place("R6", "砚池北路", "road", -900, 900),
    _place("J1", "梧桐路与澄江街交叉口", "junction", 300, 0, "梧桐口", roads="R1 R2"),
    _place("H2", "梧桐路2号", "building", -100, 10, "梧桐路2号院", "R1"),
    _place("H22", "梧桐路22号", "building", 100, 10, "梧桐路22号院", "R1"),
    _place("H甲", "梧桐路甲12号", "building", 20, 15, "", "R1"),
    _place("K12", "琵琶胡同12号", "building", -410, 120, "琵琶胡同12号院", "R3"),
    _place("C1", "松涛家园", "compound", 500, 500, "松涛家属院"),
    _place("C1-1", "松涛家园1号楼", "building", 450, 520, "松涛家园1栋", "C1"),
    _place("C1-3", "松涛家园3号楼", "building", 560, 520, "松涛家园3栋", "C1"),
    _place("C1-G", "松涛家园南门", "gate", 500, 440, "", "C1"),
    _place("C2", "荷塘东里", "compound", -500, 500),
    _place("C2-3", "荷塘东里3号楼", "building", -520, 480, "", "C2"),
    _place("C3", "荷塘西里", "compound", -700, 500),
    _place("C3-3", "荷塘西里3号楼", "building", -720, 480, "", "C3"),
    _place("C4", "龙跃苑小区", "compound", 1200, 500),
    _place("C4-A", "龙跃苑小区A座", "building", 1230, 520, "", "C4"),
    _place("S1", "百味饺子馆", "shop", 40, 20, "", "R1"),
    _place("S2", "惠民超市", "shop", 60, -20, "", "R1"),
    _place("S3", "惠民超市", "shop", 905, 40, "", "R4"),
    _place("E1", "梧桐小学", "school", 150, 60),
    _place("P1", "听雨公园", "park", -200, -300),
    _place("O1", "梧桐路派出所", "landmark", 700, -600, "派出所"),
    _place("O2", "澄江社区居委会", "office", 320, 420, "澄江居委会"),
    _place("B1", "望湖下穿通道", "underpass", 900, -200, "桥洞"),
)
BY_CODE = {place.code: place for place in STREET}


@cache
def _gazetteer() -> Gazetteer:
    return Gazetteer(STREET)


def _find(text: str | None, title: str | None = None, place: str | None = None) -> PlaceFound:
    return _gazetteer().locate([PlaceAsked(place, title, text)])[0]


def _metres(found: PlaceFound, code: str) -> float:
    assert found.lon is not None and found.lat is not None
    return haversine_m(found.lon, found.lat, BY_CODE[code].lon, BY_CODE[code].lat)


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        # by name, alias, short and longer form
        ("听雨公园的厕所没有水", "P1", "name"),
        ("松涛家属院停水了", "C1", "name"),
        ("松涛家园小区里的健身器材坏了", "C1", "name"),
        ("松涛小区垃圾没人收", "C1", "short"),
        ("龙跃苑门口堆着渣土", "C4", "short"),
        ("望湖街路面坑坑洼洼", "R4", "name"),
        ("琵琶胡同儿里停满了车", "R3", "name"),
        ("百味饺子馆油烟扰民", "S1", "name"),
        # numbers
        ("琵琶胡同12号院下水道堵了", "K12", "number"),
        ("琵琶胡同十二号下水道堵了", "K12", "number"),
        ("琵琶胡同的12号，墙裂了", "K12", "number"),
        ("梧桐路甲12号门前积水", "H甲", "number"),
        ("梧桐路2号院3单元", "H2", "number"),
        ("梧桐路 ２２ 号有人烧垃圾", "H22", "number"),
        # buildings
        ("松涛家园3号楼2单元501漏水", "C1-3", "building"),
        ("松涛家园三号楼电梯坏了", "C1-3", "building"),
        ("松涛家园小区3幢楼道堆物", "C1-3", "building"),
        ("松涛家园的3栋", "C1-3", "building"),
        ("松涛3号楼门禁坏了", "C1-3", "building"),
        ("松涛家园3-2-501没暖气", "C1-3", "building"),
        ("松涛家园3号楼[住址]漏水", "C1-3", "building"),
        ("松涛家园3楼[住址]漏水", "C1-3", "building"),
        ("荷塘西里3号楼漏水", "C3-3", "building"),
        ("龙跃苑小区A座断电", "C4-A", "building"),
        ("龙跃苑a座断电", "C4-A", "building"),
        # junctions
        ("梧桐路与澄江街交叉口红绿灯不亮", "J1", "junction"),
        ("澄江街和梧桐路路口红绿灯不亮", "J1", "junction"),
        ("澄江街梧桐路口红绿灯不亮", "J1", "junction"),
        ("梧桐路、澄江街十字路口", "J1", "junction"),
        ("梧桐路靠近澄江街有坑", "J1", "junction"),
        ("梧桐口有坑", "J1", "junction"),
        # relations
        ("听雨公园对面有人摆摊", "P1", "relative"),
        ("百味饺子馆旁边堆着垃圾", "S1", "relative"),
        ("松涛家园南门对面有人摆摊", "C1-G", "relative"),
        ("梧桐小学门口堵车", "E1", "name"),
        # the finer of two that go together
        ("梧桐路上的百味饺子馆油烟大", "S1", "name"),
        ("梧桐路梧桐小学附近路灯不亮", "E1", "relative"),
        # what is only named, and what is meant
        ("来电人系松涛家园居民，反映听雨公园噪音大", "P1", "name"),
        ("我住在松涛家园，听雨公园噪音大", "P1", "name"),
        ("荷塘东里没有路灯，已向派出所反映过", "C2", "name"),
        ("派出所移送线索：荷塘东里有人聚众", "C2", "name"),
        ("派出所门口路面塌了", "O1", "name"),
        ("澄江街道听雨公园的椅子坏了", "P1", "name"),
        ("不是听雨公园，是荷塘东里的灯坏了", "C2", "name"),
        ("听雨公园的灯坏了，说错了，应该是荷塘东里", "C2", "name"),
        # heard or typed wrongly
        ("松桃家园停水", "C1", "fuzzy"),
        ("松涛家元3号楼停水", "C1-3", "fuzzy"),
        ("望胡大街路面塌了", "R4", "fuzzy"),
        ("百位饺子馆油烟大", "S1", "fuzzy"),
        ("琵琶糊同12号墙裂了", "K12", "fuzzy"),
        ("梧同路与澄江街交叉口红绿灯不亮", "J1", "fuzzy"),
        ("澄江社曲居委会没人", "O2", "fuzzy"),
        ("望湖下川通道积水", "B1", "fuzzy"),
        ("望湖下穿道积水", "B1", "fuzzy"),
        ("望湖下穿穿通道积水", "B1", "fuzzy"),
    ],
)
def test_the_place_that_a_sentence_names(text: str, code: str, how: str) -> None:
    found = _find(text)
    assert found.place is not None
    assert (found.place.code, found.how) == (code, how)
    assert found.candidates[0].place is found.place
    assert found.why["code"].startswith("place_")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯不亮，什么时候能修",
        "楼下天天吵，睡不着觉",
        "我家3号楼2单元漏水",
        "给街道打过三次电话，没人管",
        "谢谢你们，问题解决了",
        "小区东门的保安态度不好",
        "一直站着等，公交车不来",
        "十二号那天下午停水",
        "澄江街道的同志很负责",  # the sub-district, not its road
        "荷塘南里没有路灯",  # no such place here: its sisters are not meant
        "荷塘里的水臭了",
        "听雨小学要扩建",  # a school is not the park misheard
        "松涛路积水",
    ],
)
def test_no_place_is_made_up(text: str) -> None:
    assert _find(text) == NOWHERE


@pytest.mark.parametrize(
    ("text", "matched", "label"),
    [
        ("松涛家园3号楼2单元501漏水", "松涛家园3号楼", "松涛家园3号楼"),
        ("松涛家园9号楼2单元501漏水", "松涛家园9号楼", "松涛家园9号楼"),
        ("松涛家园3-2-501漏水", "松涛家园3", "松涛家园3号楼"),
        ("松涛家园3号楼[住址]漏水", "松涛家园3号楼", "松涛家园3号楼"),
        ("梧桐路15号301室漏水", "梧桐路15号", "梧桐路15号"),
        ("梧桐路12-3号2楼", "梧桐路12-3号", "梧桐路12-3号"),
    ],
)
def test_what_is_finer_than_a_building_never_leaves(text: str, matched: str, label: str) -> None:
    for said in (text, mask(text).text):
        found = _find(said)
        assert (found.matched, found.label) == (matched, label)


@given(
    st.sampled_from(["松涛家园3号楼", "松涛3栋", "龙跃苑a座", "荷塘东里3号楼", "琵琶胡同12号院"]),
    st.integers(1, 9),
    st.integers(101, 3299),
    st.sampled_from(["{u}单元{r}", "{u}单元{r}室", "-{u}-{r}", "{r}室", "{r}号房", "{u}门{r}"]),
)
def test_no_room_is_ever_shown(building: str, unit: int, room: int, shape: str) -> None:
    found = _find(building + shape.format(u=unit, r=room) + "漏水")
    assert found.place is not None
    shown = (found.matched, found.label, str(found.why), *(one.label for one in found.candidates))
    assert not any(str(room) in words or "单元" in words for words in shown)


def test_a_number_between_houses_lies_between_them() -> None:
    found = _find("梧桐路12号门前积水")
    assert found.place is BY_CODE["R1"]
    assert (found.how, found.label) == ("number", "梧桐路12号")
    assert found.why == {"code": "place_number", "params": {"road": "梧桐路", "number": "12"}}
    assert 0 < _metres(found, "H2") < 200 and 0 < _metres(found, "H22") < 200
    assert abs(_metres(found, "H2") - _metres(found, "H22")) < 60


def test_a_number_that_the_road_does_not_have_is_less_sure() -> None:
    assert _find("梧桐路98号积水").confidence < _find("梧桐路12号积水").confidence
    assert _find("松涛家园9号楼漏水").confidence < _find("松涛家园3号楼漏水").confidence


@pytest.mark.parametrize(
    ("text", "way", "metres"),
    [
        ("听雨公园往东50米有个坑", "东", 50),
        ("听雨公园北门往西北走两百米", "西北", 200),
        ("听雨公园以南约120米有个坑", "南", 120),
        ("听雨公园东30米处有个坑", "东", 30),
    ],
)
def test_a_stated_offset_moves_the_point(text: str, way: str, metres: float) -> None:
    found = _find(text)
    assert found.place is BY_CODE["P1"] and found.how == "relative"
    there = shift((BY_CODE["P1"].lon, BY_CODE["P1"].lat), way, metres)
    assert found.lon is not None and found.lat is not None
    assert haversine_m(found.lon, found.lat, *there) < 2
    assert found.confidence < _find("听雨公园有个坑").confidence


def test_a_gate_that_the_directory_lacks_lies_on_its_side() -> None:
    found = _find("荷塘东里北门堆着垃圾")
    assert found.place is BY_CODE["C2"]
    assert found.why == {
        "code": "place_relative",
        "params": {"base": "荷塘东里", "relation": "北门"},
    }
    assert found.lat is not None and found.lat > BY_CODE["C2"].lat


def test_roads_that_the_directory_knows_no_junction_of() -> None:
    near_by = replace(BY_CODE["K12"], code="X", name="望湖大街1号", aliases=(), parent="R4")
    found = Gazetteer((*STREET, near_by)).locate(
        [PlaceAsked(None, None, "琵琶胡同与望湖大街交叉口有坑")]
    )[0]
    assert found.label == "琵琶胡同与望湖大街交叉口" and found.metres >= 60
    assert _metres(found, "K12") < 60
    far = _find("砚池南路与砚池北路交叉口有坑")
    assert far.place is not None and far.how != "junction"


class TestPlacesOfOneName:
    def test_are_all_offered(self) -> None:
        found = _find("惠民超市把货堆在外面")
        assert found.how == "shared" and found.confidence <= 0.5
        assert {one.place.code for one in found.candidates} == {"S2", "S3"}

    def test_are_told_apart_by_the_road(self) -> None:
        found = _find("望湖大街惠民超市把货堆在外面")
        assert found.place is BY_CODE["S3"] and found.confidence > 0.9
        assert {one.place.code for one in found.candidates} == {"S2", "S3"}

    def test_are_told_apart_by_the_reported_point(self) -> None:
        for code in ("S2", "S3"):
            point = BY_CODE[code]
            asked = PlaceAsked(None, None, "惠民超市把货堆在外面", point.lon, point.lat)
            assert _gazetteer().locate([asked])[0].place is point

    def test_a_building_without_a_name_is_looked_for_around_the_point(self) -> None:
        point = BY_CODE["C3-3"]
        asked = PlaceAsked(None, None, "3号楼没有水", point.lon, point.lat)
        found = _gazetteer().locate([asked])[0]
        assert found.place is point and found.confidence < 0.7
        assert "C2-3" in {one.place.code for one in found.candidates}
        assert _find("3号楼没有水") == NOWHERE

    def test_a_building_without_a_name_is_looked_for_along_the_road(self) -> None:
        found = _find("澄江街边上那个小区1号楼没有水")
        assert found.place is BY_CODE["C1-1"] and found.confidence < 0.7
        assert found.why["code"] == "place_building_near"
        assert "R2" in {one.place.code for one in found.candidates}
        assert _find("澄江街没有水，隔壁1号楼也没有").place is BY_CODE["R2"]
        assert _find("澄江街边上盖了一栋楼").place is BY_CODE["R2"]


class TestDoubt:
    def test_two_unrelated_places_are_both_offered(self) -> None:
        found = _find("听雨公园噪音大，还有龙跃苑小区没有灯")
        assert found.place is BY_CODE["P1"]
        assert [one.place.code for one in found.candidates] == ["P1", "C4"]
        assert found.confidence < _find("听雨公园噪音大").confidence

    def test_the_reported_address_is_believed_first(self) -> None:
        found = _find("听雨公园也有", place="龙跃苑小区A座")
        assert found.place is BY_CODE["C4-A"]

    def test_a_title_and_a_text_refine_each_other(self) -> None:
        assert _find("松涛家园3号楼没水", title="松涛家园停水").place is BY_CODE["C1-3"]
        assert _find("松涛家园没水", title="松涛家园3号楼停水").place is BY_CODE["C1-3"]

    def test_a_common_word_that_is_an_alias_is_not_sure(self) -> None:
        assert _find("桥洞下面积水").confidence < 0.9
        assert _find("派出所说不归他们管").confidence < 0.5

    def test_an_answer_worth_a_doubt(self) -> None:
        found = _find("听雨公园噪音大")
        park = BY_CODE["P1"]
        assert disagrees((park.lon, park.lat), found) is None
        far = disagrees((BY_CODE["C4"].lon, BY_CODE["C4"].lat), found)
        assert far is not None and 1400 < far < 1800
        assert disagrees((LON, LAT), NOWHERE) is None


def test_find_gives_the_place_alone() -> None:
    guess = _gazetteer().find(None, "停水", "松涛家园3号楼停水")
    assert guess is not None
    assert (guess.place.code, guess.matched) == ("C1-3", "松涛家园3号楼")
    assert _gazetteer().find("随便什么地方") is None
    assert _gazetteer().find() is None


def test_an_empty_gazetteer_finds_nothing() -> None:
    assert Gazetteer([]).locate([PlaceAsked(None, None, "松涛家园停水")]) == [NOWHERE]
    assert Gazetteer([]).locate([]) == []


NAMES = [(name, place) for place in STREET for name in (place.name, *place.aliases)]


@pytest.mark.parametrize(("name", "place"), NAMES, ids=[name for name, _ in NAMES])
def test_a_name_alone_finds_its_place(name: str, place: NamedPlace) -> None:
    found = _find(name)
    same = [other for said, other in NAMES if said == name]
    assert found.place in same and found.how != "fuzzy"


_DIALECT = str.maketrans("0123456789", "０１２３４５６７８９")


@given(
    st.lists(
        st.sampled_from(
            [
                *(name for name, _ in NAMES),
                "对面",
                "3号楼",
                "12号",
                "与",
                "路口",
                "的",
                "，",
                "停水",
                "我住在",
                "派出所说",
            ]
        ),
        max_size=8,
    )
)
def test_finding_is_the_same_for_what_is_folded(words: list[str]) -> None:
    text = "".join(words)
    found = _find(text)
    assert _find(fold(text)) == found
    assert _find(text.translate(_DIALECT)) == found
    assert _find(" ".join(text)) == found
    if found.place is not None:
        assert found.matched in fold(text)
        assert 0 < found.confidence <= 1 and found.metres > 0
        assert len({one.place.code for one in found.candidates}) == len(found.candidates) <= 5


@given(st.text("路灯不亮停水漏水吵闹垃圾没人管的了在和是我们楼下小区门口一二三号，。", max_size=60))
def test_ordinary_words_name_no_place(text: str) -> None:
    assert _find(text).confidence < 0.9


@pytest.mark.parametrize(
    ("said", "number"),
    [("12", 12), ("十二", 12), ("二十", 20), ("一百零五", 105), ("一〇五", 105), ("两百", 200)],
)
def test_numbers_as_they_are_said(said: str, number: int) -> None:
    assert to_number(said) == number
    assert to_number(f"{said}号") is None


@given(st.integers(1, 999), st.sampled_from(["", "甲", "附"]))
def test_a_house_number_is_read_as_it_is_written(number: int, mark: str) -> None:
    text = f"{mark}{number}号院"
    assert house_after(text, 0) == (f"{mark}{number}", len(text))
    assert building_after(f"{number}号楼", 0) == (str(number), len(f"{number}号楼"))


@given(st.dictionaries(st.integers(1, 200), st.integers(-500, 500), min_size=1, max_size=12))
def test_known_houses_stand_where_they_are_and_others_among_them(east: dict[int, int]) -> None:
    points = {number: shift((LON, LAT), "东", metres) for number, metres in east.items()}
    houses = Houses(list(points.items()))
    lons = [lon for lon, _ in points.values()]
    for number in range(1, 201):
        at = houses.at(number)
        assert at is not None
        assert min(lons) - 1e-9 <= at[0][0] <= max(lons) + 1e-9
        if number in points:
            assert haversine_m(*at[0], *points[number]) < 0.01


def test_near_sounds_are_one() -> None:
    for a, b in (("zhēng", "zēn"), ("chí", "cǐ"), ("shù", "sù"), ("nán", "lán"), ("xīng", "xīn")):
        assert near(a) == near(b)
    assert near("lǜ") != near("lù") and near("hán") != near("háng")


@pytest.mark.parametrize("place", STREET, ids=[place.name for place in STREET])
def test_no_place_that_is_missing_is_mended_into_another(place: NamedPlace) -> None:
    """Another street's place, or one not entered yet: its name must not become a neighbour's."""
    names = {place.name, *place.aliases}
    others = [one for one in STREET if not names & {one.name, *one.aliases}]
    found = Gazetteer(others).locate([PlaceAsked(None, None, f"{place.name}没有路灯")])[0]
    assert found.how != "fuzzy"


HEARD = ("望湖下穿通道", "百味饺子馆", "澄江社区居委会", "老机修厂文创园", "琵琶胡同")


def _every_window(folded: str) -> set[tuple[int, int, str]]:
    """The slow way: each name against each stretch of the text."""
    sound_text = sounds(folded)
    found = set()
    for name in HEARD:
        if own_characters(name) < EDIT_MIN_OWN:
            continue
        for length in (len(name) - 1, len(name), len(name) + 1):
            for start in range(len(folded) - length + 1):
                said, heard = folded[start : start + length], sound_text[start : start + length]
                if heard != sounds(name) and one_fault(said, name, heard, sounds(name)) is not None:
                    found.add((start, start + length, name))
    return found


@given(st.sampled_from(HEARD), st.integers(0, 9), st.integers(0, 2), st.sampled_from("天味通一"))
def test_halves_find_what_every_window_finds(name: str, at: int, cut: int, new: str) -> None:
    text = f"昨天{name[:at]}{new}{name[at + cut :]}没有灯，{name[1:]}也没有"
    hearing = Hearing(HEARD)
    slow = _every_window(text)
    found = {(one.start, one.end, one.name) for one in hearing.edited(text)}
    assert found <= slow
    # Of stretches that begin alike the one with the fewest faults is enough.
    assert {(start, name) for start, _, name in found} == {(start, name) for start, _, name in slow}
