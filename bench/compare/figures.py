"""The tables and charts of the comparison: real ones first, the town last."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.compare import sources, statistics
from bench.compare.charts import Axis, Line, chart
from bench.compare.handled import Handled
from bench.compare.sources import Boston, Chicago, Records, Town
from bench.compare.statistics import Floats, Spread, Waits
from bench.town_text import GROWTH, growth, quantile, real_letters
from streetwise.town.geometry import rng_for

#: A piece of a city as large as the town, cells in it, and reports that each piece is thinned to.
PIECE_METRES, CELL_METRES, PIECE_REPORTS = 1_750.0, 100.0, 500
#: The town is one piece: it is thinned so often.
TOWN_DRAWS = 30
#: Kinds with fewer reports a day are left out where days are counted kind by kind.
LEAST_A_DAY = 0.5
HOURS = ((0, 6), (6, 8), (8, 10), (10, 12), (12, 14), (14, 18), (18, 22), (22, 24))
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_YEAR = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Table = str


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that is compared."""

    boston: Boston
    chicago: Chicago
    letters: Records
    replies: Floats
    town: Town
    handled: Handled
    seed: int

    @property
    def series(self) -> tuple[Records, ...]:
        """All reports over time."""
        return (self.boston.records, self.chicago.records, self.letters, self.town.records)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """As Markdown; all but the first column are figures."""
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def share(value: float, digits: int = 1) -> str:
    """As a percentage."""
    return f"{100 * value:.{digits}f} %"


def days(value: float) -> str:
    """A wait in days; in hours where it is short."""
    if math.isinf(value):
        return "still open"
    return f"{value * 24:.1f} h" if value < 1 else f"{value:.1f} d"


# --- tables ---


def size_table(m: Material) -> Table:
    """What each is."""
    return table(
        ["", "reports", "days", "a day"],
        (
            [r.name, f"{len(r.times):,}", f"{np.ptp(r.days) + 1:,}",
             f"{len(r.times) / (np.ptp(r.days) + 1):.1f}"]
            for r in m.series
        ),
    )  # fmt: skip


def weekday_table(m: Material) -> Table:
    """Each weekday against the mean day."""
    rows = []
    for r in m.series:
        means = statistics.weekday_means(r.days)
        rest = means[5:].mean() / means[:5].mean()
        rows.append([r.name, *(f"{v:.2f}" for v in means), f"{rest:.2f}"])
    return table(["", *_WEEK, "weekend to week"], rows)


def hour_table(m: Material) -> Table:
    """Shares of the day's parts."""
    rows = []
    for r in _with_clock(m):
        by_hour = statistics.profile(r.hours, 24)
        rows.append([r.name, *(share(float(by_hour[a:b].sum())) for a, b in HOURS)])
    return table(["", *(f"{a}–{b} h" for a, b in HOURS)], rows)


def _with_clock(m: Material) -> list[Records]:
    return [r for r in m.series if r.clock]


def month_table(m: Material) -> Table:
    """Reports a day in each calendar month against all days."""
    rows = []
    for r in m.series:
        counts = statistics.daily(r.days)
        dates = np.arange(len(counts)) + int(r.days.min())
        month = dates.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        means = [counts[month == n].mean() if (month == n).any() else None for n in range(12)]
        rows.append([r.name, *("" if v is None else f"{v / counts.mean():.2f}" for v in means)])
    return table(["", *_YEAR], rows)


def repeat_table(m: Material) -> Table:
    """Word for word, and near in place and time."""
    rows = [
        [m.letters.name, share(statistics.exact_repeats(m.letters.texts)), "", "", "", ""],
        _near("Boston 311", m.boston.records.placed, "", m.seed),
        _near("Chicago sanitation", m.chicago.records.placed, share(m.chicago.duplicates), m.seed),
        _near("the town", m.town.placed, "", m.seed),
    ]
    rows[-1][1] = share(statistics.exact_repeats(m.town.written))
    head = ["", "word for word", "near repeats", "by chance", "times as many", "marked by the city"]
    return table(head, rows)


def _near(name: str, placed: Records, marked: str, seed: int) -> list[str]:
    found = statistics.near_repeats(placed.xy, placed.times, placed.types)
    chance = statistics.near_by_chance(
        placed.xy, placed.times, placed.types, np.random.default_rng(seed)
    )
    return [name, "", share(found), share(chance), f"{found / chance:.1f}", marked]


def voice_table(m: Material) -> Table:
    """How many persons tell of a problem, in the town's truth."""
    v = m.town.voices
    shares = [float((v == n).mean()) for n in (1, 2, 3)] + [float((v >= 4).mean())]
    kinds = Counter(m.town.kinds)
    later = sum(kinds[k] for k in ("urge", "supplement")) / len(m.town.kinds)
    none = sum(kinds[k] for k in ("thanks", "question", "nonsense")) / len(m.town.kinds)
    head = ["", "mean", "1", "2", "3", "4 or more", "urged or added later", "about no problem"]
    row = ["the town", f"{v.mean():.2f}", *map(share, shares), share(later), share(none)]
    return table(head, [row])


def wait_table(m: Material) -> Table:
    """How long things take."""
    named = (
        ("Boston 311, opened to closed", m.boston.took, share(m.boston.in_time, 0)),
        ("Boston 311 without appointments", m.boston.took_unplanned, ""),
        ("附件4, letter to reply", m.replies, ""),
        ("the town, case opened to closed", m.handled.cases, share(m.handled.in_time, 0)),
        ("the town, work order received to answered", m.handled.orders, ""),
    )
    head = ["", "count", "10 %", "median", "90 %", "99 %", "in 1 day", "in 7", "in 30", "in time"]
    return table(head, (_waits(name, statistics.waits(x), kept) for name, x, kept in named))


def _waits(name: str, w: Waits, kept: str) -> list[str]:
    quantiles = [days(v) for v in (w.p10, w.p50, w.p90, w.p99)]
    within = [share(v, 0) for v in (w.within1, w.within7, w.within30)]
    return [name, f"{w.count:,}", *quantiles, *within, kept]


def scatter_table(m: Material) -> Table:
    """All reports together, then kind by kind."""
    rows = []
    for r in m.series:
        first = int(r.days.min())
        s = statistics.scatter(statistics.daily(r.days), (first + 3) % 7)
        row = [r.name, f"{s.mean:.1f}", f"{s.ratio:.1f}", share(s.extra, 0)]
        row += [f"{s.lag1:.2f}", f"{s.lag7:.2f}"]
        several = int(r.types.max()) > 0
        by = statistics.scatter_by_type(r.days, r.types, LEAST_A_DAY) if several else []
        if by:
            row += [str(len(by)), f"{np.median([b.ratio for b in by]):.2f}"]
            row += [share(float(np.median([b.extra for b in by])), 0)]
        rows.append([*row, *[""] * (9 - len(row))])
    head = ["", "a day", "variance / mean", "extra", "lag 1", "lag 7", "kinds"]
    return table([*head, "variance / mean of a kind", "extra of a kind"], rows)


def spreads(m: Material) -> list[tuple[str, Spread]]:
    """Concentration in space."""
    rng = np.random.default_rng(m.seed)
    found = []
    for r in (m.boston.records, m.chicago.records):
        pieces = statistics.squares(r.placed.xy, PIECE_METRES, PIECE_REPORTS)
        found.append((r.name, statistics.spread(pieces, PIECE_REPORTS, CELL_METRES, rng)))
    ours = [m.town.placed.xy] * TOWN_DRAWS
    return [*found, ("the town", statistics.spread(ours, PIECE_REPORTS, CELL_METRES, rng))]


def spread_table(m: Material, found: Sequence[tuple[str, Spread]]) -> Table:
    """Cells of street-sized pieces, and the default point."""
    chicago = statistics.commonest(m.chicago.records.placed.xy)
    default = {"Boston 311": m.boston.default, "Chicago sanitation": chicago}
    rows = [
        [name, str(s.pieces if name in default else 1), share(s.top1), share(s.top5),
         share(s.top10), f"{s.gini:.2f}", f"{s.gini_low:.2f}–{s.gini_high:.2f}",
         share(default.get(name, m.town.default))]
        for name, s in found
    ]  # fmt: skip
    head = ["", "pieces", "busiest 1 %", "5 %", "10 %", "Gini", "of 80 %", "on the commonest point"]
    return table(head, rows)


def variety_table(m: Material) -> Table:
    """Concentration over kinds of trouble."""
    named = (
        ("Boston 311", list(m.boston.records.types)),
        ("Boston 311 without appointments", m.boston.unplanned),
        ("Chicago sanitation", list(m.chicago.records.types)),
        ("the town", m.town.categories),
    )
    rows = []
    for name, kinds in named:
        v = statistics.variety(kinds)
        rows.append(
            [name, str(v.kinds), share(v.top1), share(v.top5), share(v.top10), f"{v.effective:.0f}"]
        )
    return table(["", "kinds", "commonest", "first 5", "first 10", "as many equal ones"], rows)


def channel_table(m: Material) -> Table:
    """The mouths, in order."""
    rows = []
    for name, channels in (
        ("Boston 311", m.boston.records.channels),
        ("the town", m.town.records.channels),
    ):
        counts = Counter(channels).most_common(6)
        listed = ", ".join(f"{c} {share(n / len(channels))}" for c, n in counts)
        rows.append([name, str(len(set(channels))), listed])
    return table(["", "channels", "the first six"], rows)


def length_table(m: Material) -> Table:
    """Characters of a message."""
    by: dict[str, list[int]] = {}
    for channel, text in zip(m.town.records.channels, m.town.records.texts, strict=True):
        by.setdefault(channel, []).append(len(text))
    lengths = {"附件3": [len(t) for t in real_letters()]}
    for channel in ("petition", "wechat", "hotline12345", "grid_worker"):
        lengths[f"the town, {channel}"] = by[channel]
    return table(
        ["", "10 %", "median", "90 %", "99 %"],
        ([n, *(str(quantile(x, q)) for q in (0.1, 0.5, 0.9, 0.99))] for n, x in lengths.items()),
    )


def grown(m: Material) -> Mapping[str, tuple[list[int], float, list[int], float]]:
    """Distinct characters and pairs after so many messages, and their exponents."""
    found = {}
    rng = rng_for(m.seed, "grown")
    everything = {
        "附件3": real_letters(),
        "the town, written by citizens": m.town.written,
        "the town, all": m.town.records.texts,
    }
    for name, texts in everything.items():
        some = rng.sample(list(texts), max(GROWTH))
        found[name] = (*growth(some, GROWTH, 1), *growth(some, GROWTH, 2))
    return found


def growth_table(found: Mapping[str, tuple[list[int], float, list[int], float]]) -> Table:
    """Vocabulary."""
    rows = []
    for name, (ones, slope, pairs, pair_slope) in found.items():
        rows.append([f"{name}: characters", *(f"{n:,}" for n in ones), f"{slope:.2f}"])
        rows.append([f"{name}: pairs", *(f"{n:,}" for n in pairs), f"{pair_slope:.2f}"])
    return table(["distinct after so many messages", *(f"{n:,}" for n in GROWTH), "Heaps"], rows)


# --- charts ---


def hour_chart(m: Material) -> str:
    """Hour profile."""
    lines = []
    for r in _with_clock(m):
        by_hour = statistics.profile(r.hours, 24) * 100
        points = [(h + 0.5, float(v)) for h, v in enumerate(by_hour)]
        lines.append(Line(r.name, points, r is m.town.records))
    x = Axis("hour of the day", [(h, str(h)) for h in range(0, 25, 3)])
    y = Axis("% of a day's reports", [(v, str(v)) for v in (0, 3, 6, 9, 12)])
    return chart("Reports by hour of the day", lines, x, y)


def wait_chart(m: Material) -> str:
    """Share done after so long."""
    hours = np.geomspace(1, 24 * 365, 121)
    lines = [
        Line(name, [(float(h), 100 * float((took * 24 <= h).mean())) for h in hours], ours)
        for name, took, ours in (
            ("Boston 311 without appointments", m.boston.took_unplanned, False),
            ("附件4", m.replies, False),
            ("the town's cases", m.handled.cases, True),
        )
    ]
    named = ((1, "1 h"), (6, "6 h"), (24, "1 d"), (168, "7 d"), (720, "30 d"), (8760, "1 year"))
    x = Axis("time since it was reported", named, log=True)
    y = Axis("% done", [(v, str(v)) for v in (0, 25, 50, 75, 100)])
    return chart("Share of matters done after so long", lines, x, y)


def spread_chart(found: Sequence[tuple[str, Spread]]) -> str:
    """Lorenz curves, busiest cells first."""
    lines = []
    for name, s in found:
        at = np.linspace(0, 100, len(s.curve))
        points = [(float(a), 100 * float(b)) for a, b in zip(at, s.curve, strict=True)]
        lines.append(Line(name, points, name == "the town"))
    hundred = [(v, str(v)) for v in (0, 20, 40, 60, 80, 100)]
    x = Axis("% of the cells that have any report, busiest first", hundred)
    return chart("Reports by cell", lines, x, Axis("% of the reports", hundred))


def growth_chart(m: Material) -> str:
    """Distinct pairs after so many messages."""
    counts = [round(v) for v in np.geomspace(50, max(GROWTH), 24)]
    rng = rng_for(m.seed, "growth chart")
    lines = []
    for name, texts, ours in (
        ("附件3", real_letters(), False),
        ("the town, written by citizens", m.town.written, True),
    ):
        some = rng.sample(list(texts), max(counts))
        seen, _ = growth(some, counts)
        lines.append(Line(name, list(zip(map(float, counts), map(float, seen), strict=True)), ours))
    ticks = [(n, f"{n:,}") for n in (50, 100, 200, 500, 1_000, 2_000, 4_000)]
    tall = [(n, f"{n:,}") for n in (1_000, 3_000, 10_000, 30_000, 100_000, 200_000)]
    x = Axis("messages", ticks, log=True)
    y = Axis("distinct pairs of characters", tall, log=True)
    return chart("Growth of the vocabulary", lines, x, y)


def everything(m: Material) -> tuple[dict[str, Table], dict[str, str]]:
    """Tables by the name of their block, charts by the name of their file."""
    places, words = spreads(m), grown(m)
    tables = {
        "sizes": size_table(m),
        "weekdays": weekday_table(m),
        "hours": hour_table(m),
        "months": month_table(m),
        "repeats": repeat_table(m),
        "voices": voice_table(m),
        "waits": wait_table(m),
        "scatter": scatter_table(m),
        "places": spread_table(m, places),
        "kinds": variety_table(m),
        "channels": channel_table(m),
        "lengths": length_table(m),
        "words": growth_table(words),
    }
    charts = {
        "compared-hours": hour_chart(m),
        "compared-waits": wait_chart(m),
        "compared-places": spread_chart(places),
        "compared-words": growth_chart(m),
    }
    return tables, charts


def material(town: Town, handled: Handled, seed: int) -> Material | None:
    """With the real ones; None where one of them is missing."""
    boston, chicago = sources.boston(), sources.chicago()
    letters, replies = sources.letters(), sources.replies()
    if boston is None or chicago is None or letters is None or replies is None:
        return None
    recent = letters.since(sources.LETTERS_FROM)
    return Material(boston, chicago, recent, replies, town, handled, seed)
