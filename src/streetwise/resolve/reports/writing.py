"""From figures to the content of a report. Pure: words are report_text.yaml's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from streetwise.resolve.reports.content import (
    Block,
    Cell,
    Chart,
    Column,
    Content,
    Form,
    Section,
    Series,
    Table,
)
from streetwise.resolve.reports.few import FEWEST, hidden
from streetwise.resolve.reports.figures import Figures, Line, Listed
from streetwise.resolve.reports.words import more, paragraph, points, score_more, words
from streetwise.resolve.scores.engine import Counted, Tally, composite
from streetwise.resolve.scores.rules import Rules

THREE = ("response", "solved", "satisfied")
#: So many bars or rows of a list of the largest.
TOP = 10


def write(figures: Figures, zone: ZoneInfo) -> Content:
    """The report. The same figures give the same content."""
    said, period = words()["spans"][figures.span.kind], figures.span.period
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    year, week, _ = start.isocalendar()
    monthly = figures.span.kind == "monthly"
    called = period.name.split("-") if monthly else ()
    way = said["way"].format(
        year=called[0] if called else (year if figures.span.kind == "weekly" else start.year),
        month=int(called[1]) if called else start.month,
        day=start.day,
        week=week,
    )
    title = words()["title"].format(area=figures.area, name=said["name"])
    subtitle = words()["subtitle"].format(way=way, start=_stamp(start), end=_stamp(end))
    notes = tuple(
        note.format(rules=figures.span.rules.name, last=said["last"]) for note in words()["notes"]
    )
    sections = (
        ("overview", _overview(figures)),
        ("rates", _rates(figures)),
        ("units", _units(figures)),
        ("communities", _communities(figures)),
        ("classes", _classes(figures)),
        ("late", _late(figures)),
        ("again", _again(figures)),
        ("ahead", _ahead(figures)),
        ("matters", _matters(figures)),
        ("excluded", _excluded(figures)),
    )
    titles = words()["sections"]
    return Content(
        title,
        subtitle,
        notes,
        tuple(Section(titles[name], tuple(filter(None, blocks))) for name, blocks in sections),
    )


def rate_of(tally: Tally, name: str, *, wants: bool = False) -> float | None:
    """A rate, 0 to 1; ``wants``: it tells what people want, and is not shown of fewer than five."""
    return _rate(tally.counts.get(name, Counted()), wants=wants)


def _rate(counted: Counted, *, wants: bool) -> float | None:
    found = counted.rate
    if found is None or (wants and counted.of < FEWEST):
        return None
    return round(float(found), 4)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _said(figures: Figures) -> dict[str, Cell]:
    said = words()["spans"][figures.span.kind]
    return {"this": said["this"], "last": said["last"]}


def _column(name: str, form: Form = "text") -> Column:
    return Column(words()["columns"].get(name) or words()["rates"][name], form)


# --- sections -----------------------------------------------------------------------------


def _overview(figures: Figures) -> list[Block | None]:
    now, last = figures.total, figures.before
    stock, was = figures.stock, figures.stock_before
    on_time, on_time_last = rate_of(now, "on_time"), rate_of(last, "on_time")
    numbers = _said(figures) | {
        "opened": now.opened,
        "opened_more": more(now.opened, last.opened),
        "closed": now.closed,
        "closed_more": more(now.closed, last.closed),
        "open": stock.open,
        "overdue": stock.overdue,
        "suspended": stock.suspended,
        "on_time": on_time,
        "on_time_more": points(on_time, on_time_last),
        "median": now.median_hours,
        "p90": now.p90_hours,
        "net_median": now.net_median_hours,
    }
    rows = [
        _count_row("opened", now.opened, last.opened),
        _count_row("closed", now.closed, last.closed),
        _count_row("open", stock.open, was.open),
        _count_row("overdue", stock.overdue, was.overdue),
        _count_row("suspended", stock.suspended, was.suspended),
        _rate_row("on_time", on_time, on_time_last),
        _hours_row("median", now.median_hours, last.median_hours),
        _hours_row("p90", now.p90_hours, last.p90_hours),
        _hours_row("net_median", now.net_median_hours, last.net_median_hours),
    ]
    labels = tuple(f"{one.day.month}/{one.day.day}" for one in figures.days)
    title, columns = words()["charts"]["days"], words()["columns"]
    chart = Chart(
        title,
        "line",
        "count",
        labels,
        (
            Series(columns["opened"], tuple(one.opened for one in figures.days)),
            Series(columns["closed"], tuple(one.closed for one in figures.days)),
        ),
    )
    table = _compared(words()["sections"]["overview"].partition("、")[2], rows)
    return [paragraph("overview", numbers), table, chart if len(labels) > 1 else None]


def _compared(title: str, rows: Iterable[tuple[Cell, ...]]) -> Table:
    """Values of unlike kinds stand in one column: they are words already."""
    columns = (
        _column("item"), _column("now", "count"), _column("last", "count"), _column("change"),
    )  # fmt: skip
    return Table(title, columns, tuple(rows))


def _count_row(name: str, now: int, last: int) -> tuple[Cell, ...]:
    return words()["columns"][name], str(now), str(last), more(now, last)


def _rate_row(name: str, now: float | None, last: float | None) -> tuple[Cell, ...]:
    title = words()["rates"][name]
    return title, _percent(now), _percent(last), points(now, last)


def _hours_row(name: str, now: float | None, last: float | None) -> tuple[Cell, ...]:
    def told(value: float | None) -> Cell:
        return None if value is None else f"{value:.1f}"

    return words()["columns"][name], told(now), told(last), None


def _percent(rate: float | None) -> Cell:
    return None if rate is None else f"{rate * 100:.1f}%"


def _composite(tally: Tally, rules: Rules) -> float | None:
    few = any(tally.counts.get(name, Counted()).of < FEWEST for name in rules.composite)
    found = None if few else composite(tally, rules)
    return None if found is None else float(found)


def _rates(figures: Figures) -> list[Block | None]:
    now, last, rules = figures.total, figures.before, figures.span.rules
    if now.orders < FEWEST:
        return [paragraph("no_rates", _said(figures)), *_estimated(now)]
    score, was = _composite(now, rules), _composite(last, rules)
    rates = {name: rate_of(now, name, wants=True) for name in THREE}
    numbers = _said(figures) | rates
    numbers |= {
        "orders": now.orders, "composite": score, "composite_more": score_more(score, was),
    }  # fmt: skip
    rows = [_rate_row(name, rates[name], rate_of(last, name, wants=True)) for name in THREE]
    told = (words()["columns"]["composite"], _points(score), _points(was), score_more(score, was))
    table = _compared(words()["charts"]["rates"], [*rows, told])
    series = (
        Series(words()["columns"]["now"], tuple(rates.values())),
        Series(
            words()["columns"]["last"],
            tuple(rate_of(last, name, wants=True) for name in THREE),
        ),
    )
    labels = tuple(words()["rates"][name] for name in THREE)
    chart = Chart(words()["charts"]["rates"], "bar", "rate", labels, series)
    return [paragraph("rates", numbers), table, chart, *_estimated(now)]


def _points(score: float | None) -> Cell:
    return None if score is None else f"{score:.1f}"


def _estimated(tally: Tally) -> list[Block | None]:
    if not tally.estimated:
        return []
    rates = {name: _rate(one, wants=True) for name, one in tally.estimated.items()}
    ours = words()["estimated"]
    rows = [
        (f"{words()['rates'][name]}（{ours}）", _percent(rate), tally.estimated[name].of)
        for name, rate in rates.items()
        if rate is not None
    ]  # fmt: skip
    if not rows:
        return []
    columns = (_column("item"), _column("now"), _column("count", "count"))
    return [paragraph("estimated", rates), Table(ours, columns, tuple(rows))]


def _units(figures: Figures) -> list[Block | None]:
    lines = [one for one in figures.units if one.tally.closed or one.tally.orders]
    if not lines:
        return []
    rules = figures.span.rules
    most = max(lines, key=lambda one: one.tally.closed)
    numbers = _said(figures) | {
        "groups": sum(one.tally.closed > 0 for one in lines),
        "first": most.name,
        "most": most.tally.closed,
    }
    whole = Line(words()["all"], figures.total)
    columns = (
        _column("unit"), _column("closed", "count"), _column("on_time", "rate"),
        _column("returned", "rate"), _column("rework", "rate"), _column("median", "hours"),
        _column("net_median", "hours"), *(_column(name, "rate") for name in THREE),
        _column("composite", "score"),
    )  # fmt: skip
    hides = hidden([one.tally.orders for one in lines])
    rows = tuple(
        (
            one.name, one.tally.closed, *(rate_of(one.tally, name) for name in
                                          ("on_time", "returned", "rework")),
            _hours(one.tally.median_hours), _hours(one.tally.net_median_hours),
            *_three(one.tally, rules, hide=hide),
        )
        for one, hide in zip((whole, *lines), (False, *hides), strict=True)
    )  # fmt: skip
    chart = _bars("units", lines, lambda one: one.tally.closed)
    table = Table(words()["sections"]["units"].partition("、")[2], columns, rows, total=True)
    return [paragraph("units", numbers) if most.tally.closed else None, table, chart]


def _three(tally: Tally, rules: Rules, *, hide: bool) -> tuple[Cell, ...]:
    """The three rates and their composite; a word where too few were asked."""
    if tally.orders == 0:
        return (None,) * 4
    if hide or tally.orders < FEWEST:
        return (words()["few"],) * 4
    return *(rate_of(tally, name, wants=True) for name in THREE), _composite(tally, rules)


def _hours(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)


def _bars(name: str, lines: Sequence[Line], of: Callable[[Line], int]) -> Chart | None:
    top = sorted((one for one in lines if of(one)), key=lambda one: (-of(one), one.name))[:TOP]
    if not top:
        return None
    labels = tuple(one.name for one in top)
    series = (Series(words()["charts"][name], tuple(of(one) for one in top)),)
    return Chart(words()["charts"][name], "bar", "count", labels, series)


def _communities(figures: Figures) -> list[Block | None]:
    lines = [one for one in figures.communities if one.tally.opened or one.tally.closed]
    hides = hidden([one.tally.opened for one in lines])
    shown_of = {one.name: one for one, hide in zip(lines, hides, strict=True) if not hide}
    few = words()["few"]
    columns = (
        _column("community"), _column("opened", "count"), _column("closed", "count"),
        _column("on_time", "rate"), _column("repeated", "rate"), _column("ahead", "rate"),
    )  # fmt: skip
    rows = []
    for one in (Line(words()["all"], figures.total), *lines):
        known = one.name in shown_of or one.name == words()["all"]
        rows.append(
            (
                one.name, one.tally.opened if known else few, one.tally.closed,
                rate_of(one.tally, "on_time"),
                *(rate_of(one.tally, name, wants=True) if known else few
                  for name in ("repeated", "ahead")),
            )
        )  # fmt: skip
    title = words()["sections"]["communities"].partition("、")[2]
    if not lines:
        return []
    chart = _bars("communities", list(shown_of.values()), lambda one: one.tally.opened)
    first = max(shown_of.values(), key=lambda one: one.tally.opened, default=None)
    numbers: dict[str, Cell] = {"first": first.name, "most": first.tally.opened} if first else {}
    return [paragraph("communities", numbers), Table(title, columns, tuple(rows), True), chart]


def _classes(figures: Figures) -> list[Block | None]:
    lines = sorted(figures.classes, key=lambda one: (-one.tally.opened, one.name))
    top = [one for one in lines if one.tally.opened >= FEWEST][:TOP]
    if not top:
        return []
    total = figures.total.opened
    numbers: dict[str, Cell] = {
        "first": top[0].name,
        "most": top[0].tally.opened,
        "share": round(top[0].tally.opened / total, 4) if total else None,
    }
    growing = max(top, key=lambda one: one.tally.opened - one.opened_before)
    grown = growing.tally.opened - growing.opened_before
    told = _said(figures) | {"first": growing.name}
    # What was below five before is not told by the difference either.
    if grown > 0 and (growing.opened_before >= FEWEST or growing.opened_before == 0):
        told["growth"] = more(growing.tally.opened, growing.opened_before)
    few = words()["few"]
    columns = (
        _column("class"), _column("opened", "count"), _column("last", "count"), _column("change"),
        _column("on_time", "rate"), _column("median", "hours"),
    )  # fmt: skip
    rows = []
    for one in top:
        known = one.opened_before == 0 or one.opened_before >= FEWEST
        rows.append(
            (
                one.name, one.tally.opened, one.opened_before if known else few,
                more(one.tally.opened, one.opened_before) if known else None,
                rate_of(one.tally, "on_time"), _hours(one.tally.median_hours),
            )
        )  # fmt: skip
    return [
        paragraph("classes", numbers),
        paragraph("growing", told),
        Table(words()["charts"]["classes"], columns, tuple(rows)),
        _bars("classes", top, lambda one: one.tally.opened),
    ]


def _late(figures: Figures) -> list[Block | None]:
    stock = figures.stock
    numbers = _said(figures) | {
        "overdue": stock.overdue,
        "overdue_more": more(stock.overdue, figures.stock_before.overdue),
        "suspended": stock.suspended,
    }
    columns = (
        _column("unit"), _column("open", "count"), _column("overdue", "count"),
        _column("suspended", "count"),
    )  # fmt: skip
    by_size = sorted(figures.stock_of.items(), key=lambda one: (-one[1].overdue, one[0]))
    units = [(name, one.open, one.overdue, one.suspended) for name, one in by_size]
    rows = ((words()["all"], stock.open, stock.overdue, stock.suspended), *units)
    labels = tuple(name for name, one in by_size if one.overdue)[:TOP]
    values = tuple(one.overdue for _, one in by_size if one.overdue)[:TOP]
    title = words()["charts"]["late"]
    chart = Chart(title, "bar", "count", labels, (Series(title, values),)) if labels else None
    return [
        paragraph("late", numbers),
        Table(title, columns, rows, total=True) if units else None,
        chart,
        _named("overdue", figures.overdue),
        _named("suspended", figures.suspended),
    ]


def _named(title: str, listed: Listed) -> Table | None:
    if not listed.cases:
        return None
    columns = (
        _column("number"), _column("class"), _column("unit"), _column("why"),
        _column("days", "days"),
    )  # fmt: skip
    rows = tuple(
        (
            one.number, one.class_name or words()["unclassed"], one.unit_name,
            words()["why"].get(one.why, one.why),
            None if one.days is None else round(one.days, 1),
        )
        for one in listed.cases
    )  # fmt: skip
    said = words()["why"].get(title) or words()["sections"][title].partition("、")[2]
    shown = f"{said}（{len(rows)} / {listed.count}）"
    return Table(shown, columns, rows)


def _again(figures: Figures) -> list[Block | None]:
    names = ("returned", "rework", "repeated")
    now = {name: rate_of(figures.total, name) for name in names}
    last = {name: rate_of(figures.before, name) for name in names}
    numbers = _said(figures) | now
    numbers |= {f"{name}_more": points(now[name], last[name]) for name in names}
    rows = [_rate_row(name, now[name], last[name]) for name in names]
    title = words()["sections"]["again"].partition("、")[2]
    return [paragraph("again", numbers), _compared(title, rows)]


def _ahead(figures: Figures) -> list[Block | None]:
    counted = figures.total.counts.get("ahead", Counted())
    now, last = rate_of(figures.total, "ahead"), rate_of(figures.before, "ahead")
    numbers = _said(figures) | {
        "ahead": now, "found": int(counted.value), "of": counted.of,
        "ahead_more": points(now, last),
    }  # fmt: skip
    lines = sorted(figures.channels, key=lambda one: (-one.tally.opened, one.name))
    lines = [one for one in lines if one.tally.opened]
    hides = hidden([one.tally.opened for one in lines])
    columns = (_column("channel"), _column("opened", "count"), _column("on_time", "rate"))
    rows = tuple(
        (one.name, words()["few"] if hide else one.tally.opened, rate_of(one.tally, "on_time"))
        for one, hide in zip(lines, hides, strict=True)
    )
    title = words()["columns"]["channel"]
    return [paragraph("ahead", numbers), Table(title, columns, rows) if rows else None]


def _counts(title: str, counts: Iterable[tuple[str, int]]) -> Table | None:
    rows = tuple((words()["why"].get(code, code), count) for code, count in counts if count)
    columns = (_column("why"), _column("count", "count"))
    return Table(title, columns, rows) if rows else None


def _matters(figures: Figures) -> list[Block | None]:
    if not figures.matters.count:
        return [paragraph("no_matters", {})]
    counts = sorted(figures.matter_counts.items())
    return [
        paragraph("matters", {"count": figures.matters.count}),
        _counts(words()["sections"]["matters"].partition("、")[2], counts),
        _named("matters", figures.matters),
    ]


def _excluded(figures: Figures) -> list[Block | None]:
    if not figures.excluded.count:
        return [paragraph("no_excluded", {})]
    counts = sorted(figures.excluded_counts.items())
    title = words()["sections"]["excluded"].partition("：")[2]
    return [
        paragraph("excluded", {"count": figures.excluded.count}),
        _counts(title, counts),
        _named("excluded", figures.excluded),
    ]
