"""Names that were heard or typed wrongly: same sound, near sound, one character off. Pure.

Speech-to-text keeps the sound and loses the character: 梧桐路 becomes 梧同路. Each character is
replaced by one that stands for its toneless syllable with near sounds made one (zh z, ch c, sh s,
n l, ing in, eng en), so that names are found in the sounds of a text as they are in its
characters, at the same positions. Readings: pypinyin's table, the commonest reading of each.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import add

from streetwise.kernel.search import Words

#: Shorter names sound like too many ordinary words.
SOUND_MIN_CHARACTERS = 3
#: With less of its own (松柏小区 has two characters) a wrong one makes another name of it.
EDIT_MIN_OWN = 3
EDIT_MIN_CHARACTERS = 4
#: Characters that tell sister places apart (东里 from 西里, 二里 from 三里): never mended.
TELLING = frozenset(
    "零〇一二三四五六七八九十百甲乙丙丁东西南北中前后左右上下内外大小新老0123456789"
)
#: Endings that say what kind of place it is: a school is not misheard for a compound.
_KINDS = (
    "小区", "家园", "花园", "嘉苑", "小学", "中学", "学校", "幼儿园", "公园", "医院", "农贸",
    "便民", "生鲜", "菜", "市场", "大街", "胡同", "便利店", "水果店", "粮油店", "火锅店",
    "奶茶店", "蛋糕店", "手机店", "理发店", "五金店", "熟食店", "早餐店", "修车铺", "烧烤",
    "超市", "酒店", "宾馆", "饭店", "饭馆", "餐厅", "面馆", "药店", "银行", "公司", "广场",
    "大厦", "商场", "社区", "宿舍", "公寓", "新村", "华庭", "公馆", "国际", "时代", "南门",
    "北门", "东门", "西门", "卫生", "服务", "站", "路", "街", "巷", "里", "桥", "店", "铺", "馆",
    "楼", "门", "苑",
)  # fmt: skip
_PRIVATE_USE = 0xE000
_TONES = frozenset("\u0300\u0301\u0304\u030c\u0302")


@dataclass(frozen=True, slots=True)
class Heard:
    """A name that may be meant at [start, end) of the text. ``wrong``: characters that differ;
    ``edited``: one of them does not even sound alike.
    """

    start: int
    end: int
    name: str
    wrong: int
    edited: bool


class _Sounds(dict[int, str]):
    """For str.translate: a character to the one that stands for its sound."""

    def __missing__(self, code: int) -> str:
        reading = _readings().get(code)
        sound = chr(code) if reading is None else _character(near(reading.split(",")[0]))
        self[code] = sound
        return sound


@cache
def _readings() -> dict[int, str]:
    # Loaded by the first text that needs it (0.2 s): a street without voices never does.
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415

    return dict(pinyin_dict)


_KNOWN: dict[str, str] = {}


def _character(syllable: str) -> str:
    return _KNOWN.setdefault(syllable, chr(_PRIVATE_USE + len(_KNOWN)))


def near(reading: str) -> str:
    """A syllable without its tone and with near sounds made one: zhēng → zen."""
    parts = unicodedata.normalize("NFD", reading)
    plain = unicodedata.normalize("NFC", "".join(one for one in parts if one not in _TONES))
    if plain[:2] in ("zh", "ch", "sh"):
        plain = plain[0] + plain[2:]
    elif plain.startswith("n") and len(plain) > 1:
        plain = "l" + plain[1:]
    return plain[:-1] if plain.endswith(("ing", "eng")) else plain


_SOUNDS = _Sounds()


def sounds(folded: str) -> str:
    """The sounds of a text, character by character."""
    return folded.translate(_SOUNDS)


class Hearing:
    """Finds names by what they sound like. ``names``: folded; ``stops``: what is no name and
    must not be taken for one.
    """

    def __init__(self, names: Iterable[str], stops: Iterable[str] = ()) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        for name in names:
            if len(name) >= SOUND_MIN_CHARACTERS:
                self._names[sounds(name)].append(name)
        self._stops = {sounds(name) for name in stops}
        self._words = Words([*self._names, *self._stops])
        self._halves: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for sound in self._names:
            own = max(map(own_characters, self._names[sound]))
            if len(sound) >= EDIT_MIN_CHARACTERS and own >= EDIT_MIN_OWN:
                half = len(sound) // 2
                self._halves[sound[:half]].append((sound, 0))
                self._halves[sound[half:]].append((sound, half))
        self._lengths: dict[str, set[int]] = defaultdict(set)
        for part in self._halves:
            self._lengths[part[:2]].add(len(part))

    def alike(self, folded: str) -> list[Heard]:
        """Names that sound like what stands in the text, from left to right."""
        found = []
        for start, sound in self._words.spans(sounds(folded)):
            if sound in self._stops:
                continue
            said = folded[start : start + len(sound)]
            for name in self._names[sound]:
                wrong = _differing(said, name)
                if wrong is not None and 0 < wrong <= _wrong_allowed(said, name):
                    found.append(Heard(start, start + len(name), name, wrong, False))
        return found

    def edited(self, folded: str) -> list[Heard]:
        """Names with one character wrong, missing or too many, the others as they are.

        One fault leaves one half of a name whole, so only places where a half stands are tried.
        """
        sound_text = sounds(folded)
        found: dict[tuple[int, str], Heard] = {}
        for start, sound, offset in self._half_hits(sound_text):
            for heard in self._try(folded, sound_text, start - offset, start, sound, offset):
                known = found.get((heard.start, heard.name))
                if known is None or heard.wrong < known.wrong:
                    found[heard.start, heard.name] = heard
        return sorted(found.values(), key=lambda one: (one.start, one.wrong))

    def _half_hits(self, sound_text: str) -> Iterator[tuple[int, str, int]]:
        for start, head in enumerate(map(add, sound_text, sound_text[1:])):
            if head in self._lengths:
                for length in self._lengths[head]:
                    for sound, offset in self._halves.get(sound_text[start : start + length], ()):
                        yield start, sound, offset

    def _try(
        self, folded: str, sound_text: str, begin: int, at: int, sound: str, offset: int
    ) -> Iterator[Heard]:
        """The other half with one fault: the first half whole, or the second."""
        for change in (0, -1, 1):
            if offset:
                start, end = begin - change, at + len(sound) - offset
            else:
                start, end = begin, begin + len(sound) + change
            if start < 0 or end > len(folded) or sound_text[start:end] == sound:
                continue
            for name in self._names[sound]:
                wrong = one_fault(folded[start:end], name, sound_text[start:end], sound)
                if wrong is not None:
                    yield Heard(start, end, name, wrong, True)


def own_characters(name: str) -> int:
    """How many characters a name has before the endings that say its kind (公园南门, 三里)."""
    while ending := next((one for one in _KINDS if name.endswith(one)), ""):
        name = name[: -len(ending)].rstrip("".join(TELLING))
    return len(name)


def _wrong_allowed(said: str, name: str) -> int:
    """One, two in long names; one more where it is in the ending that says the kind (花元)."""
    kind = next((len(one) for one in _KINDS if len(one) > 1 and name.endswith(one)), 0)
    ending = int(bool(kind) and said[-kind:] != name[-kind:])
    return (1 if len(name) < 5 else 2) + (ending if len(name) > SOUND_MIN_CHARACTERS else 0)


def _differing(said: str, name: str) -> int | None:
    """How many characters differ; None where one of them tells sister places apart."""
    wrong = 0
    for a, b in zip(said, name, strict=True):
        if a != b:
            if a in TELLING and b in TELLING:
                return None
            wrong += 1
    return wrong


def one_fault(said: str, name: str, said_sound: str, sound: str) -> int | None:
    """How many characters of the name are not as said, if one fault explains the sounds.

    None where the fault is in what tells places apart, or in what says their kind.
    """
    before = 0
    while before < min(len(said_sound), len(sound)) and said_sound[before] == sound[before]:
        before += 1
    behind = 0
    most = min(len(said_sound), len(sound)) - before
    while behind < most and said_sound[-1 - behind] == sound[-1 - behind]:
        behind += 1
    lost, extra = name[before : len(name) - behind], said[before : len(said) - behind]
    if len(lost) > 1 or len(extra) > 1:
        return None
    if not (lost and extra) and (not before or not behind) and lost != "老":
        return None  # less or more at an end is another name: 澄江桥 is not 澄江桥洞
    kind = len(name) - own_characters(name)
    if not all("一" <= one <= "鿿" or one.isalnum() for one in lost + extra):
        return None
    if before >= len(name) - kind or (set(lost) | set(extra)) & TELLING - {"老"}:
        return None
    head = _differing(said[:before], name[:before])
    tail = _differing(said[len(said) - behind :], name[len(name) - behind :])
    if head is None or tail is None or head + tail > (0 if len(name) < 6 else 1):
        return None
    return 1 + head + tail
