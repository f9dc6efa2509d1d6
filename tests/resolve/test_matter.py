"""What a message asks for, how urgent it is, how heavy it lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.matter import NO_CASE, Matter, read_matter
from streetwise.resolve.understand.urgency import dangers, reasons
from streetwise.resolve.understand.weight import Fact, number, weigh
from streetwise.resolve.understand.wordlists import clause, load, placed, words_of


def read(text: str, title: str | None = None) -> Matter:
    return read_matter([(title, text)])[0]


REPORTS = (
    "东门路灯坏了三天，晚上看不见",
    "路灯坏了什么时候能修？",
    "请问门口的垃圾什么时候清",
    "谢谢你们上次来修，不过今天又漏了",
    "感谢师傅，另外楼道里还有一堆杂物",
    "冰面上有人",
    "楼上装修太吵，谢谢",
    "物业把门锁了，我们怎么走",
    "怎么还不来修",
    "测试仪显示水有问题，水是浑的",
    "打错了，不过楼下井盖没了",
    "热线态度很好，就是没人来修",
    "从早上停水到现在，也没个通知，拜托了",
)


@pytest.mark.parametrize("text", REPORTS)
def test_whoever_tells_of_something_wrong_makes_a_case(text: str) -> None:
    assert read(text).is_case


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("特别感谢社区的小陈，帮我妈办好了医保", "thanks"),
        ("给物业的师傅送面锦旗，辛苦了", "thanks"),
        ("路灯修好了，谢谢你们", "thanks"),
        ("上次说的积水当天就解决了，效率真高，表扬一下", "thanks"),
        ("请问居住证怎么办理，需要什么材料", "question"),
        ("社区服务大厅周六上班吗，几点开门", "question"),
        ("咨询一下老年卡去哪里办", "question"),
        ("明天停水到几点？", "question"),
        ("测试", "nonsense"),
        ("", "nonsense"),
        ("……！！", "nonsense"),
        ("[图片]", "nonsense"),
        ("不好意思打错了", "nonsense"),
        ("代开发票，加微信", "nonsense"),
        ("我上次报的单子催一下，什么时候能修", "urge"),
        ("工单20260101000123办到哪了", "urge"),
        ("补充一下，是三号楼北边那个门", "supplement"),
        ("刚才说错了，应该是二单元", "supplement"),
        ("建议在广场增设几张长椅", "request"),
        ("建议把空地建成游泳馆，大家世代感激您", "request"),
        ("楼下垃圾堆了一地，臭得不行", "report"),
    ],
)
def test_what_is_asked_for(text: str, asked: str) -> None:
    assert read(text).asked == asked


def test_a_long_letter_with_thanks_that_tells_of_trouble_is_a_case() -> None:
    story = "平台一直不让我提现，账户里还有十二万。我打电话过去，客服每次都让我等。" * 4
    assert read(f"感谢您抽空看信，上次的事处理好了。{story}感谢你们的帮助").is_case


def test_a_missing_text_is_nothing_and_the_title_alone_can_tell() -> None:
    assert read_matter([(None, None)])[0].asked == "nonsense"
    assert read_matter([("井盖破损", None)])[0].is_case


@pytest.mark.parametrize("report", [text for text in REPORTS if "谢" not in text])
@given(
    thanks=st.lists(
        st.sampled_from(["谢谢", "感谢你们", "辛苦了", "非常感谢", "表扬一下", "谢谢领导"]),
        max_size=3,
    )
)
def test_thanks_beside_a_report_leave_it_a_case(report: str, thanks: list[str]) -> None:
    assert read("，".join([report, *thanks])).is_case
    assert read("，".join([*thanks, report])).is_case


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("三楼着火了，快来人", "着火"),
        ("楼道里一股煤气味", "煤气味"),
        ("可能燃气泄漏，怕出事", "燃气泄漏"),
        ("人行道上井盖没了", "井盖没了"),
        ("电线断了垂在地上", "电线断"),
        ("老人被困在电梯里", "被困"),
        ("去年着过火，现在又着火了", "着火"),
        ("地下室进水了", "地下室进水"),
        ("围墙快塌了", "快塌"),
        ("没人救被困的老人", "被困"),
        ("曾女士说家里着火了", "着火"),
        ("请问发现漏煤气怎么办", "漏煤气"),
        ("培训机构着火", "着火"),
        ("说是修好了，可是还在漏电", "漏电"),
        ("消防车进不来，楼上着火了", "着火"),
        ("谢谢，楼上着火了", "着火"),
    ],
)
def test_words_of_danger_raise(text: str, word: str) -> None:
    matter = read(text)
    assert matter.urgency == "high"
    assert word in matter.urgent_words
    assert matter.is_case
    assert ("danger", matter.urgent_words) in [(why.code, why.words) for why in matter.why]


@pytest.mark.parametrize(
    "text",
    [
        "没有着火",
        "并没有闻到煤气味",
        "去年着过火，现在没事",
        "去年这里着火，留下一片黑墙",
        "路灯杆漏电，已经修好了",
        "火已扑灭，没有人员受伤",
        "社区组织消防演习，放了烟",
        "燃气灶换新咨询",
        "请问火灾报警器哪里领",
        "漏电保护器怎么换",
        "臭死人了",
        "来电人反映，垃圾没人清",
        "烧烤摊冒烟，熏得睡不着",
        "为了防止触电请加警示牌",
        "一楼没有老人受伤",
    ],
)
def test_what_is_denied_past_over_or_harmless_raises_nothing(text: str) -> None:
    assert read(text).urgency == "normal"


@pytest.mark.parametrize("text", ["堆这么多纸箱容易引发火灾", "万一爆炸怎么办", "怕着火"])
def test_what_could_come_is_said_but_raises_nothing(text: str) -> None:
    matter = read(text)
    assert matter.urgency == "normal"
    assert matter.could
    assert matter.is_case


@given(st.text(alphabet="没着火了去年，。又煤气味有人怕", max_size=24))
def test_every_word_of_danger_is_in_the_text_and_has_a_reason(text: str) -> None:
    folded = fold(text)
    for one in dangers(folded):
        assert folded[one.start : one.start + len(one.word)] == one.word
        assert reasons()[one.group] == one.reason


@given(st.text(max_size=60), st.text(max_size=60))
def test_anything_can_be_read_and_danger_is_always_a_case(title: str, text: str) -> None:
    matter = read_matter([(title, text)])[0]
    assert (matter.urgency == "high") == bool(matter.urgent_words)
    if matter.urgent_words or matter.could:
        assert matter.asked not in NO_CASE
    assert 0 < matter.confidence <= 1
    assert all(fact.words in fold(title) + "。" + fold(text) for fact in matter.weight)


@pytest.mark.parametrize(
    "rude", ["你们这群废物", "真是一帮混蛋", "气死我了", "简直不是人", "吃干饭的", "他是个神经病"]
)
@pytest.mark.parametrize(
    "report", [*REPORTS[:4], "感谢社区小陈帮忙办好了医保", "请问居住证怎么办理"]
)
def test_rude_words_change_nothing_about_the_matter(report: str, rude: str) -> None:
    """The weight is of the matter; temper, tone and names that are called do not count."""
    plain, angry = read(report), read(f"{report}，{rude}")
    assert angry.weight == plain.weight
    assert angry.urgency == plain.urgency
    assert angry.asked == plain.asked
    assert angry.confidence == plain.confidence


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("三个月没人管", Fact("waiting", 90, "三个月")),
        ("拖了快半年了", Fact("waiting", 182, "半年")),
        ("已经两周没有水", Fact("waiting", 14, "两周")),
        ("坏了10多天了", Fact("waiting", 10, "10多天")),
        ("三天前就反映过", Fact("waiting", 3, "三天")),
        ("这是第三次反映", Fact("told", 3, "第三次")),
        ("打过五次电话", Fact("told", 5, "打过五次")),
        ("多次反映没有结果", Fact("told", None, "多次反映")),
        ("几十户人家受影响", Fact("affected", 20, "几十户")),
        ("整栋楼都没法睡", Fact("affected", None, "整栋楼")),
        ("家里停暖了", Fact("livelihood", None, "停暖")),
        ("存在安全隐患", Fact("public_safety", None, "安全隐患")),
    ],
)
def test_what_a_text_lets_one_count(text: str, fact: Fact) -> None:
    assert fact in weigh(text)


@pytest.mark.parametrize(
    "text",
    [
        "在这儿住了十年了",
        "我2019年搬来的",
        "孩子上三年级",
        "每天一次",
        "第一次反映",
        "每两周清一次",
    ],
)
def test_what_is_no_wait_and_no_repeat_is_not_counted(text: str) -> None:
    assert not [fact for fact in weigh(text) if fact.kind in ("waiting", "told")]


@given(st.integers(1, 9999))
def test_numbers_in_characters_are_read(value: int) -> None:
    assert number(_written(value)) == value
    assert number(str(value)) == value


def _written(value: int) -> str:
    """A number below 10,000 in characters, the plain way."""
    digits, text = "零一二三四五六七八九", ""
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // size % 10
        if digit:
            text += digits[digit] + unit
        elif text and not text.endswith("零") and value % size:
            text += "零"
    return text


def test_what_is_no_number_is_none() -> None:
    assert number("半") is None
    assert number("") is None
    assert number("两百五十") == 250
    assert number("十几") == 12


@given(
    st.lists(st.text(alphabet="甲乙丙", min_size=1, max_size=3), min_size=1, max_size=6),
    st.text(alphabet="甲乙丙丁", max_size=20),
)
def test_words_are_placed_where_they_were_found(words: list[str], text: str) -> None:
    """Against trying every place by hand, the longest word first."""
    slow, at = [], 0
    while at < len(text):
        here = [word for word in words if text.startswith(word, at)]
        if here:
            slow.append((at, max(here, key=len)))
            at += len(slow[-1][1])
        else:
            at += 1
    assert list(placed(Words(words), text)) == slow


def test_a_clause_ends_at_its_stops() -> None:
    text = "甲乙,丙丁。戊"
    assert clause(text, 3, 5) == (3, 5)
    assert clause(text, 0, 1) == (0, 2)
    assert clause(text, 6, 7) == (6, 7)


def test_every_group_of_danger_has_its_reason_and_no_word_is_in_two() -> None:
    seen: dict[str, str] = {}
    for name, group in load("urgency.yaml")["groups"].items():
        assert group["reason"]
        for word in words_of(group["words"]):
            assert seen.setdefault(word, name) == name, word
    assert not set(seen) & set(words_of(load("urgency.yaml")["harmless"]))
