"""The merge engine: what joins, what is only offered, what never joins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.understand.causes import common_cause
from streetwise.resolve.understand.evidence import Voice, joining, weigh
from streetwise.resolve.understand.hearing import Heard, voices
from streetwise.resolve.understand.kinds import causes, kind_of
from streetwise.resolve.understand.marks import marks, names
from streetwise.resolve.understand.merge import Decision, Known, Pool, Settings, decide, within
from streetwise.resolve.understand.similar import (
    DIGEST_BYTES,
    GRAMS_MAX,
    NO_PRINT,
    Rarity,
    likeness,
    prints,
    weights_of,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LAMP = ("urban-management", "P-01-37")
LITTER = ("urban-management", "E-01-10")
WATER = ("request", "R-08")
LIFT = ("request", "R-01")
METRE = 1 / 111_195  # degrees of latitude

LAMP_TEXT = "南门外面的路灯坏了三天一直不亮晚上黑漆漆的老人走路看不清"
LAMP_AGAIN = "大门口那盏灯不亮了晚上出来什么都看不见请修一下路灯"
LAMP_ONCE_MORE = "南门外面的路灯又坏了不亮老人晚上走路看不清"
LITTER_TEXT = "门口堆了一大堆生活垃圾招苍蝇臭气熏天没有人来清运"


def voice(
    id_: str,
    text: str = LAMP_TEXT,
    *,
    hours: float = 0.0,
    north: float | None = 0.0,
    cls: tuple[str, str] | None = LAMP,
    **more: object,
) -> Voice:
    """A voice ``north`` metres from a spot (None: place unknown), ``hours`` after noon."""
    point = {} if north is None else {"lon": 116.9, "lat": 40.1 + north * METRE}
    heard = Heard(
        id=id_,
        at=NOON + timedelta(hours=hours),
        title=None,
        text=text,
        classes=((cls, 0.9),) if cls else (),
        **point,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )
    return voices([heard])[0]


def known(first: Voice, **more: object) -> Known:
    return Known(f"case-{first.id}", (first,), first.urgency, **more)  # type: ignore[arg-type]


def judged(new: Voice, *old: Voice, **more: object) -> Decision:
    return decide(new, [known(one) for one in old], **more)  # type: ignore[arg-type]


# --- what joins, and what does not --------------------------------------------------------


def test_one_lamp_in_other_words_is_one_case() -> None:
    decision = judged(voice("b", LAMP_AGAIN, hours=3, north=12), voice("a"))
    assert (decision.kind, decision.case) == ("join", "case-a")
    assert decision.score > Settings().join_from
    codes = {reason.code: reason.params for reason in decision.reasons}
    assert codes["metres_apart"] == {"metres": 12}
    assert codes["hours_apart"] == {"hours": 3.0}
    assert codes["same_class"]["class"] == "urban-management:P-01-37"
    assert 0 < codes["words"]["likeness"] < 1


def test_two_problems_before_one_gate_stay_two() -> None:
    assert judged(voice("b", LITTER_TEXT, hours=1, cls=LITTER), voice("a")).kind != "join"


def test_two_lamps_sixty_metres_apart_stay_two() -> None:
    new = voice("b", LAMP_AGAIN, hours=1, north=60, metres=8.0)
    decision = judged(new, voice("a", metres=8.0))
    assert decision.kind != "join"


@pytest.mark.parametrize(("other", "joins"), [("CP-1-03", True), ("CP-1-05", False)])
def test_lifts_of_two_buildings_stay_two(other: str, joins: bool) -> None:
    text = "{}号楼的电梯又停了老人下不了楼"
    old = voice("a", text.format(3), cls=LIFT, place="CP-1-03", above=("CP-1",), metres=25.0)
    number = 3 if joins else 5
    new = voice("b", text.format(number), hours=2, north=0 if joins else 45, cls=LIFT,
                place=other, above=("CP-1",), metres=25.0)  # fmt: skip
    assert (judged(new, old).kind == "join") is joins


def test_buildings_do_not_tell_apart_what_a_whole_compound_has() -> None:
    old = voice("a", "3号楼家家停水没水用", cls=WATER, place="CP-1", metres=120.0)
    new = voice("b", "5号楼也停水了没水做饭", hours=2, cls=WATER, place="CP-1", metres=120.0)
    assert judged(new, old).kind == "join"


def test_pole_numbers_tell_lamps_apart() -> None:
    old = voice("a", "灯杆0137不亮", metres=40.0)
    assert judged(voice("b", "灯杆0137不亮了", hours=5, metres=40.0), old).kind == "join"
    assert judged(voice("b", "灯杆0139不亮了", hours=5, metres=40.0), old).kind != "join"


def test_the_same_words_far_away_are_offered_only() -> None:
    decision = judged(voice("b", hours=1, north=600), voice("a"))
    assert decision.kind == "offer"


def test_what_passes_quickly_is_not_the_same_next_week() -> None:
    smoke = ("urban-management", "E-01-20")
    old = voice("a", "有人在烧树叶呛得很", cls=smoke)
    assert judged(voice("b", "又是烧垃圾的烟味", hours=1, cls=smoke), old).kind == "join"
    assert judged(voice("b", "又是烧垃圾的烟味", hours=24 * 7, cls=smoke), old).kind != "join"


def test_without_a_place_only_nearly_the_same_words_join() -> None:
    old = voice("a", north=None)
    same = judged(voice("b", LAMP_TEXT, hours=1, north=None), old)
    like = judged(voice("b", LAMP_AGAIN, hours=1, north=None), old)
    assert same.kind == "join"
    assert like.kind != "join"


def test_a_number_that_is_named_leads_to_its_case() -> None:
    old = voice("RX2026050400001")
    new = voice("b", "催一下", hours=30, north=None, cls=None, refers=(old.id,))
    decision = judged(new, voice("x", hours=29), old)
    assert (decision.kind, decision.case) == ("join", f"case-{old.id}")


def test_what_was_taken_apart_is_neither_joined_nor_offered() -> None:
    old, other = voice("a"), voice("c", hours=0.5, north=3)
    decision = judged(voice("b", hours=1), old, other, apart=frozenset(("case-a",)))
    assert decision.case == "case-c"
    assert "case-a" not in {offer.case for offer in decision.offers}
    alone = judged(voice("b", hours=1), old, apart=frozenset(("case-a",)))
    assert alone == Decision("none")


def test_near_misses_are_offered_best_first_and_not_more_than_five() -> None:
    old = [voice(f"a{n}", LAMP_AGAIN, north=8.0 + n, metres=8.0) for n in range(12)]
    decision = judged(voice("b", hours=1, metres=8.0), *old, settings=Settings(join_from=0.999999))
    assert decision.kind == "offer"
    assert len(decision.offers) == 5
    scores = [offer.score for offer in decision.offers]
    assert scores == sorted(scores, reverse=True)
    assert decision.offers[0].case == decision.case


# --- closed cases -------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "kind"), [(10, "again"), (29, "again"), (31, "none")])
def test_a_case_closed_within_its_guard_time_asks_whether_it_is_back(days: int, kind: str) -> None:
    old = voice("a", "灯杆0137不亮")
    new = voice("b", "灯杆0137不亮", hours=24 * days + 5, north=0)
    case = known(old, closed_at=NOON + timedelta(hours=5))
    assert decide(new, [case]).kind == kind


def test_what_comes_back_after_days_is_asked_about_whatever_the_fit_says_of_hours() -> None:
    old, new = voice("a"), voice("b", LAMP_ONCE_MORE, hours=72)
    alike = likeness(new.text, old.text)
    assert weigh(new, old, alike, joining()).score < Settings().join_from
    assert decide(new, [known(old, closed_at=NOON + timedelta(hours=5))]).kind == "again"
    assert decide(new, [known(old)]).kind == "offer"


def test_of_two_open_cases_the_one_that_the_fitted_numbers_hold_for_surer() -> None:
    """By the reasoned ones it would be the first, for its words."""
    new, old, late = (
        voice("b", hours=73),
        voice("a", LAMP_ONCE_MORE),
        voice("c", "灯不亮", hours=72),
    )
    reasoned = [weigh(new, one, likeness(new.text, one.text)).score for one in (old, late)]
    assert reasoned[0] > reasoned[1]
    decision = judged(new, old, late)
    assert (decision.kind, decision.case) == ("join", "case-c")
    assert [offer.case for offer in decision.offers] == ["case-a"]


def test_the_guard_time_is_a_setting() -> None:
    case = known(voice("a", "灯杆0137不亮"), closed_at=NOON)
    new = voice("b", "灯杆0137不亮", hours=24 * 10)
    assert decide(new, [case], settings=Settings(guard_days=5)).kind == "none"


# --- urgency ------------------------------------------------------------------------------


def test_a_more_urgent_voice_raises_its_case() -> None:
    assert judged(voice("b", hours=1, urgency=2), voice("a", urgency=1)).raises
    assert not judged(voice("b", hours=1, urgency=1), voice("a", urgency=1)).raises
    assert not judged(voice("b", hours=1), voice("a", urgency=1)).raises


def test_an_alarm_never_joins_a_less_urgent_case_by_itself() -> None:
    quiet, loud = voice("a"), voice("a", urgency=2)
    alarm = voice("b", hours=1, urgency=2, alarm=True)
    decision = judged(alarm, quiet)
    assert (decision.kind, decision.case) == ("offer", "case-a")
    assert "alarm_not_silent" in {reason.code for reason in decision.reasons}
    assert judged(alarm, loud).kind == "join"


@given(st.integers(0, 3), st.integers(0, 3))
def test_a_case_is_never_less_urgent_for_a_voice_more(case: int, new: int) -> None:
    joined = known(voice("a", urgency=case)).with_voice(voice("b", urgency=new))
    assert joined.urgency == max(case, new)


# --- chains -------------------------------------------------------------------------------


def test_a_chain_of_neighbours_does_not_wander_down_the_street() -> None:
    step = 25.0
    row = [voice(f"v{n}", LAMP_AGAIN, hours=n, north=n * step, metres=8.0) for n in range(12)]
    groups, _ = within(row)
    spans = [max(m) - min(m) for m in _members(groups).values()]
    assert max(spans) * step < 100


def _members(groups: list[int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for at, group in enumerate(groups):
        members.setdefault(group, []).append(at)
    return members


def test_a_case_keeps_its_first_voices_and_the_last() -> None:
    case = known(voice("v0"))
    for n in range(1, 9):
        case = case.with_voice(voice(f"v{n}"))
    assert [one.id for one in case.voices] == ["v0", "v1", "v2", "v8"]


def test_groups_stand_in_the_order_of_the_list() -> None:
    a, b, c = voice("a"), voice("b", LITTER_TEXT, north=900, cls=LITTER), voice("c", hours=2)
    assert within([a, b, c])[0] == [0, 1, 0]
    assert within([c, b, a])[0] == [2, 1, 2]


# --- invariants ---------------------------------------------------------------------------

_TEXTS = st.sampled_from(
    [LAMP_TEXT, LAMP_AGAIN, LITTER_TEXT, "路灯不亮", "停水了", "", "3号楼电梯坏了", "灯杆12不亮"]
)
_VOICES = st.builds(
    voice,
    st.uuids().map(str),
    _TEXTS,
    hours=st.integers(0, 500),
    north=st.one_of(st.none(), st.integers(0, 900)),
    cls=st.sampled_from([LAMP, LITTER, WATER, None]),
    urgency=st.integers(0, 2),
    alarm=st.booleans(),
)


@given(_VOICES, st.lists(_VOICES, max_size=8), st.randoms())
def test_the_order_of_candidates_decides_nothing(new: Voice, old: list[Voice], rng) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(old)
    rng.shuffle(shuffled)
    assert judged(new, *old) == judged(new, *shuffled)


@given(_VOICES, st.lists(_VOICES, min_size=1, max_size=8), _VOICES)
def test_a_further_candidate_never_makes_the_match_worse(
    new: Voice, old: list[Voice], other: Voice
) -> None:
    before, after = judged(new, *old), judged(new, *old, other)
    # A join and an offer are weighed by different numbers; a join is never lost.
    assert (after.kind == "join", after.score) >= (before.kind == "join", before.score)
    if after.case != f"case-{other.id}":
        assert (after.kind, after.case) == (before.kind, before.case)


@given(_VOICES, st.lists(_VOICES, min_size=1, max_size=5))
def test_rules_that_no_score_overrides(new: Voice, old: list[Voice]) -> None:
    cases = [known(one) for one in old]
    decision = decide(new, cases, apart=frozenset((cases[0].id,)))
    assert decision.case != cases[0].id
    by_id = {case.id: case for case in cases}
    if decision.kind == "join":
        assert decision.case is not None
        case = by_id[decision.case]
        assert decision.raises == (new.urgency > case.urgency)
        assert not (new.alarm and new.urgency > case.urgency)
    assert (
        decision.case not in {offer.case for offer in decision.offers} or decision.kind == "offer"
    )


@given(_VOICES, _VOICES)
def test_a_pool_finds_what_weighing_each_would(new: Voice, old: Voice) -> None:
    evidence = weigh(new, old, likeness(new.text, old.text))
    found = judged(new, old)
    if found.kind == "join" and evidence.located:
        fitted = weigh(new, old, likeness(new.text, old.text), joining())
        assert found.score == pytest.approx(fitted.score)
        assert fitted.score >= Settings().join_from
    elif evidence.placed and evidence.score >= Settings().offer_from:
        assert found.score == pytest.approx(evidence.score)
    elif evidence.score < Settings().offer_from:
        assert found.kind == "none"


# --- likeness -----------------------------------------------------------------------------

_WORDS = st.text(alphabet="路灯不亮垃圾停水南门三号楼坏了晚上老人abc12，。 \n[]", max_size=60)


@given(_WORDS, _WORDS)
def test_likeness_is_symmetric_and_between_0_and_1(a: str, b: str) -> None:
    one, other = prints([a, b])
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


@given(_WORDS)
def test_a_text_is_like_itself_whatever_its_width_and_spaces(text: str) -> None:
    one, other = prints([text, f" {text.replace('a', 'Ａ').upper()} "])
    expected = 0 if one == NO_PRINT else 1
    assert likeness(one, other) == likeness(one, one) == expected


@given(st.lists(_WORDS, min_size=1, max_size=5))
def test_a_print_does_not_hang_on_its_neighbours(texts: list[str]) -> None:
    assert prints(texts) == [prints([text])[0] for text in texts]


def test_prints_are_small_and_sorted() -> None:
    text = "".join(chr(0x4E00 + n * 7) for n in range(1_000))
    (made,) = prints([text])
    assert len(made) == DIGEST_BYTES + 4 * GRAMS_MAX
    assert list(weights_of(made)) == sorted(weights_of(made))


def test_boilerplate_masks_and_names_say_nothing() -> None:
    plain, dressed, placed = prints(
        [
            "井盖碎了一半",
            "您好，井盖碎了一半，[电话]希望相关部门尽快处理",
            "安宁里井盖碎了一半",
        ],
        names=[[], [], ["安宁里"]],
    )
    assert weights_of(plain).keys() <= weights_of(dressed).keys()
    assert likeness(plain, dressed) > 0.75
    assert weights_of(plain) == weights_of(placed)


def test_what_everybody_says_weighs_less() -> None:
    texts = ["路灯不亮"] * 50 + ["喷泉开裂"]
    learned = Rarity.learned(texts)
    common, rare = prints(["路灯不亮", "喷泉开裂"], rarity=learned)
    assert max(weights_of(common).values()) < min(weights_of(rare).values())


# --- marks, names, kinds ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三号楼2单元", {("building", "3"), ("unit", "2")}),
        ("十二栋", {("building", "12")}),
        ("二十号楼", {("building", "20")}),
        ("石桥路016号对面", {("number", "16")}),
        ("34路公交站", {("line", "34")}),
        ("灯杆编号0137", {("pole", "137")}),
        ("137号灯杆", {("pole", "137")}),
        ("南门旁东南角", {("gate", "南门"), ("corner", "东南角")}),
        ("地铁2号线施工", set()),
        ("没有数字", set()),
    ],
)
def test_marks(text: str, expected: set[tuple[str, str]]) -> None:
    assert marks(text) == expected


def test_names_are_what_stands_before_their_endings() -> None:
    assert names("我住在青枫小区,对面是向阳路") == ["青枫", "向阳"]
    assert names("没有名字") == []


def test_the_longest_beginning_of_a_code_counts() -> None:
    assert kind_of(("urban-management", "P-01-37")).reach_metres == 25
    assert kind_of(("urban-management", "P-99-99")).reach_metres == 20
    assert kind_of(("unheard", "of")) == kind_of(None)
    assert causes()


# --- many cases, one cause ----------------------------------------------------------------


def _dry(n: int) -> Known:
    return known(voice(f"w{n}", hours=n, cls=WATER, place=f"CP-1-0{n}", above=("CP-1",)))


def test_three_buildings_without_water_may_have_one_cause() -> None:
    (found,) = common_cause([_dry(1), _dry(3), _dry(2)])
    assert found.cases == ("case-w1", "case-w2", "case-w3")
    assert found.parent is None


def test_a_burst_pipe_is_the_parent_of_what_it_brings() -> None:
    pipe = known(voice("p", cls=("urban-management", "E-05-01"), place="CP-1"))
    (found,) = common_cause([_dry(1), _dry(2), pipe])
    assert found.parent == "case-p"


@pytest.mark.parametrize(
    "cases",
    [
        [_dry(1), _dry(2)],
        [_dry(1), _dry(2), replace(_dry(3), closed_at=NOON)],
        [_dry(1), _dry(2), known(voice("x", hours=40, cls=WATER, place="CP-1"))],
        [_dry(1), _dry(2), known(voice("x", hours=3, cls=LITTER, place="CP-1"))],
        [_dry(1), _dry(2), known(voice("x", hours=3, cls=WATER, place="CP-9", north=900))],
    ],
    ids=["two", "closed", "later", "other kind", "elsewhere"],
)
def test_no_common_cause(cases: list[Known]) -> None:
    assert common_cause(cases) == []


def test_a_pool_takes_changes_of_a_case() -> None:
    pool = Pool([known(voice("a"))])
    pool.put(pool.cases["case-a"].with_voice(voice("b", hours=40)))
    assert decide(voice("c", hours=41), pool).case == "case-a"
    assert len(pool.cases) == 1
