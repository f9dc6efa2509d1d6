"""An area as an import describes it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area that an import brings along."""

    code: str
    name: str
    name_en: str
    timezone: str
    prefix: str
