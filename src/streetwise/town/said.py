"""What the town's staff write where a case does not go straight: the words for an action.

The phrases stand in ``data/phrases_astray.yaml``; they are the town's own.
"""

from __future__ import annotations

import random
from functools import cache

from .language.phrase import Pool, pool, read_yaml, render

FILE = "phrases_astray.yaml"


def said(action: str, code: str | None, rng: random.Random) -> str:
    """A sentence for an action, by its ground or outcome where that makes a difference."""
    return render(_pool(action, code).pick(rng), rng, {})


def knows(action: str) -> bool:
    """Whether there are words for it."""
    return action in read_yaml(FILE)


@cache
def _pool(action: str, code: str | None) -> Pool:
    known = read_yaml(FILE)[action]
    return pool(known if isinstance(known, str) else known[code])
