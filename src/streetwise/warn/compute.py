"""A night's engines, called with what the rows know, and their answer in the rows' words. Pure."""

from __future__ import annotations

from streetwise.warn.night import Material, Night


def compute(material: Material) -> Night:
    """What a night comes to. Engines are imported here: they bring Numba, which a start need not
    wait for.
    """
    from streetwise.warn.nightly import run_night  # noqa: PLC0415

    return run_night(material)
