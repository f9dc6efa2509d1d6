"""The nights of many streets side by side: one shard, one street.

Without Ray one after the other; with it (``pip install streetwise[cluster]``) on all machines of
the cluster that ``ray.init`` has connected to. Streets share nothing, so nothing crosses but the
shard on the way in and its night on the way out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from streetwise.warn.nightly.following import Standing
from streetwise.warn.nightly.layout import Street
from streetwise.warn.nightly.replay import Replayed
from streetwise.warn.nightly.run import Night, run_night
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.values import Calendar, Reports


@dataclass(frozen=True, slots=True)
class Shard:
    """All that the night of one street needs; fields as ``run_night`` takes them."""

    name: str
    reports: Reports
    street: Street
    calendar: Calendar
    night: int
    settings: NightSettings = field(default_factory=NightSettings)
    replayed: Replayed | None = None
    previous: tuple[Standing, ...] = ()


def run_shard(shard: Shard) -> Night:
    """The night of one street."""
    return run_night(
        shard.reports,
        shard.street,
        shard.calendar,
        shard.settings,
        night=shard.night,
        replayed=shard.replayed,
        previous=shard.previous,
    )


def run_shards(
    shards: Sequence[Shard], *, ray: bool = False, at_most: int = 64
) -> Iterator[tuple[str, Night | Exception]]:
    """Each street's name and night, as they are ready; what failed gives its error, not an end.

    ``ray``: on the cluster, no more than ``at_most`` at once. Raises ImportError where Ray is
    asked for and not installed.
    """
    if ray:
        yield from _on_ray(shards, at_most)
        return
    for shard in shards:
        try:
            yield shard.name, run_shard(shard)
        except Exception as error:  # noqa: BLE001 - one street's fault is not the others'
            yield shard.name, error


def _on_ray(shards: Sequence[Shard], at_most: int) -> Iterator[tuple[str, Night | Exception]]:
    import ray  # noqa: PLC0415 - an extra that only clusters install

    remote: Any = ray.remote(run_shard)
    waiting = list(reversed(shards))
    under_way: dict[Any, str] = {}
    while waiting or under_way:
        while waiting and len(under_way) < at_most:
            shard = waiting.pop()
            under_way[remote.remote(shard)] = shard.name
        ready, _ = ray.wait(list(under_way), num_returns=1)
        for one in ready:
            name = under_way.pop(one)
            try:
                yield name, ray.get(one)
            except Exception as error:  # noqa: BLE001 - as above, wherever it ran
                yield name, error


def carried_on(shard: Shard, night: Night, reports: Reports) -> Shard:
    """The same street's shard of the next night, with its reports up to then."""
    return replace(
        shard,
        reports=reports,
        night=night.night + 1,
        replayed=night.replayed,
        previous=tuple(night.said),
    )
