"""`streetwise town cameras`: a street of cameras to try the product on."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from streetwise.cli.common import console, reported
from streetwise.kernel.errors import Invalid


@click.command("cameras")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(1, 65_534),
    default=8_554,
    show_default=True,
    help="RTSP; HTTP on the next one.",
)
@click.option(
    "--cameras",
    type=click.IntRange(1, 1_200),
    default=1_200,
    show_default=True,
    help="How many; the analysed ones come first.",
)
@click.option("--fps", type=click.IntRange(1, 25), default=5, show_default=True)
@click.option(
    "--key-seconds",
    type=click.FloatRange(0.2, 20),
    default=2.0,
    show_default=True,
    help="From one key frame to the next.",
)
@click.option(
    "--h265-every",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Every n-th camera sends H.265; 0: none.",
)
@click.option(
    "--share",
    type=click.FloatRange(0.05, 1),
    default=0.5,
    show_default=True,
    help="How much of a core may draw pictures.",
)
@click.option(
    "--auth", type=click.Choice(["none", "basic", "digest"]), default="none", show_default=True
)
@click.option("--password", default="town", show_default=True, help="With --auth; name: admin.")
@click.option(
    "--cap",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Streams at once, 453 beyond; 0: no end.",
)
@click.option(
    "--token-seconds",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="How long a play address of the catalogue is good; 0: addresses need no token.",
)
@click.option("--at", type=click.DateTime(), help="Moment of the town to begin at, default now.")
def town_cameras(folder: Path, at: datetime | None, **said: Any) -> None:
    """Serve the cameras of a street that `town make` wrote to FOLDER, until interrupted."""
    from streetwise.town.almanac import ZONE
    from streetwise.town.video.encode import Coding
    from streetwise.town.video.farm import Rules
    from streetwise.town.video.rtsp import Door
    from streetwise.town.video.serve import Given, serve

    if not (folder / "cameras" / "street.json").exists():
        raise click.UsageError(f"{folder} has no cameras/; `streetwise town make` writes it.")
    given = Given(
        folder, said["port"], said["cameras"], Coding("h264", said["fps"], said["key_seconds"]),
        said["h265_every"],
        Rules(Door(said["auth"], password=said["password"]), said["cap"], said["token_seconds"]),
        said["share"], at.replace(tzinfo=ZONE) if at else None,
    )  # fmt: skip
    with reported(), contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve(given, lambda line: console.print(line, soft_wrap=True)))
        except (OSError, ValueError, KeyError) as error:
            raise Invalid(f"The cameras cannot be served: {error}", code="town_cameras") from error
