"""Boston and Chicago, as ``../shared/data`` has them: what to avoid there, and what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from streetwise.evaluation.warn.truth import TrueChange
from streetwise.warn.values import day_of


def _days(first: str, last: str) -> tuple[int, int]:
    return day_of(date.fromisoformat(first)), day_of(date.fromisoformat(last))


#: Hurricane Irene: trees for ten days. Warned the same day, it is right.
IRENE = TrueChange("irene", "Tree Emergencies", *_days("2011-08-28", "2011-09-07"), size="storm")
#: Changes known to be real, by kind of file; under the name of each column of categories.
KNOWN = {"boston": (IRENE, replace(IRENE, category="Trees")), "chicago": ()}
#: Spans in which nothing is planted: the storm, and the days on which a city typed in piles.
AVOID = {
    "boston": (
        _days("2011-07-06", "2011-07-06"),
        _days("2011-08-27", "2011-09-07"),
        _days("2011-10-11", "2011-10-11"),
    ),
    "chicago": (
        _days("2012-08-30", "2012-08-30"),
        _days("2012-09-12", "2012-09-12"),
        _days("2013-08-01", "2013-08-01"),
        _days("2013-11-21", "2013-11-21"),
    ),
}
#: Days of each file in which it is complete.
WHOLE = {
    "boston": _days("2011-07-01", "2011-12-31"),
    "chicago": _days("2011-01-01", "2013-12-31"),
}
