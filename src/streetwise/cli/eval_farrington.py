"""``streetwise eval farrington``: weekly series judged by their own past."""

from __future__ import annotations

import json
from pathlib import Path

import click

from streetwise.cli.common import reported


@click.command("farrington")
@click.option(
    "--series",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV: index, the date a week starts on or none, one column per series.",
)
@click.option("--start", type=int, help="Index of the first week to judge (default: the first).")
@click.option("--alpha", type=float, default=0.05, show_default=True)
@click.option("--years-back", type=int, default=4, show_default=True)
@click.option("--fewest-years", type=int, help="Judge with fewer years, down to these.")
@click.option("--half-window", type=int, default=3, show_default=True, help="Weeks.")
@click.option("--periods", type=int, default=10, show_default=True, help="Zones of a year.")
@click.option("--weeks-left-out", type=int, default=26, show_default=True)
@click.option("--reweight-above", type=float, default=2.58, show_default=True)
@click.option("--no-reweight", is_flag=True, help="All past weeks weigh the same.")
@click.option(
    "--trend-p",
    type=float,
    default=1.0,
    show_default=True,
    help="Keep a trend only below this p-value; 1 keeps it always, 0 never.",
)
@click.option(
    "--bound",
    type=click.Choice(["negative_binomial", "two_thirds"]),
    default="negative_binomial",
    show_default=True,
)
@click.option("--few-cases", type=int, default=5, show_default=True, help="Needed to alarm, in …")
@click.option("--few-weeks", type=int, default=4, show_default=True, help="… so many weeks.")
def eval_farrington(
    series: Path,
    start: int | None,
    alpha: float,
    years_back: int,
    fewest_years: int | None,
    half_window: int,
    periods: int,
    weeks_left_out: int,
    reweight_above: float,
    no_reweight: bool,
    trend_p: float,
    bound: str,
    few_cases: int,
    few_weeks: int,
) -> None:
    """Judge weekly counts by the same weeks of past years (Farrington improved); prints JSON."""
    from streetwise.evaluation.farrington import judged_series, read_weekly
    from streetwise.warn.compare import FarringtonSettings

    with reported():
        settings = FarringtonSettings(
            alpha=alpha,
            years_back=years_back,
            fewest_years=fewest_years,
            half_window=half_window,
            periods=periods,
            weeks_left_out=weeks_left_out,
            reweight_above=None if no_reweight else reweight_above,
            trend=trend_p > 0,
            trend_p=trend_p if trend_p > 0 else 1.0,
            bound="two_thirds" if bound == "two_thirds" else "negative_binomial",
            few_cases=few_cases,
            few_weeks=few_weeks,
        )
        found = judged_series(read_weekly(series), settings, start)
    click.echo(json.dumps(found, ensure_ascii=False))
