"""What staff write: done, sent back, mediated, put right."""

from __future__ import annotations

import random
from functools import cache

from .phrase import Pool, pool, read_yaml, render
from .slips import tidy
from .themes import Theme


@cache
def _notes(*path: str) -> Pool:
    content = read_yaml("phrases_notes.yaml")
    for key in path:
        content = content[key]
    return pool(content)


def handling_note(theme: Theme, rng: random.Random) -> str:
    """What was done about it, in words that fit the family, or the nature, of the theme."""
    if theme.nature == "dispute":
        return mediation_note(rng)
    if theme.nature == "hazard":
        return rectification_note(theme, rng)
    families = read_yaml("phrases_notes.yaml")["handling"]
    return _said(_notes("handling", theme.family if theme.family in families else "other"), rng)


def sent_back_note(rng: random.Random) -> str:
    """Why a unit gives a case back."""
    return _said(_notes("sent_back"), rng)


def mediation_note(rng: random.Random) -> str:
    """How far a mediation came."""
    return _said(_notes("mediation"), rng)


def rectification_note(theme: Theme, rng: random.Random) -> str:
    """How a hazard was put right."""
    families = read_yaml("phrases_notes.yaml")["rectified"]
    return _said(_notes("rectified", theme.family if theme.family in families else "other"), rng)


def _said(notes: Pool, rng: random.Random) -> str:
    return tidy(render(notes.pick(rng), rng, {}))
