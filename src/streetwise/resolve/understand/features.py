"""Texts → sparse features: hashed n-grams of characters, a whole batch at a time. Pure.

All texts of a batch are one array of code points; folding is a look-up, an n-gram's hash a few
multiplications over the array, and one sort brings equal n-grams of a text together. No n-gram
spans two texts, title and text, or a stop: what stands on both sides of a comma is no word.
Digits are all alike, so that house numbers and dates are one feature, not thousands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

#: Title (may be missing) and text (may be missing).
Text = tuple[str | None, str | None]

#: Buckets of the hash: 2**20 keep 300,000 different n-grams nearly all apart.
BUCKET_BITS = 20
BUCKETS = 1 << BUCKET_BITS
LONGEST_GRAM = 2
#: A text is read to here; what follows in a long letter repeats or wanders.
READ_CHARACTERS = 3_000

_PLANE = 1 << 16
_DROPPED, _STOP = 1, 2  # what the table gives for spaces and for stops
_DIGIT = ord("0")
# Odd constants of 64 bits (from the golden ratio, and from splitmix64's mixer).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SALTS = tuple(np.uint64(salt) for salt in (0x0, 0x632BE59BD9B4E019))

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """The distinct n-grams of a batch, by part, and where each stands.

    ``part`` (ascending; the title of text i is part 2i, its story 2i + 1), ``bucket``, ``count``:
    one entry per distinct n-gram of a part. ``starts``, ``lengths``, ``entry``: one per
    occurrence; ``starts`` are places in ``characters``, the batch's texts in a row without spaces
    (``owner``: the text of each), ``entry`` leads to the former. These three are empty unless
    asked for.
    """

    texts: int
    part: Ints
    bucket: Ints
    count: NDArray[np.float32]
    starts: Ints
    lengths: Ints
    entry: Ints
    characters: NDArray[np.uint32]
    owner: Ints


def grams(texts: Sequence[Text], *, places: bool = False) -> Grams:
    """The n-grams of each text; with ``places`` also where they stand."""
    raw, owner, part = _characters(texts)
    folded = _table()[np.minimum(raw, _PLANE - 1)].astype(np.uint64)
    beyond = raw >= _PLANE
    if beyond.any():
        folded[beyond] = raw[beyond]
    kept = folded != _DROPPED
    raw, owner, part, folded = raw[kept], owner[kept], part[kept], folded[kept]
    keys, starts, lengths = _keys(folded, part)
    order = np.argsort(keys, kind="stable") if places else None
    ordered = keys[order] if order is not None else np.sort(keys)
    new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    first = np.flatnonzero(new)
    entry = np.empty(0, dtype=np.int64)
    if order is not None:
        entry = np.empty(len(keys), dtype=np.int64)
        entry[order] = np.cumsum(new) - 1
    distinct = ordered[first]
    return Grams(
        len(texts),
        distinct >> BUCKET_BITS,
        distinct & (BUCKETS - 1),
        np.diff(first, append=len(keys)).astype(np.float32),
        starts if places else entry,
        lengths if places else entry,
        entry,
        raw,
        owner,
    )


def _characters(texts: Sequence[Text]) -> tuple[NDArray[np.uint32], Ints, Ints]:
    """All code points in a row; the text of each; the part (title: 2i, text: 2i + 1) of each."""
    parts = [(part or "")[:READ_CHARACTERS] for text in texts for part in text]
    # A lone half of a surrogate pair is no character; it becomes a question mark.
    data = "".join(parts).encode("utf-32-le", "replace")
    raw = np.frombuffer(data, dtype="<u4")
    part = np.repeat(np.arange(len(parts)), np.fromiter(map(len, parts), np.int64, len(parts)))
    return raw, part >> 1, part


def _keys(folded: NDArray[np.uint64], part: Ints) -> tuple[Ints, Ints, Ints]:
    """Part and bucket as one number, start and length, of each occurrence."""
    keys, starts, lengths = [], [], []
    good = folded != _STOP
    place = np.arange(len(folded))
    running = np.zeros(len(folded), dtype=np.uint64)
    whole = np.ones(len(folded), dtype=bool)
    base = part << BUCKET_BITS
    for length in range(1, min(LONGEST_GRAM, len(folded)) + 1):
        end = len(folded) - length + 1
        # The hash of a gram from that of its beginning and its last character.
        running = (running[:end] + folded[length - 1 :]) * _STEP
        whole = whole[:end] & good[length - 1 :] & (part[:end] == part[length - 1 :])
        at = place[:end][whole]
        mixed = (running[at] ^ _SALTS[length - 1]) * _MIX
        bucket = (mixed >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
        keys.append(base[at] | bucket)
        starts.append(at)
        lengths.append(np.full(len(at), length))
    if not keys:
        none = np.empty(0, dtype=np.int64)
        return none, none, none
    return np.concatenate(keys), np.concatenate(starts), np.concatenate(lengths)


@cache
def _table() -> NDArray[np.uint32]:
    """What each character of the basic plane is read as: its width and case folded (NFKC).

    Where folding gives several characters, the first stands for them.
    """
    table = np.empty(_PLANE, dtype=np.uint32)
    for code in range(_PLANE):
        character = chr(code)
        plain = unicodedata.normalize("NFKC", character).casefold()[:1] or " "
        kind = unicodedata.category(plain)
        if plain.isspace():
            table[code] = _DROPPED
        elif kind[0] in "PSCZ":
            table[code] = _STOP
        elif kind == "Nd":
            table[code] = _DIGIT
        else:
            table[code] = ord(plain)
    return table


def pieces(batch: Grams, heat: NDArray[np.float32], most: int) -> list[tuple[str, ...]]:
    """The readable pieces of each text where ``heat`` (one figure per character) is high.

    A piece is a run of characters with at least half the heat of the text's hottest one; at most
    ``most`` of a text, the hottest first. A single character says little to a reader: it takes the
    warmer of its two neighbours with it where one is warm at all.
    """
    found: list[list[str]] = [[] for _ in range(batch.texts)]
    if len(heat):
        peak = np.zeros(batch.texts, dtype=np.float32)
        np.maximum.at(peak, batch.owner, heat)
        hot = (heat >= peak[batch.owner] * np.float32(0.5)) & (heat > 0)
        edge = np.zeros(len(hot) + 1, dtype=bool)
        edge[1:-1] = batch.owner[1:] != batch.owner[:-1]
        starts = np.flatnonzero(hot & (edge[:-1] | ~np.concatenate(([False], hot[:-1]))))
        ends = np.flatnonzero(hot & (edge[1:] | ~np.concatenate((hot[1:], [False])))) + 1
        starts, ends = _wider(batch, heat, starts, ends)
        summed = np.concatenate(([0.0], np.cumsum(heat, dtype=np.float64)))
        hottest = np.lexsort((summed[starts] - summed[ends], batch.owner[starts]))
        written = batch.characters.tobytes().decode("utf-32-le")
        for at, start, end in zip(
            batch.owner[starts[hottest]].tolist(),
            starts[hottest].tolist(),
            ends[hottest].tolist(),
            strict=True,
        ):
            mine = found[at]
            if len(mine) < most and (piece := written[start:end]) not in mine:
                mine.append(piece)
    return [tuple(mine) for mine in found]


def _wider(batch: Grams, heat: NDArray[np.float32], starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Pieces of one character with the warmer neighbour of the same text, where it has any heat."""
    last = len(heat) - 1
    before, after = np.maximum(starts - 1, 0), np.minimum(ends, last)
    same_before = (starts > 0) & (batch.owner[before] == batch.owner[starts])
    same_after = (ends <= last) & (batch.owner[after] == batch.owner[starts])
    left = np.where(same_before, heat[before], 0)
    right = np.where(same_after, heat[after], 0)
    single = ends - starts == 1
    to_left = single & (left > right)
    to_right = single & (right > 0) & ~to_left
    return starts - to_left, ends + to_right
