"""Rules for names that nothing announces: 昨天陈永康到社区, 陈永康，男, 阿珍, 阿依古丽·买买提.

A bare name has three characters: a surname, and two that given names are made of and that are
not a word together; what follows is what follows a person (a verb, 的, a full stop). A surname
that is also a word needs a boundary before it. Names of two characters are found only where
something says that a person is meant: 据佟丽反映, 洪亮，男. Names of other peoples are told by
their dot, or by the characters that such names are written with. The words are in
``data/names.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from streetwise.privacy.masking_persons import HAN, PLACE, SHOP, closes, is_han, name_end, opens
from streetwise.privacy.masking_text import NAME_BLOT, Rule
from streetwise.privacy.masking_words import (
    AFTER_BARE,
    BARE_LAST,
    BARE_PAIRS,
    DOUBLE_SURNAMES,
    GIVEN,
    LAST_GIVEN,
    NO_LABEL,
    NOT_BEFORE,
    NOT_GIVEN,
    NOT_NAMES,
    PERSON_RIGHT,
    PLAIN_SURNAMES,
    RARE_SURNAMES,
    SURNAMES,
    SYLLABLES,
    TRANSLITERATED,
    VERB_SURNAMES,
    WEAK_GIVEN,
    following_bare,
)

_LEADING = "".join(sorted(SURNAMES - VERB_SURNAMES - RARE_SURNAMES))
_GIVEN = "".join(sorted(GIVEN | {"家"}))
_STRONG = "".join(sorted(SURNAMES - VERB_SURNAMES - RARE_SURNAMES - PLAIN_SURNAMES))
_FIRM = "".join(sorted(GIVEN - WEAK_GIVEN | set("小大")))
_AFTER_ONE = "".join(sorted(AFTER_BARE))
_FOLLOWING = "|".join(sorted(following_bare(), key=len, reverse=True))
_AFTER = f"(?=[^{HAN}{NAME_BLOT}]|$|[{''.join(sorted(AFTER_BARE))}]|{_FOLLOWING})"
#: Characters in a place name's end: 李家村 is none, 李家豪 is.
_BARE = re.compile(f"[{_LEADING}][{_GIVEN}](?![{PLACE}])[{_GIVEN}]{_AFTER}(?<!家)")
_SURE = "".join(sorted(GIVEN - WEAK_GIVEN - set("树和洲")))
_LAST = "".join(sorted(LAST_GIVEN))
_PLAIN = "".join(sorted(PLAIN_SURNAMES - VERB_SURNAMES))
#: As well without anything behind: what begins clearly needs no end.
_OPEN = re.compile(
    f"(?:[{_STRONG}][{_SURE}小子大][{_LAST}]|[{_PLAIN}][{_SURE}][{_LAST}])"
    f"(?=[{HAN}])(?![{PLACE}园公广大花桥苑子])"
)
_SHORT = re.compile(
    f"[{_STRONG}][{_FIRM}](?={'|'.join(sorted(PERSON_RIGHT, key=len, reverse=True))})"
)
_DOUBLE = re.compile(f"(?:{'|'.join(sorted(DOUBLE_SURNAMES))})[{_GIVEN}]{{1,2}}?{_AFTER}(?<!家)")


def _bare(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    m = _BARE.search(text)
    while m is not None:
        start, end = m.span()
        if start >= done and _likely(text, start, end):
            yield start, end
            done = end
        m = _BARE.search(text, max(done, start + 1))


def _likely(text: str, start: int, end: int) -> bool:
    """Whether three characters of the right kinds are a name rather than words."""
    name = text[start:end]
    before = text[start - 1 : start]
    if before == NAME_BLOT:
        return False
    opened = opens(text, start)
    if name[:2] in NOT_NAMES and not (opened and (name[1] == "家" or name[2] in LAST_GIVEN)):
        return False
    if name[1:] in BARE_PAIRS and not (opened and name[0] not in PLAIN_SURNAMES):
        return False
    if name[1] in WEAK_GIVEN and name[2] in WEAK_GIVEN:
        return False
    if before + name[0] in NOT_BEFORE or text[max(0, start - 2) : start + 1] in NOT_BEFORE:
        return False
    if (name[0] in PLAIN_SURNAMES or before in BARE_LAST) and not opened:
        return False
    if name[2] in WEAK_GIVEN and text[end : end + 1] in "的在是" and is_han(before):
        return False
    return SHOP.match(text, end) is None


def _open(text: str) -> Iterator[tuple[int, int]]:
    for m in _OPEN.finditer(text):
        start = m.start()
        if (
            m.group()[:2] not in NOT_NAMES
            and m.group()[1:] not in BARE_PAIRS
            and opens(text, start)
            and text[start - 1 : start + 1] not in NOT_BEFORE
            and not SHOP.match(text, m.end())
        ):
            yield m.span()


def _short(text: str) -> Iterator[tuple[int, int]]:
    for m in _SHORT.finditer(text):
        start = m.start()
        if (
            m.group() not in NOT_NAMES
            and opens(text, start)
            and text[start - 1 : start + 1] not in NOT_BEFORE
        ):
            yield m.span()


def _double(text: str) -> Iterator[tuple[int, int]]:
    for m in _DOUBLE.finditer(text):
        if text[m.start() - 1 : m.start()] != NAME_BLOT and opens(text, m.start()):
            yield m.span()


_SAID = "(?:反映|介绍|描述|所说|提供|举报|称)"
_ALL_LEADING = _LEADING + "".join(sorted(RARE_SURNAMES | VERB_SURNAMES))
_SEX = re.compile(
    f"[，,（(、 ]{{1,2}}(?:[男女](?![{HAN}])|今年[0-9一二三四五六七八九十]{{1,3}}岁|[0-9]{{2}}岁)"
)
_BEFORE_SEX = re.compile(
    f"(?:^|[，,。；;：:、 叫人者员户主\n])(?P<number>[{_ALL_LEADING}][{HAN}]{{1,2}})$"
)
_TOLD = re.compile(
    f"据(?P<said>[{_ALL_LEADING}][{_GIVEN}]{{1,2}})(?={_SAID})|叫(?P<called>[{_LEADING}][{HAN}]{{1,2}})(?=的)"
)


def _aged(text: str) -> Iterator[tuple[int, int]]:
    """洪亮，男: what follows leaves no doubt."""
    for m in _SEX.finditer(text):
        at = max(0, m.start() - _BEFORE_SEX_CHARACTERS)
        name = _BEFORE_SEX.search(text[at : m.start()])
        # What was cut off in front is no beginning of the text.
        if name and "某" not in name.group() and (name.start("number") or not at):
            yield at + name.start("number"), m.start()


_BEFORE_SEX_CHARACTERS = 4


def _told(text: str) -> Iterator[tuple[int, int]]:
    """据佟丽反映, 叫李响的: what stands on both sides leaves no doubt."""
    for m in _TOLD.finditer(text):
        if "某" not in m.group():
            yield m.span("said") if m.group("said") else m.span("called")


_POST_SURNAMES = "".join(sorted(SURNAMES - PLAIN_SURNAMES - VERB_SURNAMES - set("万马金全骨")))
_POST = re.compile(
    f"[局科处所院队镇](?=[，,。！!？?；;：:说答表承批亲电]|$)(?<=[{_POST_SURNAMES}].)"
    "(?=[，,。！!？?；;：:]|$|说|答|表态|承诺|批示|亲自|电话)"
)


def _post(text: str) -> Iterator[tuple[int, int]]:
    """葛局, 刘科: a post cut to one character, where a sentence pauses or he speaks."""
    for m in _POST.finditer(text):
        start, end = m.start() - 1, m.end()
        if opens(text, start) and text[start:end] not in NOT_NAMES:
            yield start, end


_SYL = "".join(sorted(SYLLABLES))
_PEOPLES = re.compile(
    f"[{_SYL}]{{2,7}}(?:[·•・‧][{_SYL}]{{1,7}}){{1,2}}"
    f"|(?P<plain>(?:{'|'.join(sorted(TRANSLITERATED, key=len, reverse=True))})"
    f"[{_SYL}]{{0,6}})(?![·•・‧])"
)
_LONG_CHARACTERS = 4
_WRITTEN_HERE = re.compile("|".join(sorted(TRANSLITERATED)))
_KIND_TITLE = re.compile("先生|女士|小姐|阿姨|大叔|大姐|大哥|师傅")


def _of_peoples(text: str) -> Iterator[tuple[int, int]]:
    """阿依古丽·买买提, and without the dot what is written with their syllables: 扎西多吉."""
    done = 0
    for m in _PEOPLES.finditer(text):
        start, end = m.span()
        long = end - start >= _LONG_CHARACTERS
        if start < done or (
            m.group("plain") and not (opens(text, start) and (long or closes(text, end)))
        ):
            continue
        title = _KIND_TITLE.match(text, end)
        done = title.end() if title else end
        yield start, done


_BORN = re.compile(f"[{_ALL_LEADING}][老阿][大二三四五六七八九幺]")


def _by_birth(text: str) -> Iterator[tuple[int, int]]:
    """王老五, 顾阿大: by the order of birth."""
    for m in _BORN.finditer(text):
        if (opens(text, m.start()) or text[m.start() - 1] in "户人民员") and closes(text, m.end()):
            yield m.span()


_CHECKED = re.compile(f"经(?:核实|核查|查实|查|调查|了解|现场查看|走访)[，,](?=[{_LEADING}])")
_TWO = re.compile(
    f"(?P<a>[{_STRONG}](?<![^，,。；;：:、 \n].)[{_FIRM}]{{1,2}})[和与、及跟]"
    f"(?P<b>[{_STRONG}][{_FIRM}]{{1,2}})(?=[^{HAN}{NAME_BLOT}]|$|[{_AFTER_ONE}]|{_FOLLOWING})"
)


def _checked(text: str) -> Iterator[tuple[int, int]]:
    """经核实，侯军为…: whom an inquiry found."""
    for m in _CHECKED.finditer(text):
        end = name_end(text, m.end(), sure=False)
        if end is not None:
            yield m.end(), end


def _two(text: str) -> Iterator[tuple[int, int]]:
    """张伟和李娜: two names at the beginning of a clause say of each other what they are."""
    for m in _TWO.finditer(text):
        for name in ("a", "b"):
            if m.group(name)[:2] in NOT_NAMES or m.group(name)[1:] in BARE_PAIRS:
                break
        else:
            yield m.span("a")
            yield m.span("b")


_ITEM = f"[{_STRONG}{_PLAIN}{''.join(sorted(VERB_SURNAMES))}][{_GIVEN}]{{1,2}}?"
_LIST = re.compile(
    f"{_ITEM}(?:、{_ITEM})+(?=[^{HAN}{NAME_BLOT}]|$|[{_AFTER_ONE}]|{_FOLLOWING}|轮流)"
)
_LABEL = re.compile(
    "(?:人|姓名|户名|户主|业主|签名|签字|落款|经办|承办|审核|复核|签收|值班|记录)[:：] ?"
    f"(?P<number>[{HAN}]{{2,4}})(?=[，,。；;、 （(\n]|$)"
)
_CALLED = re.compile(
    f"(?:我叫|名叫|名字叫|名字是|叫做)(?P<number>[{HAN}]{{2,4}})(?=[，,。；;、 （(\n]|$)"
)


def _listed(text: str) -> Iterator[tuple[int, int]]:
    """齐白石、康有为: all parts of a list look like names, and one surname is no other word."""
    for m in _LIST.finditer(text):
        names = m.group().split("、")
        if (
            not opens(text, m.start())
            or any(name[1:] in BARE_PAIRS or WEAK_GIVEN.issuperset(name[1:]) for name in names)
            or any(name[:2] in NOT_NAMES for name in names)
            or all(name[0] in PLAIN_SURNAMES | VERB_SURNAMES for name in names)
        ):
            continue
        at = m.start()
        for name in names:
            yield at, at + len(name)
            at += len(name) + 1


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    """经办：厍狄 and 我叫其木格: what stands alone behind a label, whatever it looks like."""
    for pattern in (_LABEL, _CALLED):
        for m in pattern.finditer(text):
            name = m.group("number")
            if name[:2] not in NO_LABEL and NOT_GIVEN.isdisjoint(name):
                yield m.span("number")


_FAMILIAR = re.compile(
    f"阿(?![姨婆公伯爸妈哥嫂叔舅爷奶里拉富尔迪胶坝克斯勒佤])(?P<given>[{''.join(sorted(GIVEN))}])"
)
_KIN = re.compile("(?:阿姨|大姐|大哥|叔叔|伯伯|奶奶|婆婆|爷爷|师傅)")


def _familiar(text: str) -> Iterator[tuple[int, int]]:
    """阿珍, alone or with 阿姨 behind it."""
    for m in _FAMILIAR.finditer(text):
        kin = _KIN.match(text, m.end())
        end = kin.end() if kin else m.end()
        opened = opens(text, m.start()) or text[m.start() - 1] not in SYLLABLES | {NAME_BLOT}
        if opened and (kin or closes(text, end)) and SHOP.match(text, end) is None:
            yield m.start(), end


#: Before the rules with a title: what these would find only a part of.
FIRST: tuple[Rule, ...] = (
    Rule("of another people", "name", "peoples", _of_peoples),
    Rule("with age or sex", "name", "aged", _aged),
    Rule("told of", "name", "told", _told),
)
RULES: tuple[Rule, ...] = (
    Rule("post of one character", "name", "always", _post),
    Rule("by birth", "name", "birth", _by_birth),
    Rule("whom an inquiry found", "name", "经", _checked),
    Rule("two together", "name", "always", _two),
    Rule("familiar", "name", "阿", _familiar),
    Rule("bare", "name", "always", _bare),
    Rule("bare, open", "name", "always", _open),
    Rule("in a list", "name", "list", _listed),
    Rule("behind a label", "name", "label", _labelled),
    Rule("bare, of two", "name", "always", _short),
    Rule("bare, double surname", "name", "double", _double),
)


def _peoples(text: str) -> bool:
    return ("·" in text or "•" in text or "・" in text or "‧" in text) or _WRITTEN_HERE.search(
        text
    ) is not None


#: Cheap looks for the rules above, by the name of their hint.
LOOKS: dict[str, Callable[[str], object]] = {
    "peoples": _peoples,
    "aged": lambda text: "男" in text or "女" in text or "岁" in text,
    "list": lambda text: "、" in text,
    "label": re.compile("[人名主字款办核收班录][:：]|[叫是做](?<=(?:我|名|字|叫).)").search,
    "told": lambda text: "据" in text or "叫" in text,
    "birth": lambda text: "老" in text or "阿" in text,
    "阿": lambda text: "阿" in text,
    "经": lambda text: "经" in text,
    "double": re.compile(
        f"[{''.join(sorted({one[0] for one in DOUBLE_SURNAMES}))}]"
        f"(?=[{''.join(sorted({one[1] for one in DOUBLE_SURNAMES}))}])"
    ).search,
}
