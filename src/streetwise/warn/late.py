"""How late a report was: on which night it was here first. Pure, and without the engines."""

from __future__ import annotations

import numpy as np

from streetwise.warn.values import Ints

#: Nights after its own on which a report may still come; later it is history that was filled in.
AGES = 14
UNKNOWN = -1
_DAY_SECONDS = 86_400


def nights_late(day: Ints, arrived: Ints, source: Ints, hour_seconds: int) -> Ints:
    """(n,): on which night after that of its own day each report was here first; 0: at once.

    ``day``: when it was reported. ``arrived``: seconds since 1970 in the street's zone when it came
    in. ``hour_seconds``: into the day after, when a night looks. UNKNOWN for what is of a time
    before its source delivered anything, and for what is later than ``AGES``: a past that was
    filled in, of which nobody knows how late it would have been.
    """
    if not len(day):
        return np.zeros(0, dtype=np.int64)
    begun = np.full(int(source.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(begun, source, arrived // _DAY_SECONDS)
    looked = (day + 1) * _DAY_SECONDS + hour_seconds
    late = np.maximum(0, -((looked - arrived) // _DAY_SECONDS))
    found: Ints = np.where((day < begun[source]) | (late > AGES), UNKNOWN, late)
    return found
