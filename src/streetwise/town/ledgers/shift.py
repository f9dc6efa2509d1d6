"""GCJ-02, as maps for the public in China shift a point; the published approximation."""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

_AXIS, _ECC2 = 6378245.0, 0.00669342162296594323


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A WGS84 point (degrees) where a shifted map shows it."""
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    phi = radians(lat)
    magic = 1 - _ECC2 * sin(phi) ** 2
    lat_m = _AXIS * (1 - _ECC2) / (magic * sqrt(magic)) * pi / 180
    lon_m = _AXIS / sqrt(magic) * cos(phi) * pi / 180
    return lon + east / lon_m, lat + north / lat_m
