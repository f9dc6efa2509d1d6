"""What crosses the API of warn: grids, classes, days and counts; no person, no report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from streetwise.kernel.shown import Shown, shows
from streetwise.warn.weather import Degree, Kind

StatusWord = Literal["new", "ongoing", "over"]
RunWord = Literal["reading", "computing", "done"]
TaskWord = Literal["proposed", "agreed"]
ResultWord = Literal["open", "found", "mended", "nothing"]


class NightView(Shown):
    """A night's analysis: how far it is, what it read. ``first_day``, ``last_day``: of the reports;
    ``unclassed``, ``unplaced``: reports whose class, or place, nobody knows. ``history_days``: over
    how many days reports were known; ``waits_days``: so many more until they are enough to be
    analysed as usual, None where they are.
    """

    __shows__ = shows(
        {
            "warn_run": "night state began_at ended_at seconds",
            "L2 work": "reports unclassed unplaced first_day last_day history_days waits_days",
        }
    )

    night: date
    state: RunWord
    began_at: datetime
    ended_at: datetime | None
    seconds: float | None
    reports: int | None
    unclassed: int | None
    unplaced: int | None
    first_day: date | None
    last_day: date | None
    history_days: int | None
    waits_days: int | None


class ClassView(Shown):
    """A class of problems, with its name in the newest version of its taxonomy."""

    __shows__ = shows({"L1 catalogue": "scheme code name"})

    scheme: str
    code: str
    name: str


class GridView(Shown):
    """A grid, by name."""

    __shows__ = shows({"grid": "id code name"})

    id: UUID
    code: str
    name: str


class WarningRow(Shown):
    """A warning in a list. ``category`` None: of all classes together; no ``grids``: everywhere.
    ``factor``: how many times what was expected; ``recurrence_days``: by chance once in so many,
    or even less often (``at_least``). ``hindsight``: worked out afterwards; nobody was told then.
    ``young``: counted over a short history. ``told_at``: when it was told last; ``told_again``: the
    last night that saw it told it again.
    """

    __shows__ = shows(
        {
            "warning": (
                "id version status methods first_day last_day observed expected recurrence_days"
                " said_at seen_at over_at lon lat metres hindsight young told_at"
            ),
            "L2 work": "factor at_least told_again",
            "holds": "category grids",
        }
    )

    id: UUID
    version: int
    status: StatusWord
    methods: list[str]
    category: ClassView | None
    grids: list[GridView]
    lon: float | None
    lat: float | None
    metres: float | None
    first_day: date
    last_day: date
    observed: int
    expected: float
    factor: float | None
    recurrence_days: float | None
    at_least: bool
    said_at: datetime
    seen_at: datetime
    over_at: datetime | None
    hindsight: bool
    young: bool
    told_at: datetime
    told_again: bool


class ChartView(Shown):
    """Reports by day from ``first_day`` on, and what was expected."""

    __shows__ = shows({"L2 work": "first_day observed expected"})

    first_day: date
    observed: list[int]
    expected: list[float]


class WarnZoneView(Shown):
    """Where a warning's reports gather. ``as_dense``: of ``replicates`` nights thrown by chance, in
    so many something gathers as densely anywhere. ``first_night``: the day of the night that saw
    it first; ``over``: it was seen before, and is not any more.
    """

    __shows__ = shows(
        {
            "L2 work": (
                "first_day last_day observed expected as_dense replicates first_night over"
            ),
            "holds": "grids",
        }
    )

    grids: list[GridView]
    first_day: date
    last_day: date
    observed: int
    expected: float
    as_dense: int
    replicates: int
    first_night: date
    over: bool


class BeforeView(Shown):
    """Where a warning was said to be before it was where it is, with its days and figures as they
    were last; no ``grids``: everywhere."""

    __shows__ = shows({"L2 work": "first_day last_day observed expected", "holds": "grids"})

    grids: list[GridView]
    first_day: date
    last_day: date
    observed: int
    expected: float


class WeatherView(Shown):
    """Weather of a warning's days that is worth telling of; that it was why, nobody says.
    ``value``: mm of rain, °C of heat and frost, m/s of gusts.
    """

    __shows__ = shows({"L1 catalogue": "day kind degree value"})

    day: date
    kind: Kind
    degree: Degree
    value: float


class WarningView(WarningRow):
    """A warning with its evidence. ``mostly_at``: the grids that most of it came from; ``zones``:
    where it gathers, the densest first; ``before``: where it was said to be before, oldest first.
    """

    __shows__ = shows({"holds": "chart mostly_at zones weather before"})

    chart: ChartView
    mostly_at: list[GridView]
    zones: list[WarnZoneView]
    weather: list[WeatherView]
    before: list[BeforeView]


class WarningPage(Shown):
    """Warnings, the newest first, and the last night. ``hindsight``: how many of all that the area
    has were worked out afterwards.
    """

    __shows__ = shows({"holds": "items night", "L2 work": "hindsight", "L1 system": "next"})

    items: list[WarningRow]
    night: NightView | None
    hindsight: int
    next: str | None


class NoteView(Shown):
    """A remark on the data: what it is about, and when. ``says``: which sentence is said of it,
    with these ``numbers``.
    """

    __shows__ = shows(
        {
            "warn_note": "kind first_day last_day count says numbers lon lat",
            "holds": "category",
        }
    )

    kind: str
    first_day: date
    last_day: date
    count: int
    category: ClassView | None
    lon: float | None
    lat: float | None
    says: str
    numbers: dict[str, float]


class NotesView(Shown):
    """What the last night that came to its end found out about the data."""

    __shows__ = shows({"holds": "items night"})

    items: list[NoteView]
    night: NightView | None


class OutlookView(Shown):
    """Reports to come; ``grid`` None: in the whole area, ``category`` None: of all classes."""

    __shows__ = shows({"warn_forecast": "days low mean high", "holds": "grid category"})

    grid: GridView | None
    category: ClassView | None
    days: int
    low: float
    mean: float
    high: float


class ForecastView(Shown):
    """What the last night that came to its end forecasts: the whole area first."""

    __shows__ = shows({"holds": "items night", "L1 system": "days"})

    items: list[OutlookView]
    night: NightView | None
    days: int


class TaskCase(Shown):
    """The case that a task became."""

    __shows__ = shows({"cases": "id number state"})

    id: UUID
    number: str
    state: str


class TaskView(Shown):
    """A place to look at on a day, before anybody complains: ``expected`` reports in the next
    ``days`` days, ``recent``: those of the last 28, ``driver``: what lifts it.
    """

    __shows__ = shows(
        {
            "preventive_task": (
                "id version day rank expected days recent driver came state agreed_at lon lat"
                " agreed_by"
            ),
            "L2 work": "result",
            "L1 system": "may_agree",
            "holds": "grid category case",
        }
    )

    id: UUID
    version: int
    day: date
    rank: int
    grid: GridView | None
    category: ClassView
    lon: float
    lat: float
    expected: float
    days: int
    recent: int
    driver: str
    came: int | None
    state: TaskWord
    agreed_at: datetime | None
    agreed_by: str | None
    case: TaskCase | None
    result: ResultWord | None
    may_agree: bool


class ShareView(Shown):
    """What was mended before anybody complained (``prevented``), among that and the complaints,
    with its 80 % interval. ``share`` None where there was neither. ``category`` None: of all
    classes that somebody was sent for.
    """

    __shows__ = shows({"L2 work": "prevented complaints share low high", "holds": "category"})

    category: ClassView | None
    prevented: int
    complaints: int
    share: float | None
    low: float
    high: float


class EffectView(Shown):
    """What visits changed: ``change``, the share of the reports more (below 0: fewer) after them
    than where nobody went, with its 80 % interval; ``placebo``, the same of a visit that never was.
    Only where it is ``believable`` is it to be shown as a figure; it needs ``visits_least`` visits.
    """

    __shows__ = shows(
        {
            "L2 work": (
                "change low high placebo placebo_low placebo_high visits visits_least"
                " reports_before reports_least believable"
            )
        }
    )

    change: float | None
    low: float | None
    high: float | None
    placebo: float | None
    placebo_low: float | None
    placebo_high: float | None
    visits: int
    visits_least: int
    reports_before: int
    reports_least: int
    believable: bool


class ScoreView(Shown):
    """How 未诉先办 went in the last 28 days; ``expected``, ``came``, ``share`` and ``effect`` as
    the last night counted them, ``shares`` by class; None where no night has.
    """

    __shows__ = shows(
        {
            "L2 work": "agreed found mended nothing expected came",
            "holds": "share shares effect",
        }
    )

    agreed: int
    found: int
    mended: int
    nothing: int
    expected: float
    came: int
    share: ShareView | None
    shares: list[ShareView]
    effect: EffectView | None


class RoundsView(Shown):
    """The rounds of the last day that a night proposed some for."""

    __shows__ = shows({"holds": "items score night", "L2 work": "day"})

    day: date | None
    items: list[TaskView]
    score: ScoreView
    night: NightView | None
