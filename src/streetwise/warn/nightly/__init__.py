"""The nightly run of warn as pure functions: reports in, what is worth saying out.

``run_night`` runs one night and hands on what the next night needs; ``run_nights`` runs a whole
history quickly, to score it; ``run_shards`` runs the nights of many streets side by side. See
docs/reference/warn-calibrate.md.
"""

from streetwise.warn.nightly.calibrated import Calibrated, calibrate
from streetwise.warn.nightly.evidence_settings import EvidenceSettings
from streetwise.warn.nightly.findings import Finding
from streetwise.warn.nightly.following import Standing, follow
from streetwise.warn.nightly.layout import Street, Watched, watch
from streetwise.warn.nightly.nights import Nights, no_weather, run_nights
from streetwise.warn.nightly.replay import Replayed, replay
from streetwise.warn.nightly.run import Night, Withheld, run_night
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.nightly.shards import Shard, carried_on, run_shard, run_shards
from streetwise.warn.nightly.young import YoungNight, run_young

__all__ = [
    "Calibrated",
    "EvidenceSettings",
    "Finding",
    "Night",
    "NightSettings",
    "Nights",
    "Replayed",
    "Shard",
    "Standing",
    "Street",
    "Watched",
    "Withheld",
    "YoungNight",
    "calibrate",
    "carried_on",
    "follow",
    "no_weather",
    "replay",
    "run_night",
    "run_nights",
    "run_shard",
    "run_shards",
    "run_young",
    "watch",
]
