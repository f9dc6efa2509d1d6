"""What may be set of the evidence that is looked for beside a finding that is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """None of it decides whether a finding is said.

    ``zone_chance``: a place is named only if at most this share of the nights thrown by chance hold
    a zone as dense anywhere; other zones than the densest are given only then. ``places_named``:
    the most of a zone's places that are named. ``build_up_rise``: the rise, times what is expected,
    for which NB-CUSUM is made; ``build_up_days``: its threshold, were the expectation right: by
    chance once in so many days at most. ``build_up_within_days``: so lately it must have called.
    ``ears_within_days``: the same of EARS; ``ears_chance``: that an ordinary day lies above its
    bound, were counts normal.
    """

    zone_chance: float = 0.05
    places_named: int = 5
    build_up_rise: float = 1.6
    build_up_days: float = 365.0
    build_up_within_days: int = 7
    ears_within_days: int = 3
    ears_chance: float = 0.001
