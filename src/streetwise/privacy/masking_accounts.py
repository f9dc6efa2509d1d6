"""Rules for names in other networks: WeChat and QQ numbers, e-mail addresses.

A WeChat id is six to twenty letters, digits, ``_`` and ``-`` and begins with a letter; a QQ
number has five to eleven digits. Neither can be told from other words without what stands
before it (微信, vx, QQ …). Groups and official accounts are nobody's and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from streetwise.privacy.masking_text import NAME_BLOT, Rule, matches

#: One set in front lets it scan fast.
_WECHAT = (
    "[微薇威徽WwVv加+➕](?:(?<=[微薇威徽])信(?!群|公众|小程序|支付)|(?<=[Ww])e[Cc]hat|(?<=W)ECHAT"
    "|(?<=[Vv])[Xx]|(?<=[Vv])信|(?<=[Ww])[Xx](?!id)|(?<=[加+➕])[Vv]信?"
    "|(?<=[Vv])(?<![A-Za-z].)(?=[:：]))"
)
_QQ = "[Qq扣企](?:(?<=[Qq])(?<![A-Za-z].)[Qq]|(?<=扣)扣|(?<=企)鹅)(?!群|空间|邮箱)"
_ANNOUNCED = (
    "(?:号码?|[账帐]号|(?:ID|id)(?=[:： 是为]))?"
    '(?:同步)?(?:是|为|叫|搜索?|加我|联系)?[:：="“「\\s(（]{0,3}'
)
_WECHAT_ID = "(?P<number>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
_DIGITS = f"(?P<number>[1-9][0-9]{{4,10}})(?![0-9元年月日万A-Za-z{NAME_BLOT}])"
_LOCAL_PART = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
_DOMAIN = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,5}[A-Za-z]{2,12}")
_LOCAL_PART_MAX_CHARACTERS = 64


def _emails(text: str) -> Iterator[tuple[int, int]]:
    """What stands before an @, back to the mail address before it, and a domain behind it."""
    done = 0
    for m in _DOMAIN.finditer(text):
        local = _LOCAL_PART.search(
            text, max(done, m.start() - _LOCAL_PART_MAX_CHARACTERS), m.start()
        )
        if local is not None:
            yield local.start(), m.end()
            done = m.end()


def _no_day(m: re.Match[str]) -> bool:
    """Not 20231104, as in 微信 20231104 来信."""
    return not re.fullmatch("20[0-4][0-9](?:0[1-9]|1[0-2])[0-3][0-9]", m.group("number"))


BEFORE_NUMBERS: tuple[Rule, ...] = (
    Rule("e-mail", "email", "at", _emails),
    Rule("WeChat id", "wechat", "account", matches(_WECHAT + _ANNOUNCED + _WECHAT_ID)),
)
BEHIND_MOBILES: tuple[Rule, ...] = (
    Rule(
        "WeChat id of digits", "wechat", "account", matches(_WECHAT + _ANNOUNCED + _DIGITS, _no_day)
    ),
    Rule("QQ number", "qq", "account", matches(_QQ + _ANNOUNCED + _DIGITS)),
)
#: A number right behind an id hides its end until it is blotted.
BEHIND_NUMBERS: tuple[Rule, ...] = (
    Rule(
        "WeChat id before a number", "wechat", "account", matches(_WECHAT + _ANNOUNCED + _WECHAT_ID)
    ),
)
