"""``streetwise model …``: the detectors of this installation, each with its card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from streetwise.cli.common import reported
from streetwise.kernel.settings import Settings

if TYPE_CHECKING:
    from streetwise.discover.detectors.registry import Kept, Registry


@click.group("model")
def model_group() -> None:
    """Detectors: ONNX files with their cards."""


@model_group.command("add")
@click.argument("source", metavar="FILE|URL")
@click.option(
    "--card", "card_given", required=True, help="The card's file, or a shipped one's name."
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Measured with."
)
@click.option(
    "--size",
    metavar="WIDTHxHEIGHT",
    help="Feed pictures of another size than the file was made for, such as 416x256 for 16 to 9.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def model_add(source: str, card_given: str, threads: int, size: str | None, as_json: bool) -> None:
    """Verify hash and licence of an ONNX file, measure its speed here, and keep it."""
    from streetwise.discover.detectors.card import sized
    from streetwise.discover.detectors.registry import card_from

    with reported():
        card = card_from(card_given)
        if size is not None:
            card = sized(card, *_sides(size))
        kept = _registry().add(source, card, threads=threads)
    if as_json:
        click.echo(json.dumps(kept.as_dict(), ensure_ascii=False))
        return
    told = Console(highlight=False)
    card = kept.card
    told.print(f"[green]✓[/green] {card.name} {card.version} ({card.licence}) is added.")
    for speed in kept.measured.speeds:
        chosen = ", chosen" if speed.engine == kept.measured.engine else ""
        differs = "" if speed.agrees else "; its results differ, so it is not used"
        told.print(
            f"  {speed.engine}: {speed.ms:.1f} ms per picture,"
            f" {speed.ms_batched:.1f} ms in batches,"
            f" {speed.cpu_ms:.1f} ms of CPU, {speed.threads} threads{chosen}{differs}",
            soft_wrap=True,
        )
    if not card.masks:
        told.print(
            "  It does not tell both persons and vehicles: with it alone pictures are kept as a"
            " coarse mosaic only.",
            soft_wrap=True,
        )


def _sides(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise click.UsageError(f"--size is width and height, such as 416x256, not {size}.")
    return int(width), int(height)


@model_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def model_list(as_json: bool) -> None:
    """The models that are here."""
    with reported():
        models = _registry().models()
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in models], ensure_ascii=False))
    elif not models:
        click.echo("There are no models; `streetwise model add` brings one in.")
    else:
        Console(highlight=False).print(_table(models))


@model_group.command("remove")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def model_remove(name: str, as_json: bool) -> None:
    """Take the model NAME away."""
    with reported():
        _registry().remove(name)
    if as_json:
        click.echo(json.dumps({"removed": name}, ensure_ascii=False))
    else:
        Console(highlight=False).print(f"[green]✓[/green] {name} is removed.")


def _registry() -> Registry:
    from streetwise.discover.detectors.registry import Registry

    return Registry(Settings().models_path)


def _table(models: list[Kept]) -> Table:
    table = Table("name", "version", "licence", "input", "classes", "engine", "ms", "MiB")
    for one in models:
        card = one.card
        speed = next(s for s in one.measured.speeds if s.engine == one.measured.engine)
        table.add_row(
            card.name,
            card.version,
            card.licence,
            f"{card.width}×{card.height}",
            str(len(card.classes)),
            speed.engine,
            f"{speed.ms_batched:.1f}",
            f"{one.bytes / 2**20:.1f}",
        )
    return table
