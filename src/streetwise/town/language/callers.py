"""Who calls, and numbers that nobody has."""

from __future__ import annotations

import random

from ..names import SURNAMES

# 154 has never been assigned to an operator in the national numbering plan and the block 0000
# to no switch, so these eleven digits have the shape of a mobile number and belong to nobody.
PHONE_PREFIX = "1540000"

# No region of the country has the number 99, so an identity number that starts with it has the
# shape of one and belongs to nobody. Its last digit is wrong besides.
ID_PREFIX = "990000"

_HONORIFICS = ("女士", "先生", "女士", "先生", "阿姨", "师傅", "大爷", "老师", "大妈")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def who(rng: random.Random) -> str:
    """A surname with what people call its bearer."""
    return SURNAMES[int(rng.random() * len(SURNAMES))] + _HONORIFICS[int(rng.random() * 9)]


def phone(rng: random.Random) -> str:
    """A mobile number of nobody."""
    return f"{PHONE_PREFIX}{int(rng.random() * 10_000):04d}"


def id_number(rng: random.Random) -> str:
    """An identity number of nobody: no such region, and a last digit that does not fit."""
    birth = f"{rng.randint(1940, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    first = f"{ID_PREFIX}{birth}{rng.randrange(1000):03d}"
    right = sum(int(d) * w for d, w in zip(first, _ID_WEIGHTS, strict=True)) % 11
    return first + _ID_CHECKS[(right + 1 + rng.randrange(10)) % 11]
