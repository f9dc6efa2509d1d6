"""Forecast: how many reports next, and where to go first tomorrow."""

from streetwise.warn.forecast.counts import (
    CLASS_EDGES,
    HORIZONS_DAYS,
    Forecast,
    ForecastSettings,
    forecast_counts,
    volume_class,
)
from streetwise.warn.forecast.effect import (
    EffectScore,
    EffectSettings,
    ShareScore,
    effect_of_visits,
    share_of_preventive,
)
from streetwise.warn.forecast.hotspots import HotSpots, HotSpotSettings, hot_spots
from streetwise.warn.forecast.rounds import NEVER, RoundsSettings, Stop, rounds

__all__ = [
    "CLASS_EDGES",
    "HORIZONS_DAYS",
    "NEVER",
    "EffectScore",
    "EffectSettings",
    "Forecast",
    "ForecastSettings",
    "HotSpotSettings",
    "HotSpots",
    "RoundsSettings",
    "ShareScore",
    "Stop",
    "effect_of_visits",
    "forecast_counts",
    "hot_spots",
    "rounds",
    "share_of_preventive",
    "volume_class",
]
