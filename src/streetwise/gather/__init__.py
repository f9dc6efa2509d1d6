"""Gather 数据汇聚: sources → signals.

Takes: files of anybody (connectors come later) and a mapping. Gives: signals, their originals
sealed in the vault, rows that could not be read in quarantine with the reason. Must never:
lose an accepted row, edit a signal, interpret one (places and categories are found in triage),
or let personal data past the masking.

Other rooms import from here only.
"""

from streetwise.gather.calls import Call, register_call
from streetwise.gather.counts_repository import Came, reports_came
from streetwise.gather.detections import Detection, by_device, register_detection
from streetwise.gather.listed_repository import (
    Listed,
    Platform,
    UpstreamFile,
    last_files,
    listed,
    platforms,
    still_read,
)
from streetwise.gather.repository import (
    QuarantinedRow,
    SignalFacts,
    channels,
    first_signals,
    quarantined_before,
    signal_facts,
    signals_by_key,
    source_names,
    take_waiting,
)
from streetwise.gather.schemas import CodeName, SignalView
from streetwise.gather.weather import DayWeather
from streetwise.gather.weather_repository import weather_days

__all__ = [
    "Call",
    "Came",
    "CodeName",
    "DayWeather",
    "Detection",
    "Listed",
    "Platform",
    "QuarantinedRow",
    "SignalFacts",
    "SignalView",
    "UpstreamFile",
    "by_device",
    "channels",
    "first_signals",
    "last_files",
    "listed",
    "platforms",
    "quarantined_before",
    "register_call",
    "register_detection",
    "reports_came",
    "signal_facts",
    "signals_by_key",
    "source_names",
    "still_read",
    "take_waiting",
    "weather_days",
]
