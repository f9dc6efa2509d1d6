"""``python -m bench.compare``: measure, and write docs/reference/town-compared.md anew.

Makes the town and lives through its last month unless ``--town`` names a folder that is there.
The words around the tables are written by hand and stay as they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.compare import sources
from bench.compare.figures import everything, material
from bench.compare.handled import GOES_ON_DAYS, handled
from streetwise.town import making
from streetwise.town.almanac import ZONE

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, IMAGES = DOCS / "reference" / "town-compared.md", DOCS / "img"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--town", type=click.Path(path_type=Path, exists=True), help="A folder made before.")
@click.option("--seed", default=1, show_default=True)
@click.option("--years", default=3.0, show_default=True)
@click.option("--days", default=30, show_default=True, help="Days whose cases are handled.")
def main(town: Path | None, seed: int, years: float, days: int) -> None:
    """Compare the town with real places; needs ../shared/data."""
    if sources.boston() is None or sources.letters() is None:
        click.echo("There is no ../shared/data here, so there is nothing to compare the town with.")
        return
    with tempfile.TemporaryDirectory(prefix="sw-compare-town-") as made:
        folder = town or Path(made)
        if town is None:
            click.echo("Making the town …")
            making.make(folder, seed, years, making.UNTIL, lambda what, part: None)
        ours = sources.town(folder)
    click.echo(f"Living through its last {days} days …")
    until = datetime.combine(making.UNTIL, datetime.min.time(), ZONE)
    found = material(ours, handled(seed, until, days), seed)
    if found is None:
        click.echo("A part of ../shared/data is missing; nothing was written.")
        return
    click.echo("Measuring …")
    tables, charts = everything(found)
    tables["how"] = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m bench.compare --seed {seed}"
        f" --years {years:g} --days {days}`: a town of {years:g} years up to {making.UNTIL}."
        f" Handling times: the {days} days before that, lived through by the real path, the staff"
        f" going on with what was open for {GOES_ON_DAYS} days."
    )
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")
    for name, picture in charts.items():
        (IMAGES / f"{name}.svg").write_text(picture, encoding="utf-8")
    click.echo(f"Written: {PAGE.name} and {len(charts)} charts.")


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with new tables between its marks."""
    for name, content in tables.items():
        start, end = f"<!-- measured: {name} -->\n", f"<!-- end: {name} -->"
        if page.count(start) != 1 or page.count(end) != 1:
            raise ValueError(f"the page has not one place for the table '{name}'")
        before, _, rest = page.partition(start)
        after = rest.partition(end)[2]
        page = f"{before}{start}\n{content}\n\n{end}{after}"
    return page


if __name__ == "__main__":
    main()
