"""Cheap looks at a text that tell which rules can find anything in it: most messages end here.

Each look is a necessary condition of the rules that name it, on the folded text before any rule
has blotted something out. So none of them asks what follows a number but for a digit, since
blots come between; runs of digits are blotted whole or not at all. That nothing is lost by the
looks is tested against :func:`masking.find_slowly`, which does without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from streetwise.privacy import masking_addresses, masking_bare
from streetwise.privacy.masking_numbers import AREA
from streetwise.privacy.masking_text import BLOT, CHINESE_DIGITS, GAP, PROVINCES

_G = f"[{GAP}]"
_CN = "0-9" + CHINESE_DIGITS

# --- digits -------------------------------------------------------------------------------

_GAPS = f"{_G}{{0,2}}+"
#: Behind the first digit: fifteen or eighteen digits, or fours, or six and ten apart.
_PAPERS = (
    f"(?:[0-9]{{14}}|(?:{_GAPS}[0-9]){{5}}{_GAPS}[12](?:{_GAPS}[0-9]){{10}}{_GAPS}[0-9Xx×]"
    f"|[0-9]{{3}}(?:{_G}{{1,2}}[0-9]{{4}}){{3}}|[0-9]{{5}}{_G}{{1,2}}[0-9]{{10}})"
)
#: Behind the leading 1 of a mobile number, behind the leading 0 of a landline.
_MOBILE = f"{_G}{{0,3}}+[3-9](?:[{GAP},，、]{{0,3}}+[0-9]){{8}}"
_LANDLINE = f"[)）]?{_GAPS}[(（]?0?[)）]?{AREA}[)）]?{_G}{{0,4}}+[1-9][0-9]{{2}}"
_LOCAL = f"(?:[0-9]{{6,7}}|[0-9]{{2,3}}{_G}{{1,2}}[0-9]{{4}})(?![0-9])"
_SERVICE = f"00{_G}{{0,2}}[0-9]{{3}}"
_CHINA = f"6[)）]?{_GAPS}"  # +86, (86), 0086
_START = "[0-9](?<![0-9].)"
_ANY_NUMBER = re.compile(
    f"{_START}(?:(?<=[2-9])(?:{_LOCAL}|{_PAPERS}|{_SERVICE}|{_CHINA}(?:1{_MOBILE}|{_LANDLINE}))"
    f"|(?<=1)(?:{_MOBILE}|{_PAPERS})"
    f"|(?<=0)(?:1{_MOBILE}|{_LANDLINE}|0?8{_CHINA}(?:1{_MOBILE}|{_LANDLINE})))"
)
#: One by one, where there is any; the names are those of the hints.
_NUMBERS = {
    "papers": re.compile(f"{_START}(?<=[1-9]){_PAPERS}"),
    "mobile": re.compile(f"{_START}(?:(?<=1)|(?<=0)1|(?<=0)0?8{_CHINA}1|(?<=8){_CHINA}1){_MOBILE}"),
    "landline": re.compile(f"{_START}(?:(?<=0)(?:0?8{_CHINA})?|(?<=8){_CHINA}){_LANDLINE}"),
    "service": re.compile(f"{_START}(?<=[48]){_SERVICE}"),
    "local": re.compile(f"{_START}(?<=[2-8]){_LOCAL}"),
}
_LONG = re.compile(f"[0-9](?:{_G}{{0,2}}[0-9]){{11}}")
_CHINESE_RUN = re.compile(f"[{_CN}](?:[{GAP},，、]{{0,2}}[{_CN}]){{9,}}+")
#: A Chinese digit beside another digit: what most texts do not have.
_CHINESE_BESIDE = re.compile(
    f"[{CHINESE_DIGITS}](?:[{GAP},，、]{{0,2}}[{_CN}]|(?<=[{_CN}].)|(?<=[{_CN}][{GAP},，、].)"
    f"|(?<=[{_CN}][{GAP},，、]{{2}}.))"
)
_CHINESE_DIGIT = re.compile(f"[{CHINESE_DIGITS}]")
_SPOKEN = re.compile(f"[是为:：话机号码][{_CN}]")
_PLATE = re.compile(
    f"[{PROVINCES}使领车号牌Ww](?:[牌照Jj]|(?<=车)号|(?<=[{PROVINCES}]){_G}{{0,2}}[A-Za-z]"
    f"|(?<=[使领]){_G}?[0-9])"
)
_ACCOUNT = re.compile("[微薇威徽VvWwQq扣企](?:[信XxEe:：Qq扣鹅]|(?<=[加+➕][Vv]))")


def _named(text: str) -> bool:
    """Words that announce a number of an identity card or an account, and twelve digits."""
    words = "证" in text or "卡" in text or "账" in text or "帐" in text or "存折" in text
    return words and _LONG.search(text) is not None


def _chinese(text: str) -> bool:
    """Ten digits in a row, one of them Chinese."""
    if _CHINESE_BESIDE.search(text) is None:
        return False
    return any(_CHINESE_DIGIT.search(text, m.start(), m.end()) for m in _CHINESE_RUN.finditer(text))


def _spoken(text: str) -> bool:
    words = "电话" in text or "座机" in text or "固话" in text
    return words and _SPOKEN.search(text) is not None


_LOOKS: dict[str, Callable[[str], object]] = {
    "named": _named,
    "chinese": _chinese,
    "spoken": _spoken,
    "plate": _PLATE.search,
    "at": lambda text: "@" in text,
    "account": _ACCOUNT.search,
    "address": masking_addresses.HINT.search,
    **masking_bare.LOOKS,
    "姓": lambda text: "姓" in text,
}
_LEAVING_BLOTS = frozenset((*_NUMBERS, "named", "chinese", "spoken", "plate", "at", "account"))
ALWAYS = "always"
HINTS = (*_NUMBERS, *_LOOKS, "blot", ALWAYS)


def hints(folded: str) -> tuple[str, ...]:
    """The names of the looks that succeed, always in the same order."""
    found = [name for name, look in _LOOKS.items() if look(folded)]
    if _ANY_NUMBER.search(folded):
        found += [name for name, shape in _NUMBERS.items() if shape.search(folded)]
    if BLOT in folded or not _LEAVING_BLOTS.isdisjoint(found):
        found.append("blot")
    return tuple(found)
