"""Where a person's full name begins and ends: surname, given name, and what stands around."""

from __future__ import annotations

import re

from streetwise.privacy.masking_text import NAME_BLOT
from streetwise.privacy.masking_words import (
    BARE_PAIRS,
    DOUBLE_SURNAMES,
    FOLLOWING,
    GIVEN,
    NOT_BEFORE,
    NOT_GIVEN,
    NOT_NAMES,
    OPENING_WORDS,
    PERSON_VERBS,
    PLAIN_SURNAMES,
    RARE_SURNAMES,
    SURNAMES,
    VERB_SURNAMES,
    WEAK_GIVEN,
)

ANY = "".join(sorted(SURNAMES | {double[0] for double in DOUBLE_SURNAMES}))
#: With those that begin a name only where one is surely announced.
ANY_ANNOUNCED = ANY + "".join(sorted(RARE_SURNAMES))
PLACE = "庭邸墅郡市县区镇村路街巷庄屯里坊苑园城湾桥寨店铺馆社校院厦沟坝洼岭坡堡弄站府"
HAN = "一-龥〇"
#: What a person may be spoken of after: 楼下王阿姨, 找张经理. Punctuation serves as well.
OPENING = frozenset(
    "望信求烦我你他她的了是在和与及同对向给叫由请找被让把跟为问经代区业主人民员友好您局家下上边壁位名里队生属长会告系户"
    "门楼头着过后前时说称到见等村组街道办站所院校司店客者居卫委镇乡尊敬爱政府理书记姓班任办公室科处厂"
)
SHOP = re.compile(
    "(?:(?![的反在到开去来说称])[一-龥]){0,2}?(?:店(?![长主员里家])|馆|铺|坊|餐厅|饭庄|"
    "饭店|酒楼|拉面|面馆|面庄|麻辣烫|烧烤|小吃|早餐|早点|"
    "火锅|家常菜|私房菜|小炒|砂锅|烤[肉鱼鸭串]|炒饭|炒粉|米粉|包子|饺子|馄饨|生煎|卤味|"
    "卤肉|熟食|凉皮|凉菜|"
    "煎饼|烧饼|蛋糕|奶茶|牛肉|羊肉|鸭脖|炸鸡|豆腐|快餐|水果|超市|便利|理发|美发|诊所|药房|汽修|"
    "修车行|[路街巷](?:口|与|和|交叉|[东南西北中]段)|水饺|米线|削面|拌面|干面|浇饭|酸菜|"
    "螺蛳|羊汤|豆浆|油条|排档|海鲜|食府|鲜花|服装|鞋业|眼镜|百货|副食|烟酒|粮油|建材|"
    "装饰|门窗|摄影|画室|舞蹈|培训|幼儿园|托管|学堂|影楼|花卉|五金|开锁|搬家|家政|渔具|"
    "茶庄|茶楼|酒庄)"
    # Whatever else is named after somebody: 李四光中学 is a school, 周大福集团 a firm.
    "|(?:第[一二三四五]|实验|有限|股份|民办)?(?:中学|小学|大学|学院|学校|附中|附小|医院|卫生院|"
    "国际|集团|公司|大厦|大楼|广场|商城|商厦|花园|小区|公寓|新村|酒店|宾馆|银行|书院|陵园|故居)"
)
FOLLOWS = re.compile("|".join(sorted(FOLLOWING, key=len, reverse=True)))
DOES = re.compile("|".join(sorted(PERSON_VERBS, key=len, reverse=True)))
FOLLOWS_LONG = re.compile(
    "|".join(sorted((w for w in FOLLOWING if len(w) > 1), key=len, reverse=True))
)


def is_han(char: str) -> bool:
    """Whether it is a Chinese character; an empty string is none."""
    return "一" <= char <= "龥" or char == "〇"


def opens(text: str, start: int) -> bool:
    """Whether a name may begin here, as far as the character before says."""
    before = text[start - 1] if start else "\n"
    if before in OPENING or not (is_han(before) or before == NAME_BLOT or before.isalnum()):
        return True
    return text[max(0, start - 2) : start] in OPENING_WORDS


def closes(text: str, end: int) -> bool:
    """Whether a name may end here, as far as what follows says."""
    after = text[end : end + 1]
    if not after or not (is_han(after) or after == NAME_BLOT):
        return True
    if after in PLACE:
        return False
    return after in NOT_GIVEN or FOLLOWS.match(text, end) is not None


# --- full names ---------------------------------------------------------------------------


def surname_end(text: str, start: int) -> int | None:
    """Where the surname that begins here ends; None where there is none."""
    if text[start : start + 2] in DOUBLE_SURNAMES:
        return start + 2
    return start + 1 if text[start : start + 1] in SURNAMES else None


_COLONS = frozenset(":：")


def name_end(text: str, start: int, *, sure: bool) -> int | None:
    """Where the full name that begins here ends; None where there is none.

    ``sure``: something before it says that a name comes, as 姓名： does.
    """
    base = surname_end(text, start)
    if base is None and text[start : start + 1] in RARE_SURNAMES:
        return _with_rare(text, start, sure=sure)
    if base is None:
        return None
    if not sure and text[start - 1 : start + 1] in NOT_BEFORE:
        return None
    if _with_home(text, base):
        return base + 2
    acting = _acting(text, base)
    if acting is not None:
        return acting
    given = 0
    while given < 2 and base + given < len(text):
        char = text[base + given]
        if not is_han(char) or char in NOT_GIVEN or char == "某":
            break
        given += 1
    if given == 0:
        return None
    if not sure and text[start] in VERB_SURNAMES:
        return base + 2 if given == 2 and _plainly_given(text, base) else None
    usual = text[base] in GIVEN or (given == 1 and text[start - 1 : start] in _COLONS)
    if text[start : start + 2] in NOT_NAMES and not (usual and _surely(text, base, given, sure)):
        return None
    if given == 1:
        return base + 1 if (usual or sure) and closes(text, base + 1) else None
    return _with_two(text, base, sure=sure, usual=usual)


def _with_home(text: str, base: int) -> bool:
    """家 in a given name, as in 王家豪; 王家里 and 王家村 have none."""
    return (
        text[base : base + 1] == "家"
        and text[base + 1 : base + 2] in GIVEN - WEAK_GIVEN
        and not FOLLOWS_LONG.match(text, base)
        and text[base + 1] not in PLACE
        and closes(text, base + 2)
    )


def _acting(text: str, base: int) -> int | None:
    """The end of a name that is told by what the person does: 业主高原反映, 局长桂林生接待."""
    for end in (base + 2, base + 1):
        given = text[base:end]
        if (
            len(given) == end - base
            and all(char in GIVEN for char in given)
            and not WEAK_GIVEN.issuperset(given)
            and given not in BARE_PAIRS
            and DOES.match(text, end)
        ):
            return end
    return None


def _plainly_given(text: str, base: int) -> bool:
    """Whether both characters are of given names, not both often other words, and closed."""
    first, second = text[base], text[base + 1]
    return (
        first in GIVEN
        and second in GIVEN
        and not (first in WEAK_GIVEN and second in WEAK_GIVEN)
        and first + second not in BARE_PAIRS
        and text[base - 1 : base + 1] not in NOT_NAMES
        and closes(text, base + 2)
    )


def _with_rare(text: str, start: int, *, sure: bool) -> int | None:
    """The end of a name whose surname is nearly always another word: 税国华, but 税务局."""
    for end in (start + 3, start + 2):
        given = text[start + 1 : end]
        if len(given) < end - start - 1 or not all(char in GIVEN for char in given):
            continue
        after = text[end : end + 1]
        if sure and not is_han(after) and after != NAME_BLOT:
            return end
        likely = len(given) == 2 and given not in BARE_PAIRS and not WEAK_GIVEN.issuperset(given)
        if likely and closes(text, end):
            return end
        if len(given) == 1 and given not in WEAK_GIVEN and DOES.match(text, end):
            return end
    return None


def _surely(text: str, base: int, given: int, sure: bool) -> bool:
    """Whether a name counts that begins like another word: 投诉人：沈阳。 and 店主庞大海在."""
    if given == 2 and text[base - 1] not in PLAIN_SURNAMES:
        also = text[base + 1] in GIVEN and text[base + 1] not in "一二三四五六七八九十"
        return also and closes(text, base + 2)
    return sure and not is_han(text[base + given : base + given + 1])


def _with_two(text: str, base: int, *, sure: bool, usual: bool) -> int | None:
    """Whether both characters behind a surname are the given name, or the first of them."""
    if text[base + 1] == "和" and usual and text[base + 2 : base + 3] in SURNAMES:
        return base + 1
    also = text[base + 1] in GIVEN
    closed = closes(text, base + 2)
    doubtful = (usual or sure) and not (usual and also and closed)
    if doubtful and FOLLOWS_LONG.match(text, base + 1):
        return base + 1
    plain = text[base - 1] in PLAIN_SURNAMES
    if closed:
        return base + 2 if sure or (usual and also) or (not plain and (usual or also)) else None
    if sure:
        return base + 1 if usual and not also else base + 2
    if plain or not usual or text[base + 2] in PLACE:
        return None
    return base + 2 if also else base + 1
