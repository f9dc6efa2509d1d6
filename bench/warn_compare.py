"""Compare: weekly series judged by Farrington's improved method.

``warn_compare.years``: 500 series × 3 years of weeks, all weeks of the last year judged (by the one
or two years before), in microseconds a judged week. Baseline in the same run: the same fits by
statsmodels in a loop, of a part of the series.

``warn_compare.r``: 16 series × 528 weeks, 163 weeks judged by five years. Baseline: R's
``farringtonFlexible`` on as many, in the same run where Rscript with ``surveillance`` is on the
path; else the time recorded in ../shared/data/reference/timings.csv (another machine: the row says
so). Without either the row is left out.

By the processor's clock, best of some rounds after one that compiles: the machine may be shared.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import statsmodels.api as sm

from bench.report import Row, row
from bench.street import Bench
from streetwise.warn.compare import FarringtonSettings, farrington
from streetwise.warn.compare.weeks import plan
from streetwise.warn.values import Ints

RECORDED = Path(__file__).resolve().parents[2] / "shared" / "data" / "reference" / "timings.csv"
RUN_16 = "farflex_16states_x_163weeks_nbPlugin"
YEARS_3 = FarringtonSettings(years_back=2, fewest_years=1)
YEARS_5 = FarringtonSettings(alpha=0.01, years_back=5)
ROUNDS = 3

#: Prints the seconds that farringtonFlexible takes; the counts come on standard input.
_IN_R = """
suppressMessages(library(surveillance))
y <- as.matrix(read.csv(file("stdin"), header=FALSE))
s <- sts(observed=y, start=c(2004, 1), frequency=52)
ctl <- list(range=366:528, noPeriods=10, populationOffset=FALSE, b=5, w=3, weightsThreshold=2.58,
  pastWeeksNotIncluded=26, pThresholdTrend=1, trend=TRUE, thresholdMethod="nbPlugin", alpha=0.01,
  reweight=TRUE, limit54=c(5, 4), glmWarnings=FALSE)
cat(system.time(farringtonFlexible(s, control=ctl))[["elapsed"]])
"""


def run(bench: Bench) -> list[Row]:
    """Judge, and have others judge the same."""
    bench.note("Judging weeks by their past years")
    series = bench.size(500, 20)
    counts, weeks = made(series, 157), np.arange(105, 157, dtype=np.int64)
    took = _cpu_seconds(lambda: farrington(counts, YEARS_3, weeks=weeks))
    bench.note("The same by statsmodels in a loop")
    part = bench.size(6, 1)
    slowly = _cpu_seconds(lambda: by_statsmodels(counts[:part], weeks), rounds=1)
    rows = [
        row(
            "warn.compare.years",
            took / (series * len(weeks)) * 1e6,
            "µs/week",
            baseline=("statsmodels GLM, looped", slowly / (part * len(weeks)) * 1e6),
            goal="ratio <= 0.0667",
        )
    ]
    states, judged = made(16, 528), np.arange(365, 528, dtype=np.int64)
    known = by_r(states) if shutil.which("Rscript") else None
    name = "R farringtonFlexible"
    if known is None and RECORDED.exists():
        with RECORDED.open(encoding="utf-8") as file:
            known = next(
                float(one["elapsed_s"]) for one in csv.DictReader(file) if one["run"] == RUN_16
            )
        name = "R farringtonFlexible, as recorded elsewhere"
    if known is not None:
        took = _cpu_seconds(lambda: farrington(states, YEARS_5, weeks=judged))
        rows.append(row("warn.compare.r", took, "s", baseline=(name, known), goal="ratio <= 0.01"))
    return rows


def made(series: int, weeks: int) -> Ints:
    """Weekly counts with a season, of small and large means."""
    rng = np.random.default_rng(1)
    mean = rng.lognormal(0.7, 1.0, (series, 1)) * (
        1 + 0.4 * np.sin(2 * np.pi * np.arange(weeks) / 52.18)
    )
    return np.asarray(rng.negative_binomial(4, 4 / (4 + mean)), dtype=np.int64)


def by_statsmodels(counts: Ints, weeks: Ints) -> int:
    """The two fits of each week, by a general model; how many were done."""
    plans, done = plan(weeks, YEARS_3), 0
    for row_of in counts:
        for at, week in enumerate(weeks.tolist()):
            used = np.flatnonzero(plans.zone[at] >= 0)
            zone = plans.zone[at][used]
            seen = row_of[plans.start[at] + used].astype(float)
            design = (zone[:, None] == np.unique(zone)[None, :]).astype(float)
            if plans.years[at] >= 3:
                design = np.column_stack([design, plans.start[at] + used - week])
            weights = np.ones(len(seen))
            for _ in range(2):
                model = sm.GLM(seen, design, family=sm.families.Poisson(), var_weights=weights)
                fit = model.fit(tol=1e-8, maxiter=25)
                lift = fit.get_hat_matrix_diag()
                scale = max(1.0, fit.pearson_chi2 / max(fit.df_resid, 1))
                mean = np.maximum(fit.fittedvalues, 1e-12)
                residual = 1.5 * (seen ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
                residual /= np.sqrt(np.maximum(1 - lift, 1e-9) * scale)
                weights = np.where(residual > 2.58, 1 / np.maximum(residual, 1) ** 2, 1.0)
                weights *= len(seen) / weights.sum()
            done += 1
    return done


def by_r(counts: Ints) -> float | None:
    """Seconds that R takes for as many series and weeks; None without ``surveillance``."""
    told = subprocess.run(
        ["Rscript", "-e", _IN_R],
        input="\n".join(",".join(map(str, week)) for week in counts.T.tolist()),
        capture_output=True,
        text=True,
        timeout=600,
    )
    return float(told.stdout) if told.returncode == 0 else None


def _cpu_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    if rounds > 1:
        work()  # compiles
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best
