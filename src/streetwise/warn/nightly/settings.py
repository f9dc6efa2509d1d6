"""What may be set of the nightly run; the defaults are right for a street."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from streetwise.warn.calibrate import Budget, TailSettings
from streetwise.warn.cleaning import Settings as CleaningSettings
from streetwise.warn.expect import Settings as ExpectSettings
from streetwise.warn.nightly.evidence_settings import EvidenceSettings
from streetwise.warn.scan import ScanSettings


@dataclass(frozen=True, slots=True)
class NightSettings:
    """How a night is run.

    ``windows_days``: tonight is compared over the last so many days, each; ``longest_days``: but
    by series of a size (rare, small, large: ``calibrated.CLASS_FROM``) over no more than so many.
    Two weeks help what has 1 to 5 reports a day and slow down the rest (measured).
    ``learn_days``: nothing is expected, and so nothing said, before so many days of history.
    ``refit_days``: what is expected is learned anew so often. ``replay_days``: so many nights of
    the past calibrate tonight, no more. ``budget_days``: the budget is counted on so many of them,
    the newest. ``fewest_replayed``: before so many nights are replayed, nothing is said.
    ``share_days``, ``share_prior``: a place's share of its category is counted over so many days,
    with so many reports of all categories' shares beside them. ``least_a_day``: series of a region
    with fewer reports a day are only scanned. ``least``: fewer reports are no finding, however few
    were expected. ``most_budgets``: new warnings in seven nights are at most so many times the
    budget, the most seldom first; a guard for a young replay, whose threshold is not sure yet
    (None: no guard). ``scan``: where the better part of a finding lies; None for no scan.
    ``scan_finds``: the scan also finds by itself, a third kind beside street and region, calibrated
    by scanning every night of the replay; measured, it costs more than it finds.
    ``evidence``: what is looked for beside a finding that is said, and does not decide.
    ``notable_days``: what comes by chance more often is not even listed as withheld.
    ``false_share``: at most so large a share of a night's findings may be false. ``local_times``: a
    finding of a region or of places must come so many times as seldom as one of the street to be
    said: there are more of them, and most of the budget is the street's. ``known_days``: what is
    usual is no surer than so many days can say, fewer while history is shorter (0: it is sure).
    ``local_share``: a finding in a part of the street that holds so much of the street's excess
    is said of that part.
    """

    windows_days: tuple[int, ...] = (1, 3, 7, 14)
    longest_days: tuple[int, int, int] = (7, 14, 7)
    learn_days: int = 28
    refit_days: int = 7
    replay_days: int = 730
    budget_days: int = 365
    fewest_replayed: int = 28
    share_days: int = 365
    share_prior: float = 20.0
    least_a_day: float = 0.2
    least: int = 5
    known_days: float = 60.0
    most_budgets: float | None = 3.0
    notable_days: float = 14.0
    false_share: float = 0.5
    local_times: float = 3.0
    local_share: float = 0.5
    scan: ScanSettings | None = field(default_factory=lambda: ScanSettings(min_count=5))
    scan_finds: bool = False
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    expect: ExpectSettings = field(default_factory=ExpectSettings)
    cleaning: CleaningSettings = field(default_factory=CleaningSettings)
    tails: TailSettings = field(default_factory=TailSettings)
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        """Refuse what would make no sense. Raises ValueError."""
        if not self.windows_days or min(self.windows_days) < 1:
            raise ValueError("windows_days must be one day or more, each.")
        if min(self.longest_days) < min(self.windows_days):
            raise ValueError("Each of longest_days must leave a window of windows_days.")
        if min(self.learn_days, self.refit_days, self.replay_days, self.fewest_replayed) < 1:
            raise ValueError("Days to learn, refit and replay must be 1 or more.")
        if not (self.budget.a_week >= 0 and 0 < self.false_share <= 1):
            raise ValueError("The budget must be 0 or more, the false share above 0 up to 1.")

    @property
    def weights(self) -> tuple[float, float, float]:
        """By what recurrence is multiplied before kinds (street, region, places) are compared."""
        return 1.0, 1.0 / self.local_times, 1.0 / self.local_times

    @property
    def most_a_week(self) -> int | None:
        """How many new warnings seven nights may bring; None for any number."""
        if self.most_budgets is None:
            return None
        return math.ceil(self.most_budgets * self.budget.a_week)
