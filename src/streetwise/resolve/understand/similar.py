"""How alike two complaints are in their words, by a print that is kept instead of the text. Pure.

A **print** is a digest of the folded text and its informative pairs of neighbouring characters,
each hashed into 2^18 buckets with a small weight: at most 8 + 4 x 96 = 392 bytes, some
170 for the usual 80 characters, little-endian,
``bucket << 8 | weight``, sorted. What everybody says (greetings, what is asked of an office),
tokens of masking and names of places leave none: whether two places are one is other evidence.

Likeness is the cosine of the two, or, for a short text that stands within a longer one, a part
of how much of it is found there; 1 for texts that differ in spaces, width and case only. It is
symmetric and between 0 and 1. Two unlike pairs of characters may share a bucket: among 48 x 48
that happens once in a hundred comparisons and adds about 0.02.

Pairs of characters rather than words: with short Chinese complaints they need no dictionary,
survive a wrong character from a speech recogniser, and are quick. Weights are inverse document
frequencies (K. Sparck Jones, 1972) over the street's own texts once it has some.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import yaml
from numpy.typing import NDArray

from streetwise.kernel.search import fold
from streetwise.privacy.masking import TOKENS

BUCKET_BITS = 18
BUCKETS = 1 << BUCKET_BITS
GRAMS_MAX = 96
#: From this weight on pairs are equally good to keep, and their bucket, which is a hash, decides:
#: so two long texts keep the same ones of those that they share. By weight alone each would keep
#: the pairs that no other text has.
TELLING_WEIGHT = 0.6
DIGEST_BYTES = 8
#: A text of fewer informative pairs says too little to be known by its words alone.
TELLING_GRAMS = 16
#: Of a text that stands wholly within a longer one, this much is likeness.
WITHIN_SHARE = 0.8

#: Of nothing at all: like to none, itself included.
NO_PRINT = bytes(DIGEST_BYTES)

Floats = NDArray[np.float32]
_FOLDED_TOKENS = tuple(fold(token) for token in TOKENS.values())
_FIRST, _SECOND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)
_NEW_TEXT = ord("\n")


@dataclass(frozen=True, slots=True)
class Rarity:
    """How telling a pair of characters is: ``weights[bucket]``, 0 to 1, float32."""

    weights: Floats

    @classmethod
    def learned(cls, texts: Sequence[str]) -> Rarity:
        """From a street's own texts: the fewer of them have a pair, the more it tells.

        ``log((n + 1) / (df + 1)) / log(n + 1)``, with the shipped phrases at 0. A street with
        few texts is better served by :func:`shipped_rarity`.
        """
        doc, bucket = _grams([_bare(text, ()) for text in texts])
        pairs = np.unique(doc.astype(np.int64) << BUCKET_BITS | bucket)
        seen = np.bincount(pairs & (BUCKETS - 1), minlength=BUCKETS)
        count = max(len(texts), 1) + 1
        weights = np.log(count / (seen + 1)) / np.log(count)
        return cls((weights * (shipped_rarity().weights > 0)).astype(np.float32))


@cache
def shipped_rarity() -> Rarity:
    """All pairs tell the same, but those of the shipped phrases tell nothing."""
    path = resources.files("streetwise.resolve.understand") / "data" / "boilerplate.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    phrases = [phrase for group in content.values() for phrase in group]
    _, buckets = _grams([fold(phrase) for phrase in phrases])
    weights = np.ones(BUCKETS, np.float32)
    weights[buckets] = 0
    return Rarity(weights)


def prints(
    texts: Sequence[str],
    *,
    names: Sequence[Sequence[str]] | None = None,
    bodies: Sequence[str] | None = None,
    rarity: Rarity | None = None,
) -> list[bytes]:
    """A print for each text; ``names``: for each text the folded names of places to leave out;
    ``bodies``: for each text what of it makes the digest (a letter sent again under another title
    is the same letter), else all of it.

    In batches: one pass of NumPy over all characters.
    """
    folded = [fold(text) for text in texts]
    whole = folded if bodies is None else [fold(body) for body in bodies]
    bare = [
        _without_names(text, names[number] if names else ()) for number, text in enumerate(folded)
    ]
    doc, bucket = _grams(bare)
    weights = (rarity or shipped_rarity()).weights[bucket]
    telling = np.flatnonzero(weights > 0)
    # One of each pair in each text; then the most telling ones, of equals the lower bucket.
    keys = np.unique(doc[telling].astype(np.int64) << BUCKET_BITS | bucket[telling])
    doc, bucket = keys >> BUCKET_BITS, keys & (BUCKETS - 1)
    small = np.clip(np.rint((rarity or shipped_rarity()).weights[bucket] * 255), 1, 255).astype(
        np.int64
    )
    kept = _best(doc, small, len(texts))
    packed = (bucket[kept] << 8 | small[kept]).astype("<u4")
    ends = np.searchsorted(doc[kept], np.arange(len(texts) + 1))
    return [
        (_digest(said) if said else NO_PRINT) + packed[ends[number] : ends[number + 1]].tobytes()
        for number, said in enumerate(whole)
    ]


def _best(doc: NDArray[np.int64], weight: NDArray[np.int64], texts: int) -> NDArray[np.int64]:
    """Which entries to keep, in their order: the heaviest GRAMS_MAX of each text."""
    begins = np.searchsorted(doc, np.arange(texts + 1))
    if texts == 0 or np.diff(begins).max() <= GRAMS_MAX:
        return np.arange(len(doc))
    capped = np.minimum(weight, round(TELLING_WEIGHT * 255))
    order = np.argsort(doc << 8 | (255 - capped), kind="stable")
    rank = np.arange(len(doc)) - begins[doc]
    return np.sort(order[rank < GRAMS_MAX])


def _bare(text: str, names: Sequence[str]) -> str:
    return _without_names(fold(text), names)


def _without_names(folded: str, names: Sequence[str]) -> str:
    """The folded text without tokens of masking and names."""
    if "[" in folded:
        for token in _FOLDED_TOKENS:
            folded = folded.replace(token, " ")
    for name in names:
        folded = folded.replace(name, " ")
    return folded


def _digest(folded: str) -> bytes:
    return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _grams(folded: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Text number and bucket of each pair of neighbouring letters, in the order of the texts."""
    joined = "\n".join(folded).encode("utf-32-le", "surrogatepass")
    chars = np.frombuffer(joined, dtype="<u4").astype(np.uint32)
    letters = _letters(chars)
    doc = np.cumsum(chars == _NEW_TEXT)
    where = np.flatnonzero(letters[:-1] & letters[1:])
    mixed = chars[where] * _FIRST + chars[where + 1] * _SECOND
    mixed ^= mixed >> np.uint32(15)
    mixed *= _SECOND
    return doc[where].astype(np.int64), (mixed >> np.uint32(32 - BUCKET_BITS)).astype(np.int64)


def _letters(chars: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Han characters, Latin letters and digits."""
    han = (chars >= 0x3400) & (chars <= 0x9FFF) | (chars >= 0x20000) & (chars <= 0x3FFFF)
    latin = (chars >= 0x61) & (chars <= 0x7A) | (chars >= 0x30) & (chars <= 0x39)
    return han | latin


# --- comparing ----------------------------------------------------------------------------


def likeness(one: bytes, other: bytes) -> float:
    """Likeness of two prints, by the definition: the slow reference of ``postings.py``."""
    if one[:DIGEST_BYTES] == other[:DIGEST_BYTES] != NO_PRINT:
        return 1.0
    a, b = weights_of(one), weights_of(other)
    if not a or not b:
        return 0.0
    both = sum(weight * b[bucket] for bucket, weight in a.items() if bucket in b)
    squares = [sum(weight**2 for weight in side.values()) for side in (a, b)]
    share = WITHIN_SHARE * min(1, len(a) / TELLING_GRAMS, len(b) / TELLING_GRAMS)
    cosine = both / (squares[0] * squares[1]) ** 0.5
    return float(min(1.0, max(cosine, share * both / min(squares))))


def telling(one: bytes) -> float:
    """How much a print says, 0 to 1: its informative pairs against TELLING_GRAMS."""
    return min(1.0, (len(one) - DIGEST_BYTES) // 4 / TELLING_GRAMS)


def weights_of(one: bytes) -> dict[int, int]:
    """Bucket -> weight, 1 to 255; none for no print at all."""
    if not one:
        return {}
    packed = np.frombuffer(one, dtype="<u4", offset=DIGEST_BYTES)
    return {int(gram) >> 8: int(gram) & 255 for gram in packed}
