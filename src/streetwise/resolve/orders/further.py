"""What upstream says further of an order: does it press 催单, add 补充, or say nothing new? Pure.

Platforms write in two ways: a row with the new words alone, or one with all words so far and the
new ones behind. So what was said before is taken out, sentence by sentence, and only what is left
is read. Words: resolve/data/further.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal, cast

from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.wordlists import load, words_of

Further = Literal["urge", "supplement", "other"]

#: Ends of sentences, and of the lines that a platform puts before what it adds.
_ENDS = re.compile(r"[。！？；!?;\n\r]+")
#: What is left must say something: two letters or digits.
_SAYS = re.compile(r"\w.*\w", re.DOTALL)


@cache
def _words() -> tuple[Words, frozenset[str]]:
    listed = load("further.yaml")
    urge = words_of(listed["urge"])
    # A longer word under `other` is found instead of the shorter one inside it.
    return Words([*urge, *words_of(listed["other"])]), frozenset(urge)


def further(
    word: str | None, said: Iterable[str | None], before: Iterable[str | None]
) -> Further | None:
    """Of what kind a further row of an order is; None: it says nothing new.

    ``word``: ours for the platform's own column, where it has one. ``said``: the row's title and
    words, masked; ``before``: those of all rows of the order before it.
    """
    if word is not None:
        return cast(Further, word)
    known = {sentence for text in before for sentence in _sentences(text)}
    new = [
        sentence
        for text in said
        for sentence in _sentences(text)
        if sentence not in known and _SAYS.search(sentence)
    ]
    if not new:
        return None
    words, urge = _words()
    pressed = any(found in urge for sentence in new for found in words.find(sentence))
    return "urge" if pressed else "supplement"


def _sentences(text: str | None) -> list[str]:
    return [fold(part.strip()) for part in _ENDS.split(text or "") if part.strip()]
