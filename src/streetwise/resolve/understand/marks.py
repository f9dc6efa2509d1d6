"""What in a text tells two like things apart: numbers, and names of places. Pure.

**Marks** are pairs of kind and value: ``building`` (3号楼, 5栋), ``number`` (a road's: 16号),
``unit`` (2单元), ``pole`` (灯杆 0137), ``line`` (34路公交), ``gate`` (南门), ``corner``
(东南角), ``code`` (a letter with digits: G107, B2). Two texts with marks of one kind and none in
common speak of different things, the more surely the finer the kind; see ``evidence.py``.

**Names** are what stands before words such as 小区, 路 or 学校: without a gazetteer (another
city's letters) a rare name in both texts is the best sign that the place is the same. Where it
begins cannot be told without a dictionary, so that names are compared by their pairs of
characters, as prints (``similar.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Marks = frozenset[tuple[str, str]]

_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")}
_N = r"(\d{1,4}|[一二三四五六七八九十]{1,3})"
_PATTERN = re.compile(
    rf"(?P<building>{_N}(?:号楼|栋|幢|号院|#楼))"
    rf"|(?P<unit>{_N}(?:单元|门洞))"
    r"|(?P<line>(?<![\da-z])\d{1,3}路(?:公交|车|公共汽车))"
    r"|(?P<pole>(?:灯杆|电杆|杆号|桩号)(?:编?号)?[为是:]?[a-z]{0,3}-?\d{2,8})"
    r"|(?P<pole2>\d{2,6}号(?:灯|电)?杆)"
    r"|(?P<number>(?<![\da-z.])\d{1,4}(?:-\d{1,3})?号(?!线|文|令|机|下|上|晚|早|中|那|开|起|到|至|左))"
    r"|(?P<gate>[东南西北]{1,2}门|[正后侧]门)"
    r"|(?P<corner>[东西][南北]角)"
    r"|(?P<code>(?<![a-z\d])[a-z]{1,2}\d{1,4}(?!\d))"
)
_VALUE = re.compile(r"\d+(?:-\d+)?|[一二三四五六七八九十]+")
#: What a name of a place ends with.
_ENDINGS = re.compile(
    "小区|花园|家园|公寓|新城|新村|嘉园|雅苑|名苑|豪庭|社区|公馆|山庄|广场|大厦|中心|市场|公园|学校"
    "|小学|中学|幼儿园|大学|学院|医院|工地|地铁站|公交站|车站|商场|超市|酒店|宾馆|工业园|公司"
    "|国际|华府|大道|大桥|立交|胡同|[苑府湾郡城庭村镇路街巷桥里](?![\u4e00-\u9fff]?[口边面上下])"
)
NAME_CHARACTERS = 4
_NO_NAME = re.compile(r"[^\u4e00-\u9fff]|[的在是和与有到从于我你他们个这那该对将被把了]")


def marks(folded: str) -> Marks:
    """The marks of a folded text (``kernel.search.fold``)."""
    return frozenset(_marks(folded))


def _marks(folded: str) -> Iterator[tuple[str, str]]:
    for found in _PATTERN.finditer(folded):
        kind, text = found.lastgroup or "", found.group()
        if kind not in ("gate", "corner", "code"):
            number = _VALUE.search(text)
            text = _arabic(number.group()) if number else text
        yield ("pole" if kind == "pole2" else kind), text


def _arabic(number: str) -> str:
    """三 or 十二 as digits; digits without noughts before them."""
    if number[0].isdigit():
        return number.lstrip("0") or "0"
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return "".join(_DIGITS[c] for c in number)
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))


def names(folded: str) -> list[str]:
    """What look like names of places in a folded text, without their endings, each once."""
    found: dict[str, None] = {}
    for end in _ENDINGS.finditer(folded):
        before = folded[max(0, end.start() - NAME_CHARACTERS) : end.start()]
        breaks = [broken.end() for broken in _NO_NAME.finditer(before)]
        name = before[breaks[-1] :] if breaks else before
        if len(name) >= 2:
            found[name] = None
    return list(found)
