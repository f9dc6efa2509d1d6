"""House numbers and building numbers behind a name: 12号, 甲12号, 12-3号, 十二号院, 3号楼, A座.

Units, floors and rooms are never read: what is returned ends before them. Texts are folded.
"""

from __future__ import annotations

import re

_DIGITS = {one: at for at, one in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100}
_FIGURE = "[0-9]{1,4}|[零〇一二两三四五六七八九十百]{1,5}"
#: What stands between a name and its number: 梧桐路的12号, 松柏家园小区里3号楼.
_JOIN = "(?:小区|社区|大院|院里|里面?|院内|内|的|,|:|第){0,2}"
#: After the number of a house or a building: what shows that it is another kind of number.
_NOT_A_HOUSE = "(?!线|文|召|码|楼长)"

_HOUSE = re.compile(
    f"(?:的|,|:|门牌号?)?(?P<mark>[甲乙丙丁附])?(?P<number>{_FIGURE})"
    f"(?:[-之](?P<sub>[0-9]{{1,3}}))?(?:(?:号大?院|号楼|号|弄|#){_NOT_A_HOUSE}"
    "(?P<behind>[甲乙丙丁](?![级类醇]))?|(?=\\[住址\\]|[门旁对附]|$))"
)
_BUILDING = re.compile(
    f"{_JOIN}(?P<mark>[甲乙丙丁])?(?P<number>{_FIGURE}|[a-z](?![a-z]))"
    f"(?:(?:号?住宅楼|号公寓|号楼|号院|栋|幢|座|#楼?|号(?!线|门|口|文|院|码|电梯|桶|桩)){_NOT_A_HOUSE}"
    "|楼(?=[0-9一二三四五六七八九]{1,2}单元|\\[住址\\])"
    "|(?=-?\\[住址\\])|(?=-[0-9]{1,2}-[0-9]{3,4}))"
)
#: 一栋 counts houses, 1栋 names one.
_BARE_BUILDING = re.compile(
    f"(?<![0-9a-z第])(?P<number>[0-9]{{1,3}}(?=栋|幢|号楼)|(?:{_FIGURE})(?=号楼))(?:号楼|栋|幢)"
)


def to_number(said: str) -> int | None:
    """12 of 12, 十二, 一百零五, 一二; None for what is no number."""
    if said.isascii():
        return int(said) if said.isdigit() else None
    if not any(one in _UNITS for one in said):
        digits = [_DIGITS.get(one, -1) for one in said]
        return int("".join(map(str, digits))) if said and min(digits) >= 0 else None
    total, digit = 0, 0
    for one in said:
        if one in _UNITS:
            total += (digit or (1 if not total else 0)) * _UNITS[one]
            digit = 0
        elif one in _DIGITS:
            digit = _DIGITS[one]
        else:
            return None
    return total + digit


def house_after(folded: str, start: int) -> tuple[str, int] | None:
    """The number of a house of the road whose name ends at ``start``: its key and its end.

    Keys: 12, 甲12, 12-3.
    """
    match = _HOUSE.match(folded, start)
    return _key(match) if match else None


def building_after(folded: str, start: int) -> tuple[str, int] | None:
    """The building of the compound whose name ends at ``start``: its key and its end.

    Keys: 3, 甲3, A. Of 3-2-501 only the 3 is read.
    """
    match = _BUILDING.match(folded, start)
    return _key(match) if match else None


def bare_building(folded: str) -> tuple[str, int, int] | None:
    """The first number of a building that stands without a name: key, start, end."""
    match = _BARE_BUILDING.search(folded)
    key = _key(match) if match else None
    return (key[0], match.start(), key[1]) if match and key else None


def child_key(child: str, parents: tuple[str, ...], *, road: bool) -> str | None:
    """The key of a place named by its parent's name and a number; names are folded."""
    after = house_after if road else building_after
    for parent in (*parents, ""):
        if child.startswith(parent):
            found = after(child, len(parent))
            if found is not None and found[1] == len(child):
                return found[0]
    return None


def number_of(key: str) -> int | None:
    """The plain number in a key: 12 of 甲12 and of 12-3."""
    match = re.search("[0-9]+", key)
    return int(match[0]) if match else None


def _key(match: re.Match[str]) -> tuple[str, int] | None:
    said = match["number"]
    parts = match.groupdict()
    if said.isascii() and said.isalpha():
        key: str | None = said.upper()
    else:
        number = to_number(said)
        key = None if number is None else str(number)
    if key is None:
        return None
    mark = parts.get("mark") or parts.get("behind") or ""
    sub = f"-{int(parts['sub'])}" if parts.get("sub") else ""
    return f"{mark}{key}{sub}", match.end()
