"""Where a line of Chinese ends: anywhere, but not inside a number, nor before a full stop. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

#: What belongs together: a run of letters and figures, else one sign.
_PIECE = re.compile(r"[!-~]+|.", re.DOTALL)
#: What no line begins with, and what no line ends with.
NOT_FIRST = frozenset("，。；：、！？）】》”’％…")
NOT_LAST = frozenset("（【《“‘")


def lines(text: str, room: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines that fit into ``room``, where a single piece does. At least one line."""
    found, line = [], ""
    for piece in _pieces(text, room, measure):
        if line and measure(line + piece) > room:
            found.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*found, line]


def _pieces(text: str, room: float, measure: Callable[[str], float]) -> list[str]:
    """What may not be parted; a piece that is longer than a line is parted all the same."""
    pieces: list[str] = []
    for piece in _PIECE.findall(text):
        joined = pieces and (piece in NOT_FIRST or pieces[-1][-1] in NOT_LAST)
        if joined and measure(pieces[-1] + piece) <= room:
            pieces[-1] += piece
        elif measure(piece) > room:
            pieces.extend(piece)
        else:
            pieces.append(piece)
    return pieces
