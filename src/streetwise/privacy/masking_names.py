"""Rules for names of persons: with a title, announced, beside a number, as a signature.

A name is found by what stands around it, since most Chinese characters can be part of one:
王女士 (the title belongs to it), 小王, 姓王, 联系人：王芳, 王芳13812345678, a last line 王芳. Bare
names in running text are for ``masking_bare``; 王某 is masked already. Shops (王师傅拉面), places
(王家村) and posts without a name (社区主任) stay. The words are in ``data/names.yaml``.

A name blot neither opens nor closes a name, but for ``further name``: what a later rule masks
must not help an earlier one in the next pass.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from streetwise.privacy.masking_persons import (
    ANY,
    ANY_ANNOUNCED,
    HAN,
    PLACE,
    SHOP,
    closes,
    is_han,
    name_end,
    opens,
    surname_end,
)
from streetwise.privacy.masking_text import BLOT, NAME_BLOT, Rule
from streetwise.privacy.masking_words import (
    DOUBLE_SURNAMES,
    GIVEN,
    MILD_VERBS,
    NICKNAMED,
    NOT_BEFORE,
    NOT_GIVEN,
    NOT_NAMES,
    NOT_NICKNAMES,
    PLAIN_SURNAMES,
    RARE_SURNAMES,
    SURNAMES,
    TITLES,
    VERB_SURNAMES,
    announcing,
)

# --- with a title -------------------------------------------------------------------------

_OFFICES = "局处科股所站队部厅市区县镇乡村组院校园行会厂店楼班社团州"
_OFFICE_SET = frozenset(_OFFICES)
#: Titles that nobody uses without a surname: before them even 向 is one.
_PLAIN_TITLES = frozenset(("先生", "女士", "小姐", "同志"))
_TITLE = re.compile("|".join(sorted(TITLES, key=len, reverse=True)))
_TITLE_PAIRS = frozenset(title[:2] for title in TITLES)
_BEFORE_TITLE = "".join(
    sorted(SURNAMES | GIVEN | {"某"} | {double[1] for double in DOUBLE_SURNAMES})
)
#: A cheap look that finds the first two characters of a title, or 局长 and the like.
_TITLE_HERE = re.compile(
    f"[长{''.join(sorted({pair[0] for pair in _TITLE_PAIRS}))}]"
    f"(?:(?=[{''.join(sorted({pair[1] for pair in _TITLE_PAIRS}))}])(?<=[{_BEFORE_TITLE}].)"
    f"|(?<=[{_OFFICES}]长))"
)


def _with_title(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    for m in _TITLE_HERE.finditer(text):
        at = m.start()
        if text[at : at + 2] in _TITLE_PAIRS:
            title = _TITLE.match(text, at)
            if title is None:
                continue
            end = title.end()
        elif text[at] == "长" and text[at - 1 : at] in _OFFICE_SET:
            at, end = at - 1, at + 1
        else:
            continue
        start = _before_title(text, at, text[at:end])
        if start is None and text[at:end] in _PLAIN_TITLES:
            start = _politely(text, at)
        if start is not None and start >= done and not SHOP.match(text, end):
            yield start, end
            done = end


#: Surnames that end so many words that a title needs a clear beginning before them.
_NEVER_INSIDE = frozenset(
    "华席吉牧仰籍弘贝路安水车代连应单项简卫古封查松井富花池冷商展练苑宗丛皮宫昌何任方楚符房米容丰仲祖景束幸印宿索劳边农帅况包宣荣惠"
)


def _before_title(text: str, end: int, title: str) -> int | None:
    """Where the name begins that stands before a title at ``end``."""
    for size in (4, 3, 2):
        start = end - size
        if start >= 0 and text[start : start + 2] in DOUBLE_SURNAMES:
            if _is_name(text, start, end, hidden="某"):
                return start
        elif (
            start >= 0
            and text[start] not in VERB_SURNAMES
            and opens(text, start)
            and not _joined(text, start)
            and _is_name(text, start, end, hidden="某")
        ):
            return start
    start = end - 1
    if start < 0 or text[start] not in SURNAMES or _joined(text, start):
        return None
    if text[start] in VERB_SURNAMES - MILD_VERBS and title not in _PLAIN_TITLES:
        return None
    if opens(text, start):
        return start
    if text[start] in VERB_SURNAMES or text[start] in _NEVER_INSIDE or text[start - 1] == NAME_BLOT:
        return None
    return start


_CLAUSE = frozenset("，,。；;：:、 \n")


def _politely(text: str, end: int) -> int | None:
    """江南女士 at the beginning of a clause: whatever it looks like, it is a person."""
    for size in (1, 2, 3):
        start = end - size
        if start < 0:
            return None
        if (start == 0 or text[start - 1] in _CLAUSE) and text[start] in _MAY_LEAD:
            return start if all(char in GIVEN for char in text[start + 1 : end]) else None
    return None


def _joined(text: str, start: int) -> bool:
    """Whether the surname here is rather the end of a word: 对方, 任何."""
    return (
        text[max(0, start - 1) : start + 1] in NOT_BEFORE
        or text[max(0, start - 2) : start + 1] in NOT_BEFORE
    )


def _is_name(text: str, start: int, end: int, *, hidden: str = "", whole: bool = False) -> bool:
    """Whether the whole stretch is a surname and a usual given name, or a double surname.

    ``whole``: what surrounds it leaves no room for another word.
    ``hidden``: a character that stands for a given name, as 某 does.
    """
    base = surname_end(text, start)
    if base is None or base > end or end - base > 2:
        return False
    if base == end:
        return base - start == 2
    if text[start : start + 2] in NOT_NAMES and not (whole and end - base == 2):
        return False
    if text[end - 1] == "和":  # 李娜和经理
        return False
    return all(char in GIVEN or char == hidden for char in text[base:end])


_ONE = re.compile(
    f"[总哥姐叔姨婶伯嫂工](?<=[{ANY}].)(?!妹|夫|弟)"
    "(?!(?<=工)[一-龥](?<![来说讲称带到给]))(?!(?<=总)(?:[体共是数部结支会算要有和量长站公医额价计务而理书工之在]|"
    "经理))"
)


def _with_short_title(text: str) -> Iterator[tuple[int, int]]:
    """周总, 江姐: one character behind a surname, where a name may begin."""
    for m in _ONE.finditer(text):
        start = m.start() - 1
        if (
            text[start] not in VERB_SURNAMES
            and text[start : start + 2] not in NOT_NAMES
            and opens(text, start)
            and not _joined(text, start)
            and not SHOP.match(text, m.end())
        ):
            yield start, m.end()


# --- 小王, 老李, 姓王 ---------------------------------------------------------------------

_NICK = re.compile(
    f"[小老][{''.join(sorted(NICKNAMED))}]"
    "(?<![大最极较很太矮弱缩减变幼细微狭窄中从短过胆]小.)(?<![古养敬衰苍元父到终]老.)"
)
_NOT_NICK = re.compile(
    f"[{PLACE}{NAME_BLOT}]|家[{PLACE}]|[车狗鱼人树花草鸟猪鸡鸭板凳包盒箱屋房洞坑格圈桌]|家屋|榕|师傅|字|姓"
)


_MAY_LEAD = SURNAMES | RARE_SURNAMES
_BEFORE_NICK = SURNAMES - PLAIN_SURNAMES | {NAME_BLOT}


def _nicknamed(text: str) -> Iterator[tuple[int, int]]:
    for m in _NICK.finditer(text):
        start, end = m.span()
        if m.group() in NOT_NICKNAMES or _NOT_NICK.match(text, end) or SHOP.match(text, end):
            continue
        if text[end - 1 : end + 1] in NOT_NAMES and text[end] != "家":
            continue
        before = text[start - 1 : start]
        if text[start] == "小" and before in _BEFORE_NICK:  # 王小梅
            continue
        if text[start] == "小" and before in _MAY_LEAD and opens(text, start - 1):  # 龙小凤
            continue
        if text[end - 1] in PLAIN_SURNAMES and not (opens(text, start) and closes(text, end)):
            continue
        yield start, end


_ONE_SURNAME = "".join(sorted(SURNAMES - {"党"}))
_SURNAME_ONLY = re.compile(
    f"姓(?<!百姓)(?<!贵姓)[是:：]?(?P<number>[{_ONE_SURNAME}])(?![{HAN}]|{NAME_BLOT})"
    f"|姓(?<!百姓)(?P<named>[{_ONE_SURNAME}])(?=[的叫名啊呀哦哈吧先女老])"
)


def _surname_only(text: str) -> Iterator[tuple[int, int]]:
    for m in _SURNAME_ONLY.finditer(text):
        yield m.span("number") if m.group("number") else m.span("named")


# --- announced ----------------------------------------------------------------------------

_ANNOUNCING: dict[str, tuple[str, ...]] = {}
_by_last: defaultdict[str, list[str]] = defaultdict(list)
for _word in announcing():
    _by_last[_word[-1]].append(_word)
_ANNOUNCING.update({last: tuple(words) for last, words in _by_last.items()})
_NO_GIVEN = "".join(sorted(NOT_GIVEN - {"家"} - {double[1] for double in DOUBLE_SURNAMES}))
_ANNOUNCED = re.compile(
    f'[{"".join(sorted(_ANNOUNCING))}](?:[:：]\\s{{0,2}}|[是为叫 \u3000（(“"]{{0,2}})'
    f"(?=[{ANY_ANNOUNCED}][{HAN}])(?!.[{_NO_GIVEN}])"
)


def _announced(text: str) -> Iterator[tuple[int, int]]:
    """Names behind words such as 联系人; the surest behind a colon."""
    done = 0
    for m in _ANNOUNCED.finditer(text):
        at = m.start() + 1
        if m.end() < done:
            continue
        if not text.endswith(_ANNOUNCING[text[at - 1]], 0, at):
            # 叫 of 名叫 also parts a word from its name.
            parting = _ANNOUNCING.get(text[at : at + 1], ()) if m.end() > at else ()
            if not text.endswith(parting, 0, at + 1):
                continue
        end = name_end(text, m.end(), sure=text[m.end() - 1] in ":：叫 \u3000")
        if end is not None:
            yield m.end(), end
            done = end


# --- beside a number, as a signature, in a list -------------------------------------------

_BEFORE_NUMBER = re.compile(
    f"(?P<number>[{ANY}][{HAN}]{{1,3}}?)(?:[ ，,：:（(、\t]{{0,2}})"
    "(?:的?(?:联系)?(?:电话|手机|座机|号码|联系方式|身份证|微信|"
    "[Tt][Ee][Ll])(?:号码?)?[是为：: ]{0,2})?"
    f"(?={BLOT})"
)
_BEHIND_NUMBER = re.compile(f"{BLOT}[ ，,、（(]{{0,2}}(?=[{ANY}])")
_CN = "[〇零一二三四五六七八九十]"
_DAY = (
    "(?:[0-9]{2,4}[年./-][0-9]{1,2}[月./-](?:[0-9]{1,2}日?)?"
    f"|{_CN}{{4}}年{_CN}{{1,2}}月{_CN}{{0,3}}日?)"
)
_SIGNATURE = re.compile(
    "(?P<by>[\n。！!？?；;~～—，, \u3000礼谢上激致])"
    f"(?P<number>[{ANY}][{HAN}]{{1,3}})[ 　]?(?:敬上|亲笔|上)?"
    f"[\\s。.，,]{{0,4}}(?:于?{_DAY})?[\\s。.]{{0,4}}\\Z"
)
_SIGNATURE_REACH = 48
_LINK = re.compile(f"(?:[、和与及,，/ ]|以及)(?=[{ANY}])")


def _before_number(text: str) -> Iterator[tuple[int, int]]:
    if BLOT not in text:
        return
    for m in _BEFORE_NUMBER.finditer(text):
        start, end = m.span("number")
        if (
            opens(text, start)
            and text[start - 1 : start + 1] not in NOT_BEFORE
            and _is_name(text, start, end, whole=True)
        ):
            yield start, end


def _behind_number(text: str) -> Iterator[tuple[int, int]]:
    if BLOT not in text:
        return
    for m in _BEHIND_NUMBER.finditer(text):
        end = name_end(text, m.end(), sure=False)
        after = text[end : end + 1] if end is not None else ""
        if end is not None and not is_han(after) and after != NAME_BLOT:
            yield m.end(), end


def _signed(text: str) -> Iterator[tuple[int, int]]:
    """What closes the text, alone in its line or behind its last sentence."""
    end = len(text.rstrip())
    m = _SIGNATURE.search(text, max(0, end - _SIGNATURE_REACH), end)
    if m is not None:
        start, end = m.span("number")
        by = m.group("by")
        if by in "礼谢上激致" and not text.endswith(
            ("敬礼", "谢谢", "敬上", "感激", "感谢", "此致"), 0, start
        ):
            return
        if _is_name(text, start, end) and (end - start > 2 or by not in "，, "):
            yield start, end


def _further(text: str) -> Iterator[tuple[int, int]]:
    """Names that follow a found one in a list: [姓名]、李四和王五."""
    at = text.find(NAME_BLOT)
    while at >= 0:
        while text[at : at + 1] == NAME_BLOT:
            at += 1
        while link := _LINK.match(text, at):
            end = name_end(text, link.end(), sure=False)
            if end is None:
                break
            yield link.end(), end
            at = end
        at = text.find(NAME_BLOT, at)


RULES: tuple[Rule, ...] = (
    Rule("with a title", "name", "always", _with_title),
    Rule("with a title of one character", "name", "always", _with_short_title),
    Rule("nickname", "name", "always", _nicknamed),
    Rule("surname only", "name", "姓", _surname_only),
    Rule("announced", "name", "always", _announced),
    Rule("before a number", "name", "blot", _before_number),
    Rule("behind a number", "name", "blot", _behind_number),
    Rule("signature", "name", "always", _signed),
)
FURTHER = Rule("further name", "name", "always", _further)
#: Whoever names more people than this in one text has the rest masked only where announced.
AGAIN_MAX_NAMES = 64


def again(folded: str, found: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the full names among ``found`` stand once more, without what announced them."""
    names = {  # in order, each once
        name: None
        for name in found
        if len(name) == 3 and name[1:] not in TITLES and _is_name(name, 0, 3)
    }
    if names:
        yield from _each(folded, list(names)[:AGAIN_MAX_NAMES])


def _each(text: str, names: list[str]) -> Iterator[tuple[int, int]]:
    """Where one of the names stands, the first first, none in another."""
    at, done = {name: text.find(name) for name in names}, 0
    while at := {name: start for name, start in at.items() if start >= 0}:
        name = min(at, key=at.__getitem__)
        if at[name] >= done:
            done = at[name] + len(name)
            yield at[name], done
        at[name] = text.find(name, max(done, at[name] + 1))
