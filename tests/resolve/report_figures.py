"""Figures of a made-up week, for the tests of reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from streetwise.resolve.reports.figures import Day, Figures, Line, Listed, Named, Stock
from streetwise.resolve.reports.spans import span
from streetwise.resolve.scores.engine import Counted, Tally

SHANGHAI = ZoneInfo("Asia/Shanghai")


def tally(scale: int, *, orders: int | None = None, estimated: bool = False) -> Tally:
    """A group of so many cases, with a quarter as many orders."""
    called = scale // 4 if orders is None else orders

    def of(part: str, count: int) -> Counted:
        return Counted((Decimal(part) * count).quantize(Decimal("0.1")), count)

    counts = {
        "response": of("1", called), "solved": of("0.8", called), "satisfied": of("0.7", called),
        "on_time": of("0.9", scale), "rework": of("0.05", scale), "returned": of("0.1", scale),
        "repeated": of("0.2", scale), "ahead": of("0.3", scale),
    }  # fmt: skip
    own: Mapping[str, Counted] = (
        {"solved": of("0.5", 10), "satisfied": of("0.4", 10)} if estimated else {}
    )
    return Tally(counts, scale + 1, scale, called, 20.25, 70.5, 18.5, 60.0, own)


def figures(*, estimated: bool = False) -> Figures:
    """The week of 2026-05-11."""
    names = ("幸福社区", "和平社区", "市政管理科", "<物业> & 公司", "=1+1")
    units = tuple(Line(name, tally(40 - 9 * n)) for n, name in enumerate(names))
    classes = tuple(Line(f"类别{n}", tally(30 - 3 * n), opened_before=20 - n) for n in range(12))
    first = date(2026, 5, 11)
    days = tuple(Day(first + timedelta(days=n), 20 + n, 18 - n) for n in range(7))
    late = Named("20260501-000007", "道路破损", "市政管理科", "overdue", 3.25)
    left = Named("20260502-000001", None, None, "not_our_duty")
    return Figures(
        area="龙井街道", span=span("weekly", "2026-W20", SHANGHAI),
        total=tally(120, estimated=estimated), before=tally(100),
        units=units, communities=units[:2], classes=classes,
        channels=(Line("市级热线", tally(90)), Line("网格上报", tally(30))), days=days,
        stock=Stock(31, 4, 2), stock_before=Stock(29, 6, 2),
        stock_of={"市政管理科": Stock(20, 4, 1), "幸福社区": Stock(11, 0, 1)},
        overdue=Listed((late,), 4), suspended=Listed(),
        matters=Listed((Named("20260503-000003", "噪声扰民", "幸福社区", "parties", 2.0),), 1),
        excluded=Listed((left,), 1), matter_counts={"parties": 1},
        excluded_counts={"not_our_duty": 1},
    )  # fmt: skip
