"""`streetwise town make` as a person sees it: refuses a folder in use, and shows progress."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from streetwise.kernel.errors import Conflict
from streetwise.town.making import make
from streetwise.town.world import write_world

LABELS = {
    "street": "Building the street",
    "history": "Living through the history",
    "weather": "Weather and alerts",
    "readings": "Readings of sensors",
    "cameras": "Cameras and what they see",
    "ledgers": "Ledgers",
}


def make_with_progress(
    folder: Path, seed: int, years: float, until: date, console: Console
) -> None:
    """Write a street; with no years only the street's own folder. Raises Conflict."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty; name a new folder.", code="folder_not_empty")
    if years == 0:
        write_world(folder, seed)
        console.print(f"[green]✓[/green] A street was written to {folder}.")
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console
    ) as progress:
        bars: dict[str, TaskID] = {}

        def told(what: str, share: float) -> None:
            if what not in bars:
                bars[what] = progress.add_task(LABELS[what], total=1)
            progress.update(bars[what], completed=share)

        made = make(folder, seed, years, until, told)
    console.print(
        f"[green]✓[/green] A street was written to {folder}: {made.signals:,} signals,"
        f" {made.ledger_rows:,} rows in {made.ledgers} ledgers, {made.readings:,} readings,"
        f" {made.alerts} alerts. What is true of it lies in {folder / 'truth'}."
    )
