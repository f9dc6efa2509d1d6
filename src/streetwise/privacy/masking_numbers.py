"""Rules for numbers that identify a person: telephones, identity and bank cards, plates.

Sources: GB 11643-1999 (identity number), GA 36-2018 (plates), ISO/IEC 7812-1 (bank cards,
Luhn), the telephone numbering plan. What is plainly of a kind but mistyped is masked too: a
typo still identifies. No rule splits a run of digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from streetwise.privacy.masking_text import BLOT as _BLOT
from streetwise.privacy.masking_text import BLOTS as _BLOTS
from streetwise.privacy.masking_text import CHINESE_DIGITS as _CHINESE
from streetwise.privacy.masking_text import CHINESE_VALUES as _CHINESE_VALUES
from streetwise.privacy.masking_text import GAP as _GAP
from streetwise.privacy.masking_text import NAME_BLOT, Finder, Rule
from streetwise.privacy.masking_text import PROVINCES as _PROVINCES
from streetwise.privacy.masking_text import matches as _matches

_GAPS = re.compile(f"[{_GAP}]+")


def _bare(number: str) -> str:
    """The number without its separators."""
    return _GAPS.sub("", number)


# --- checks -------------------------------------------------------------------------------

_REGION = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|91")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_PREFIX = re.compile(r"62|4|5|60|65|68|69|81|35|955[89]")
_ORDER_LABEL = re.compile(
    r"(?:(?:[工订运]单|单|流水|受理|案件|事件|合同|备案|立案|许可证?|文)编?号"
    r"|(?<!身份证)(?<!身份)(?<!证件)编号)码?[:：为是 ]{0,3}\Z"
)


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _check_digit_right(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def _luhn(number: str) -> bool:
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    total = sum(map(int, number[-1::-2])) + sum(doubled[int(d)] for d in number[-2::-2])
    return total % 10 == 0


def _no_order(m: re.Match[str]) -> bool:
    """Not directly behind words such as 工单号, which announce an order number."""
    return _ORDER_LABEL.search(m.string, max(0, m.start() - 12), m.start()) is None


def _id18(m: re.Match[str]) -> bool:
    number = _bare(m.group())
    year = number[6:10]
    if "1800" <= year < "2100" and _is_day(year, number[10:12], number[12:14]):
        return _check_digit_right(number) or (bool(_REGION.match(number)) and _no_order(m))
    return False


def _id15(m: re.Match[str]) -> bool:
    number = _bare(m.group())
    born = _is_day("19" + number[6:8], number[8:10], number[10:12])
    return born and _REGION.match(number) is not None and _no_order(m)


def _card(m: re.Match[str]) -> bool:
    number = _bare(m.group())
    return bool(_CARD_PREFIX.match(number)) and _luhn(number) and _no_order(m)


def _grouped_card(m: re.Match[str]) -> bool:
    return m.group().startswith("62") or _card(m)  # UnionPay in fours, even if mistyped


def _local(m: re.Match[str]) -> bool:
    number = _bare(m.group("number"))
    return len(number) != 8 or not _is_day(number[:4], number[4:6], number[6:])


def _in_chinese(m: re.Match[str]) -> bool:
    return not set(_CHINESE).isdisjoint(m.group())  # else the plain rules have decided


# --- shapes -------------------------------------------------------------------------------

_G = f"[{_GAP}]"
_END = "(?![0-9])"
_NOT = f"[^0-9\n{_BLOTS}]"  # what may stand between a word such as 卡号 and its number


def _first(chars: str) -> str:
    """The first digit of a shape. Consume, then look behind: a set in front scans fast."""
    return f"[{chars}](?<![0-9][{chars}])"


def _groups(*sizes: int) -> str:
    """What follows the first two digits of a mobile number, in groups with equal gaps."""
    first, *rest = sizes
    name = "g" + "".join(map(str, sizes))
    head = f"[0-9]{{{first - 2}}}(?P<{name}>{_G}{{1,3}})"
    return head + f"(?P={name})".join(f"[0-9]{{{size}}}" for size in rest)


_ID18 = f"{_G}{{0,2}}".join(
    [_first("1-9"), *["[0-9]"] * 5, "[12]", *["[0-9]"] * 10, f"(?:[0-9]{_END}|[Xx×](?![A-Za-z]))"]
)
_ID15 = _first("1-9") + f"[0-9]{{14}}{_END}"
_ID_NAMED = (
    f"(?:身[份分]证|证件)(?:编?号码?)?{_NOT}{{0,6}}"
    f"(?P<number>[1-9][0-9]{{13,18}}(?:[0-9]|[Xx×](?![A-Za-z]))?){_END}"
)

_CARD = _first("2-9") + f"[0-9]{{15,18}}{_END}"
_CARD_16 = _first("2-9") + f"[0-9]{{3}}(?:{_G}{{1,2}}[0-9]{{4}}){{3}}{_END}"
_CARD_19 = _CARD_16.removesuffix(_END) + f"{_G}{{1,2}}[0-9]{{1,3}}{_END}"
_CARD_6 = _first("2-9") + f"[0-9]{{5}}{_G}{{1,2}}[0-9]{{10,13}}{_END}"
_ACCOUNT = (
    f"(?:卡号|银行卡|[账帐][号户]|储蓄卡|信用卡|存折){_NOT}{{0,8}}(?P<number>"
    f"(?:[0-9]{{12,21}}|[0-9]{{4}}(?:{_G}[0-9]{{4}}){{2,4}}(?:{_G}[0-9]{{1,3}})?){_END})"
)

_MOBILE_REST = (  # behind the leading 1
    "(?:[3-9](?:[0-9]{9}|"
    + "|".join(_groups(*map(int, str(g))) for g in (344, 38, 74, 443, 434, 335, 353, 32222, 3233))
    + f")|{_G}{{1,2}}[3-9](?:{_G}{{1,2}}[0-9]){{9}}){_END}"
)
_MOBILE = _first("01") + f"(?:(?<=1)|(?<=0)1){_MOBILE_REST}(?!元|万元|亿)"
_MOBILES = _first("1") + f"[3-9][0-9]{{9}}(?:1[3-9][0-9]{{9}}){{1,2}}{_END}"
_MOBILE_COMMAS = (  # three, four, four: amounts have threes
    _first("1") + f"[3-9][0-9](?P<comma>[,，、] ?)[0-9]{{4}}(?P=comma)[0-9]{{4}}{_END}"
)
_ABROAD = (  # +86, (86), 0086, 86
    "[(（+＋08](?:(?<=[(（])[+＋]?86|(?<=[+＋])86|(?<=0)(?<![0-9]0)086|(?<=8)(?<![0-9]8)6)"
    f"[)）]?{_G}{{0,2}}"
)
_MOBILE_NAMED = (
    "(?:手机|电话|联系方式|[Tt][Ee][Ll])(?:号码?)?[:：为是 ]{0,3}"
    f"(?P<number>1[3-9][0-9]{{8,10}}{_END})"
)

AREA = (  # without its leading 0
    "(?:10|2[0-57-9]|3[1-79][0-9]|4[1-8][0-9]|5[1-9][0-9]"
    "|6[3-69][0-9]|7[0-9]{2}|8[1-9][0-9]|9[0-9]{2})"
)
_SUBSCRIBER = (
    f"(?:[1-9][0-9]{{6,7}}|[2-9][0-9]{{2,3}}{_G}{{1,2}}[0-9]{{4}}){_END}"
    f"(?:{_G}{{0,2}}(?:转|轉|分机号?|[Ee][Xx][Tt]\\.?)[{_GAP}:：]{{0,2}}[0-9]{{1,6}}{_END}"
    f"|[-\u2010-\u2015\u2212\uff0d]{{1,2}}[0-9]{{1,5}}{_END})?"
)
_LANDLINE = (
    f"[(（0](?:(?<=[(（])0{AREA}[)）]|(?<=0)(?<![0-9]0){AREA}[)）]?){_G}{{0,4}}{_SUBSCRIBER}"
)
_LANDLINE_ABROAD = f"{_ABROAD}[(（]?0?[)）]?{AREA}[)）]?{_G}{{0,3}}{_SUBSCRIBER}"
_UNIT = f"(?!{NAME_BLOT}|[多余]?(?:元|万|亿|人|户|平|㎡|吨|亩|年|月|日|米|公|千|字|次|学))"
_SERVICE = _first("48") + (
    "00(?![0-9]0{6})"  # a round sum
    f"{_G}{{0,2}}(?:[0-9]{{3}}{_G}{{0,2}}[0-9]{{4}}|[0-9]{{4}}{_G}{{1,2}}[0-9]{{3}}){_END}{_UNIT}"
)
_LOCAL = (
    f"(?:[2-8][0-9]{{6,7}}|(?!20[0-9]{{2}}{_G})[2-8][0-9]{{2,3}}{_G}{{1,2}}[0-9]{{4}}){_END}{_UNIT}"
)
_LINK = (
    f"(?:[(（][^0-9()（）\n{_BLOTS}]{{0,12}}[)）])?"
    f"{_G}{{0,2}}(?:[、，,/;；和及]|或者?|{_G}){_G}{{0,2}}"
)
_PHONE_WORD = (
    "(?:电话|座机|热线|致电|拨打|传真|固话|联系|咨询|手机|[Tt][Ee][Ll]|[Pp]hone)"
    f"[^0-9\n{_BLOTS}单编金费元款]{{0,8}}(?=[0-9{_BLOT}])"
)
_OFFICE = (
    "(?:局|所|站|股|科|室|办|处|厅|部|台|队|委|镇|乡|街道|中心|公司)"
    "(?:[(（:：]|——?)(?!20[0-3])(?=[2-8])"
)

_SERIAL = "(?=[A-Za-z]{0,4}[0-9][A-Za-z]{0,4}[0-9])[0-9A-HJ-NP-Za-hj-np-z]"  # two digits or more
_PLATE_HEAD = f"[{_PROVINCES}]{_G}{{0,2}}[A-HJ-Za-hj-z]{_G}{{0,2}}"
_PLATE_END = "(?:(?<=[0-9])(?![0-9])|(?<=[A-Za-z])(?![A-Za-z]))"
_PLATE = f"{_PLATE_HEAD}{_SERIAL}{{5,6}}{_PLATE_END}"
_PLATE_WORDED = f"{_PLATE_HEAD}{_SERIAL}{{4}}{_G}?[挂学警港澳领](?![校生习取])"
_PLATE_ARMY = f"(?<![A-Za-z])[Ww][Jj]{_G}?[{_PROVINCES}]{_G}?{_SERIAL}{{5}}{_PLATE_END}"
_PLATE_EMBASSY = f"[使领]{_G}?[0-9]{{3}}[·•・‧.][0-9]{{3}}{_END}"
_PLATE_NAMED = (
    f"(?:车牌|牌照|号牌|车号)[^0-9A-Za-z\n{_BLOTS}]{{0,6}}?(?P<number>(?:[使领]?[0-9]{{6}}"
    f"|[A-HJ-Za-hj-z]{_G}?[0-9A-Za-z]{{5,6}}){_PLATE_END})"
)


def _chinese(shape: str) -> str:
    """Digits of a shape, Chinese or not; where the shape has a comma, one may stand.

    What follows is free: …零零零一直不通 is common.
    """
    parts = []
    for place in shape.replace(".", "0-9").split():
        plain = re.compile(f"[{place.rstrip(',')}]")
        chinese = [c for c, v in zip(_CHINESE, _CHINESE_VALUES, strict=True) if plain.match(v)]
        gap = "[,，、 ]{0,2}" if place.endswith(",") else f"{_G}?"
        parts.append((f"[{place.rstrip(',')}{''.join(chinese)}]", gap))
    (first, gap), *rest = parts
    pattern = f"{first}(?<![0-9][0-9])"
    for digit, next_gap in rest:
        pattern, gap = pattern + gap + digit, next_gap
    return pattern + f"(?:(?<![0-9])|{_END})"


_LOCAL_CHINESE = (
    f"(?:电话|座机|固话)(?:号码?)?[是为:：]?(?P<number>{_chinese('2-8 . . . . . . .')})"
)


# --- rules --------------------------------------------------------------------------------


def _chain(head: str) -> Finder:
    """Local telephone numbers that follow ``head`` in a list such as 电话：2345678、12369或…"""
    start, link = re.compile(head), re.compile(_LINK)
    items = re.compile(rf"(?P<number>{_LOCAL})|{_BLOT}++|[0-9]{{3,6}}(?![0-9])")

    def find(text: str) -> Iterator[tuple[int, int]]:
        m = start.search(text)
        while m is not None:
            at = m.end()
            while item := items.match(text, at):
                if item.group("number"):
                    if not _local(item):
                        break
                    yield item.span()
                joint = link.match(text, item.end())
                at = joint.end() if joint else item.end()
                if joint is None:
                    break
            m = start.search(text, max(at, m.end()))

    return find


IDENTITY_AND_MOBILES: tuple[Rule, ...] = (
    Rule("identity number", "id_card", "papers", _matches(_ID18, _id18)),
    Rule("identity number of before 1999", "id_card", "papers", _matches(_ID15, _id15)),
    Rule("named as identity number", "id_card", "named", _matches(_ID_NAMED)),
    Rule("bank card", "bank_card", "papers", _matches(_CARD, _card)),
    Rule("bank card in fours and a rest", "bank_card", "papers", _matches(_CARD_19, _grouped_card)),
    Rule("bank card in fours", "bank_card", "papers", _matches(_CARD_16, _grouped_card)),
    Rule("bank card, first six apart", "bank_card", "papers", _matches(_CARD_6, _card)),
    Rule("named as account", "bank_card", "named", _matches(_ACCOUNT)),
    Rule("mobiles without a gap", "mobile", "mobile", _matches(_MOBILES, _no_order)),
    Rule("mobile, +86", "mobile", "mobile", _matches(f"{_ABROAD}1{_MOBILE_REST}", _no_order)),
    Rule("mobile", "mobile", "mobile", _matches(_MOBILE, _no_order)),
    Rule("mobile, commas in it", "mobile", "mobile", _matches(_MOBILE_COMMAS, _no_order)),
    Rule("named as mobile", "mobile", "mobile", _matches(_MOBILE_NAMED)),
)

TELEPHONES_AND_PLATES: tuple[Rule, ...] = (
    Rule("400 and 800", "landline", "service", _matches(_SERVICE)),
    Rule("landline", "landline", "landline", _matches(_LANDLINE)),
    Rule("landline, +86", "landline", "landline", _matches(_LANDLINE_ABROAD)),
    Rule("named as telephone", "landline", "local", _chain(_PHONE_WORD)),
    Rule("behind an office", "landline", "local", _chain(_OFFICE)),
    Rule("army plate", "plate", "plate", _matches(_PLATE_ARMY)),
    Rule("plate", "plate", "plate", _matches(_PLATE)),
    Rule("plate with a word", "plate", "plate", _matches(_PLATE_WORDED)),
    Rule("embassy plate", "plate", "plate", _matches(_PLATE_EMBASSY)),
    Rule("named as plate", "plate", "plate", _matches(_PLATE_NAMED)),
    *(
        Rule(f"Chinese digits: {shape}", kind, "chinese", _matches(_chinese(shape), _in_chinese))
        for kind, shape in (
            ("id_card", "1-9 . . . . . 12 089 . . 01 . 0-3 . . . . ."),
            ("mobile", "8 6 1 3-9 . . . . . . . . ."),
            ("mobile", "0 1 3-9 . . . . . . . . ."),
            ("mobile", "1 3-9 . . . . . . . . ."),
            ("mobile", "1 3-9 ., . . . ., . . . ."),
            ("landline", "0 1-9 . . . . . . . . . ."),
            ("landline", "0 1-9 . . . . . . . . ."),
        )
    ),
    Rule(
        "Chinese digits, named as telephone",
        "landline",
        "spoken",
        _matches(_LOCAL_CHINESE, _in_chinese),
    ),
    # Last, because it goes on from what the others found: 13812345678、8765432.
    Rule("further number", "landline", "local", _chain(f"{_BLOT}{_LINK}(?=[0-9{_BLOT}])")),
)
