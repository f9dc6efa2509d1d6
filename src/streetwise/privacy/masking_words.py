"""The words by which names are told from other words, read from ``data/names.yaml``."""

from __future__ import annotations

from importlib import resources

import yaml

_FILE = resources.files("streetwise.privacy") / "data" / "names.yaml"
_WORDS: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def _words(key: str) -> frozenset[str]:
    return frozenset(_WORDS[key].split())


def _characters(key: str) -> frozenset[str]:
    return frozenset("".join(_WORDS[key].split()))


#: Radicals of sounds, illnesses, insects, beasts and feet: no name is made of them.
_UNFIT = ((0x53E3, 0x56D7), (0x72AC, 0x7384), (0x7592, 0x7668), (0x866B, 0x883F), (0x8DB3, 0x8EAA))


def _rare_characters() -> frozenset[str]:
    """The characters of the second level of GB 2312-80: rare in texts, not in given names."""
    found = set()
    for row in range(0xD8, 0xF8):
        for cell in range(0xA1, 0xFF):
            char = bytes((row, cell)).decode("gb2312", errors="ignore")
            if char and not any(first <= ord(char) <= last for first, last in _UNFIT):
                found.add(char)
    return frozenset(found) - _characters("not_rare")


SURNAMES = _characters("surnames")
PLAIN_SURNAMES = _characters("plain_surnames")
VERB_SURNAMES = _characters("verb_surnames")
MILD_VERBS = _characters("mild_verbs")
NOT_NICKNAMES = _words("not_nicknames")
DOUBLE_SURNAMES = _words("double_surnames")
NOT_GIVEN = _characters("not_given")
GIVEN = (_characters("given") | _rare_characters()) - NOT_GIVEN
NOT_NAMES = _words("not_names")
NOT_BEFORE = _words("not_before")
FOLLOWING = _words("following")
TITLES = _words("titles")
RARE_SURNAMES = _characters("rare_surnames") - SURNAMES
WEAK_GIVEN = _characters("weak_given")
BARE_PAIRS = _words("bare_pairs")
BARE_LAST = _characters("bare_last")
AFTER_BARE = _characters("after_bare")
TRANSLITERATED = _words("transliterated")
SYLLABLES = _characters("syllables")
OPENING_WORDS = _words("opening_words")
LAST_GIVEN = _characters("last_given")
PERSON_RIGHT = _words("person_right")
NO_LABEL = _words("no_label")
PERSON_VERBS = _words("person_verbs")
NICKNAMED = SURNAMES - PLAIN_SURNAMES | _characters("nicknames_too")


def announcing() -> list[str]:
    """Words that stand before a name, as 联系人."""
    return sorted(_words("announcing"))


def following_bare() -> list[str]:
    """Words that follow a bare name."""
    return sorted(_words("following_bare"))
