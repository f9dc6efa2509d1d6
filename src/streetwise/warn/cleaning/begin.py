"""Where a history really begins: what came long before, now and then, is no history.

A stray row of years ago, or a small source that is older than the others, would have the nights in
between count as nights on which nothing came, and everything after as strange.
"""

from __future__ import annotations

import numpy as np

from streetwise.warn.values import Ints

#: Days are counted in blocks of so many, from the last day back.
BLOCK_DAYS = 28
#: What is usual is the middle of the newest blocks: of a quarter or of a year, the larger one.
USUAL_BLOCKS = (3, 13)
#: A block with a smaller share of what is usual is thin.
THIN_SHARE = 0.1


def history_begins(day: Ints, last_day: int) -> int:
    """The first day that counts: of the first block which is not thin, nor is the next one.

    ``day``: (n,), days of reports, rising. ``last_day``: up to which they are known. An outage
    later on is no beginning. The oldest block is short, and of three days or less may look thin.
    Where there are not two such blocks it is the first report's day; ``last_day`` + 1 where there
    is no report.
    """
    if len(day) == 0:
        return last_day + 1
    block = (last_day - day) // BLOCK_DAYS
    count = np.bincount(block)[::-1]  # the oldest first
    usual = max(float(np.median(count[-blocks:])) for blocks in USUAL_BLOCKS)
    whole = count >= THIN_SHARE * usual
    whole &= count > 0
    begun = np.flatnonzero(whole[:-1] & whole[1:])
    if len(begun) == 0:
        return int(day[0])
    oldest = len(count) - 1 - int(begun[0])
    return int(day[np.flatnonzero(block == oldest)[0]])
