"""``python -m bench [name…] [--json] [--quick]``: measure, compare, print."""

from __future__ import annotations

import importlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import click
from rich.console import Console

from bench.page import PAGE, merged, page, recorded
from bench.report import RESULTS, Row, as_json, print_table
from bench.street import Bench
from streetwise.kernel import logs

#: In the order in which they run; each is a module of this package with ``run``.
NAMES = (
    "start", "gather", "masking", "vault", "resolve", "lists", "walls", "seals", "live",
    "sweep", "steady", "town_text", "understand", "merging", "real_text", "scores", "flow",
    "boston", "dispatch", "discover", "warn",
)  # fmt: skip


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar=f"[{'|'.join(NAMES)}]...")
@click.option("--json", "json_only", is_flag=True, help="Print one JSON document, no table.")
@click.option("--quick", is_flag=True, help="Small sizes, one round: does it work at all?")
@click.option("--full", is_flag=True, help="All of the real material, where a part is the default.")
@click.option("--record", is_flag=True, help="Keep the figures: results.json, benchmarks.md.")
def main(names: tuple[str, ...], json_only: bool, quick: bool, full: bool, record: bool) -> None:
    """Measure the product against its baselines; all benchmarks, or those named.

    A whole run (no names, not --quick) is recorded by itself.
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise click.UsageError(
            f"There is no benchmark '{unknown[0]}'; there are: {', '.join(NAMES)}."
        )
    if quick and full:
        raise click.UsageError("A run is --quick or --full.")
    if quick and record:
        raise click.UsageError("Figures of a quick run are not kept; leave --quick out.")
    logs.set_up("WARNING")
    console = Console(stderr=json_only)
    wanted = [name for name in NAMES if name in (names or NAMES)]
    rows = _run(wanted, quick=quick, full=full, keep=record or not (names or quick))
    if json_only:
        sys.stdout.write(as_json(rows) + "\n")
    else:
        print_table(rows, console)


def _keep(rows: list[Row]) -> None:
    """Put these figures in the place of the old ones of the same benchmarks."""
    kept = merged(recorded(), rows, NAMES)
    RESULTS.write_text(as_json(kept) + "\n", encoding="utf-8")
    PAGE.write_text(page(kept), encoding="utf-8")


def _run(names: list[str], *, quick: bool, full: bool, keep: bool) -> list[Row]:
    told = Console(stderr=True, highlight=False)
    home = Path(tempfile.mkdtemp(prefix="sw-bench-"))
    # The database's own user must be able to walk in; it can read nothing but its own.
    home.chmod(0o711)
    bench = Bench(home, quick, lambda what: told.print(f"[dim]… {what}[/dim]"), full)
    rows: list[Row] = []
    try:
        for name in names:
            measure = importlib.import_module(f"bench.{name}").run
            rows += cast(Callable[[Bench], list[Row]], measure)(bench)
            if keep:
                # After each: one that fails at the end of half an hour loses nothing.
                _keep(rows)
    finally:
        bench.close()
        shutil.rmtree(home, ignore_errors=True)
    return rows


if __name__ == "__main__":
    main()
