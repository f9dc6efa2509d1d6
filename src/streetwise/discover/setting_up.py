"""What the engine of an installation runs with: its settings, its detectors, its time zone."""

from __future__ import annotations

from streetwise.directory import repository as directory
from streetwise.discover import catalogue
from streetwise.discover.detectors.registry import Registry
from streetwise.discover.engine.shard import ShardSettings
from streetwise.discover.system import SYSTEM
from streetwise.kernel.errors import Invalid
from streetwise.kernel.runtime import Runtime


async def shard_settings(runtime: Runtime) -> ShardSettings:
    """From the settings, the registry of models, and the home area.

    Raises Invalid where a detector is named that was not added, NotFound where there is no street.
    """
    settings = runtime.settings
    registry = Registry(settings.models_path)
    there = [one.card.name for one in registry.models()]
    named = [name.strip() for name in settings.discover_detectors.split(",") if name.strip()]
    strange = [name for name in named if name not in there]
    if strange:
        raise Invalid(
            f"There is no model {strange[0]} here; `streetwise model add` brings one in.",
            code="detector_unknown",
        )
    async with runtime.database.read(SYSTEM) as session:
        area = await directory.area(session, SYSTEM, None)
    return ShardSettings(
        settings.models_path,
        tuple(named or there),
        area.timezone,
        scenes=catalogue.take_own(settings.scenes_path),
        eyes=settings.discover_eye_concurrency,
        threads=settings.discover_inference_concurrency,
        pace_seconds=settings.discover_pace_seconds,
        stream={"authorities": str(settings.discover_ca_file or "")},
    )
