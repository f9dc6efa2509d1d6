"""What is masked, what is not, and that masking is quick, linear and idempotent.

The snippets lie in ``truth/*.csv``, spans marked as {name:王女士}. They are made up; numbers are
random or belong to nobody by construction. A few are known misses: the figures are true.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.evaluation.redact import read_truth, score
from streetwise.privacy.masking import RULES, TOKENS, Masked, Span, find, find_slowly, mask
from streetwise.privacy.masking_hints import HINTS

TRUTH = Path(__file__).parent / "truth"
#: numbers: this module's own of the first version; first to third: read while the rules were
#: made; held_out: written after the last change, never tuned on.
FILES = ("numbers", "first", "second", "third", "held_out")
#: Written blind for the third version of the rules, each measured before a rule was changed for
#: it; the last was never read for the rules at all. Full of rare surnames and bare names.
BLIND = {name: read_truth(TRUTH / f"{name}.csv") for name in ("blind2", "blind3", "blind4")}
SNIPPETS = {name: read_truth(TRUTH / f"{name}.csv") for name in FILES}
EVERY = [snippet for snippets in SNIPPETS.values() for snippet in snippets]
TEXTS = [one.text for one in EVERY] + [one.text for found in BLIND.values() for one in found]
PARTS = [one.text[span.start : span.end] for one in EVERY for span in one.spans]
STRUCTURED = [kind for kind in TOKENS if kind not in ("name", "address")]


def test_there_are_enough_snippets() -> None:
    assert len(TEXTS) >= 1100 and len(set(TEXTS)) >= 1050
    assert sum(map(len, BLIND.values())) >= 800
    assert sum(bool(one.spans) for one in EVERY) >= 500
    assert sum(not one.spans for one in EVERY) >= 400


def test_precision_and_recall() -> None:
    """The aims of issue 3 over the whole set; the figures reached stand beside them."""
    reached = score(EVERY)
    for kinds, precision, recall in (
        (STRUCTURED, 0.99, 0.99),  # 1.0000 and 0.9907
        (["name"], 0.99, 0.98),  # 1.0000 and 0.9857
        (["address"], 0.98, 0.99),  # 0.9931 and 1.0000
    ):
        tally = reached.of(*kinds)
        assert (tally.precision or 0) >= precision, (kinds, tally, reached.mistakes)
        assert (tally.recall or 0) >= recall, (kinds, tally, reached.mistakes)


def test_what_was_never_tuned_on() -> None:
    """Floors on names: what was reached, less one or two. Only blind4's is a blind figure."""
    for name, recall in (("blind2", 0.90), ("blind3", 0.76), ("blind4", 0.85)):
        tally = score(BLIND[name]).of("name")
        assert (tally.recall or 0) >= recall and (tally.precision or 0) >= 0.98, (name, tally)
    reached = score(SNIPPETS["held_out"])
    assert (reached.of("name").recall or 0) >= 0.94
    assert (reached.of("name").precision or 0) >= 0.95
    assert (reached.of("address").recall or 0) >= 0.95


def test_mask_replaces_what_find_reports_and_counts_it() -> None:
    masked = mask(
        "张三１３８１２３４５６７８，李四159-8765-4321，车京A·12345，工单SW-20261123-0001"
    )
    assert masked.text == "[姓名][手机]，[姓名][手机]，车[车牌]，工单SW-20261123-0001"
    assert masked.counts == {"mobile": 2, "plate": 1, "name": 2}
    assert masked.spans == (
        Span("name", 0, 2),
        Span("mobile", 2, 13),
        Span("name", 14, 16),
        Span("mobile", 16, 29),
        Span("plate", 31, 39),
    )
    assert mask("没有号码") == Masked("没有号码", {})
    assert mask("") == Masked("", {})


def test_every_rule_has_a_token_and_tokens_hold_nothing_to_mask() -> None:
    assert {rule.kind for rule in RULES} == set(TOKENS)
    assert len({rule.name for rule in RULES}) == len(RULES)
    everything = "".join(TOKENS.values())
    assert find(everything) == []
    assert mask("电话13812345678" + everything).text == "电话[手机]" + everything


def test_snippets_are_masked_once() -> None:
    for text in TEXTS:
        masked = mask(text)
        assert mask(masked.text) == Masked(masked.text, {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("幸福里3号楼2单元301室", "幸福里3号楼[住址]"),
        ("幸福里3-2-501漏水", "幸福里3-[住址]漏水"),
        ("张家村12号", "张家村12号"),
        ("市民王女士来电", "市民[姓名]来电"),
        ("王女士便利店门口", "王女士便利店门口"),
        ("微信号zhang_88", "微信号[微信]"),
        ("微信13812345678", "微信[手机]"),
        ("户主黄志富不同意。经查，黄志富未领款", "户主[姓名]不同意。经查，[姓名]未领款"),
    ],
)
def test_what_stays_in_sight(text: str, shown: str) -> None:
    assert mask(text).text == shown


# --- properties ---------------------------------------------------------------------------

_PIECES = """
13812345678 138 1234 5678 8765432 0731 87654321 - 、 ， ( ) （ ） +86 86 0 电话 手机： 工单号：
编号 身份证 卡号 430102 19991231 7991 X x 6222 0267 9290 8100 338 6222026792908100338 京A 12345
D D12345 挂 使 014 · 578 WJ京 一三八 零零一三八零零零 一 [手机] [ ] 年 元 转 8001 车牌 A 2019 局（
400 820 8820 . /
[姓名] [住址] 王 女士 小 老 姓 联系人： 市民 业主 反映 的 号楼 2单元 301 室 层 住 门
微信 vx: abc_123 @ .cn QQ 或 430102490307463 热线 12369 １３８ ａ 粤Z 港 11010119490307463X
"""
PIECES = [*_PIECES.split(), " ", "  ", "\n", "\u200b", "\uf8fe", "\uf8fd", "\uf8fc"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.sampled_from(TEXTS) | st.sampled_from(PARTS), max_size=8)
)
def test_masking_a_masked_text_changes_nothing(pieces: list[str]) -> None:
    text = "".join(pieces)
    spans = find(text)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    masked = mask(text)
    assert masked.spans == tuple(spans)
    assert _outside(text, spans) == _outside(masked.text, _tokens(text, spans))
    assert mask(masked.text) == Masked(masked.text, {})


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.sampled_from(TEXTS) | st.sampled_from(PARTS), max_size=8)
)
def test_the_cheap_looks_lose_nothing(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert find(text) == find_slowly(text)


def test_the_cheap_looks_lose_nothing_of_the_snippets() -> None:
    for text in TEXTS:
        assert find(text) == find_slowly(text), text


def test_every_hint_has_a_look() -> None:
    assert {rule.hint for rule in RULES} <= set(HINTS)


def _outside(text: str, spans: list[Span]) -> str:
    """What is left when the spans are cut out; none of them may split a run of digits."""
    left, done = "", 0
    for span in spans:
        left, done = left + text[done : span.start], span.end
    return left + text[done:]


def _tokens(text: str, spans: list[Span]) -> list[Span]:
    """Where the tokens of the spans stand in the masked text."""
    found, shift = [], 0
    for span in spans:
        start = span.start + shift
        found.append(Span(span.kind, start, start + len(TOKENS[span.kind])))
        shift += len(TOKENS[span.kind]) - (span.end - span.start)
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(PARTS), max_size=8))
def test_no_run_of_digits_is_split(pieces: list[str]) -> None:
    text = "".join(pieces)
    for span in find(text):
        for at in (span.start, span.end):
            around = text[max(0, at - 1) : at + 1]
            assert not (
                span.kind == "address"
                and around.isascii()
                and around.isdigit()
                and len(around) == 2
            ), (text, span)


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet="0123456789 -+()京ADXx一三八电话局：、[手机]１８王女士小老姓单元室号楼层",
        max_size=60,
    )
)
def test_masking_scrambled_characters_twice_changes_nothing(text: str) -> None:
    masked = mask(text)
    assert mask(masked.text) == Masked(masked.text, {})


@settings(deadline=None)
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-", "—", "·", "\u3000", "\u200b"]),
    st.sampled_from(["我的电话", "", "。", "tel", "（", "[手机]"]),
    st.sampled_from(["", "，谢谢", "（微信）", "abc", "年底"]),
    st.booleans(),
)
def test_any_mobile_number_is_found(
    number: str, gap: str, before: str, after: str, wide: bool
) -> None:
    written = gap.join((number[:3], number[3:7], number[7:]))
    if wide:
        written = written.translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)})
    assert find(before + written + after) == [
        Span("mobile", len(before), len(before) + len(written))
    ]


def right_check_digit(first17: str) -> str:
    """The standard's definition: the weighted sum is 1 modulo 11."""
    for digit in "0123456789X":
        values = [*map(int, first17), 10 if digit == "X" else int(digit)]
        if sum(value * 2 ** (17 - i) for i, value in enumerate(values)) % 11 == 1:
            return digit
    raise AssertionError


@settings(deadline=None)
@given(
    st.sampled_from(["110101", "650104", "810000", "910000"]),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(["", " ", "-"]),
)
def test_any_identity_number_is_found(region: str, born: date, serial: int, gap: str) -> None:
    first17 = f"{region}{born:%Y%m%d}{serial:03}"
    number = first17 + right_check_digit(first17)
    written = gap.join((number[:6], number[6:14], number[14:]))
    assert find(f"本人{written}。") == [Span("id_card", 2, 2 + len(written))]
    # Behind the words for an order number it is still found, thanks to its check digit.
    assert [span.kind for span in find(f"工单号{number}")] == ["id_card"]


def slow_luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@settings(deadline=None)
@given(st.from_regex(r"(62[0-9]{14,17}|4[0-9]{15})", fullmatch=True))
def test_a_bare_card_number_is_found_exactly_if_luhn_holds(number: str) -> None:
    found = [span.kind for span in find(f"转到{number}了")]
    assert ("bank_card" in found) == slow_luhn(number)


@settings(deadline=None)
@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2050, 12, 31)), st.integers(0, 9999))
def test_dates_and_order_numbers_stay(day: date, serial: int) -> None:
    texts = [day.strftime(form) for form in ("%Y-%m-%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")]
    texts += [
        f"SW-{day:%Y%m%d}-{serial:04}",
        f"截至{day:%Y-%m-%d}共{serial}件",
        f"电话{day:%Y%m%d}",
    ]
    for text in texts:
        assert find(text) == [], text


# --- hostile text -------------------------------------------------------------------------


_HOSTILE = """
1 - 0731- (0731) 一 京A 京A1 电话：12345、 [手机]、 6222_ 62 1_3_8_ 2_0_ 身份证1 +86 １ 13812345678

1_ 王 王女士 小王 老 姓王 联系人： 联系人：王 2单元 301室 3- 3-2-501 住 栋3 号楼 a@ a. @a.
微信 vx: 长 [姓名]、 、王伟 王伟、
1_ 电话：2345670、 WJ京 ( 工单号： 工单号：13812345678_ 使123 400- 9 43010219990101 一三八 13一
"""


@pytest.mark.parametrize("unit", _HOSTILE.split())
def test_long_nonsense_ends(unit: str) -> None:
    # Were a rule quadratic, this would take hours instead of a moment.
    text = unit.replace("_", " ") * (60_000 // len(unit))
    assert len(mask(text).text) <= 4 * len(text)


def test_a_megabyte() -> None:
    assert mask("13812345678，" * 90_000).counts == {"mobile": 90_000}
    assert mask("7" * 1_000_000) == Masked("7" * 1_000_000, {})


# --- real letters, when they are there ----------------------------------------------------

LETTERS = Path(__file__).parents[3] / "shared/data/text/附件4_留言与答复_2816.xlsx"


@pytest.mark.skipif(not LETTERS.exists(), reason="../shared/data is not here")
def test_real_letters() -> None:
    sheet = python_calamine.load_workbook(LETTERS).get_sheet_by_index(0)
    texts = [str(cell) for row in sheet.to_python() for cell in row]
    masked = [mask(text) for text in texts]
    assert all(mask(m.text).text == m.text for m in masked)
    # Whatever plainly is an area code with seven digits, by another expression.
    plain = re.compile(r"(?<![0-9])07[0-9]{2}[-—－]+[0-9]{7}(?![0-9])")
    assert sum(len(plain.findall(text)) for text in texts) > 100
    assert not [m.text for m in masked if plain.search(m.text)]
    # Nothing else of a person's numbers is left in this set: a false find would be noise.
    numbers = sum(n for m in masked for kind, n in m.counts.items() if kind in STRUCTURED)
    assert numbers < 300
