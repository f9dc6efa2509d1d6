"""Statements that are put together once: for many, doing so takes longer than their execution.

What differs from call to call is a ``bindparam``; what depends on who asks is the same for all who
see the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import TypeVar

from streetwise.kernel.viewer import Viewer

S = TypeVar("S")

#: Kinds of viewers remembered for each statement: a street has some dozens.
KEPT = 256


def by_sight(build: Callable[[Viewer], S]) -> Callable[[Viewer], S]:
    """Keep what ``build`` makes, for all viewers who see, and may do, the same.

    ``build`` may use nothing else of the viewer: not who it is, and not the purpose.
    """
    known: dict[Hashable, S] = {}

    @functools.wraps(build)
    def kept(viewer: Viewer) -> S:
        key = (viewer.sight, viewer.can)
        statement = known.get(key)
        if statement is None:
            if len(known) >= KEPT:
                known.clear()
            statement = known[key] = build(viewer)
        return statement

    return kept
