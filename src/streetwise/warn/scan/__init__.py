"""Scan: where in space and time reports gather beyond what is expected.

Takes counts of places and days, by category, and either a baseline (``scan``) or nothing
(``permutation_scan``); gives clusters with how likely chance does as well. ``statistics_only``
is the quick way for replaying a year of nights; ``follow`` keeps clusters apart across nights.
The methods, their sources and limits: docs/reference/warn-scan.md.
"""

from streetwise.warn.scan.follow import Standing, follow
from streetwise.warn.scan.night import Layer
from streetwise.warn.scan.search import (
    Cluster,
    Nights,
    ScanSettings,
    permutation_scan,
    scan,
    statistics_only,
)
from streetwise.warn.scan.shapes import (
    Neighbourhoods,
    connected_of,
    joined,
    neighbourhoods_of,
    sets_of,
)

__all__ = [
    "Cluster",
    "Layer",
    "Neighbourhoods",
    "Nights",
    "ScanSettings",
    "Standing",
    "connected_of",
    "follow",
    "joined",
    "neighbourhoods_of",
    "permutation_scan",
    "scan",
    "sets_of",
    "statistics_only",
]
