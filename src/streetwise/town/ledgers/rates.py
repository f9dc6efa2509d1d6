"""How often a cell is dirty: shares of the rows, by what the column is and what it holds.

A column may say ``missing`` or ``stale`` itself, a ledger ``near``, ``exact``, ``stale`` and a
factor ``dirt`` on everything.
"""

from __future__ import annotations

from .model import Column

#: By how the column is drawn; then by what its cells hold.
_RATES: dict[str, dict[str, float]] = {
    "name": {"missing": 0.002, "spelling": 0.022, "spaces": 0.009},
    "place": {"missing": 0.003, "spelling": 0.018, "spaces": 0.005},
    "address": {"missing": 0.009, "placeholder": 0.002, "spelling": 0.034, "spaces": 0.008},
    "grid": {"missing": 0.011, "spelling": 0.007, "spaces": 0.003},
    "grid_name": {"missing": 0.003, "spelling": 0.004},
    "community": {"missing": 0.005, "spelling": 0.028, "spaces": 0.003},
    "unit": {"missing": 0.012, "spelling": 0.045},
    "phone": {"missing": 0.06, "placeholder": 0.01, "spelling": 0.03},
    "contact": {"missing": 0.04, "placeholder": 0.01, "spaces": 0.006},
    "role": {"missing": 0.03, "placeholder": 0.01},
}
_BY_VALUE: dict[str, dict[str, float]] = {
    "date": {
        "missing": 0.02,
        "placeholder": 0.003,
        "date_format": 0.03,
        "date_impossible": 0.0018,
    },
    "int": {"missing": 0.02, "number_as_text": 0.016, "impossible": 0.0024},
    "num": {"missing": 0.02, "number_as_text": 0.022, "impossible": 0.0024},
    "choice": {"missing": 0.012, "placeholder": 0.004, "spaces": 0.004},
    "text": {"missing": 0.008, "spelling": 0.01, "spaces": 0.004},
}
#: Of the pairs of coordinates, as one.
COORDS = {
    "coords_swapped": 0.004,
    "coords_gcj02": 0.018,
    "coords_default": 0.009,
    "coords_decimal": 0.003,
    "missing": 0.02,
}


def rates(column: Column) -> dict[str, float]:
    """Kind of dirt → share of the rows; nothing for coordinates, serials and remarks."""
    if column.kind in ("lon", "lat", "serial", "remark") or column.spec.get("optional"):
        return {"date_format": 0.02} if column.value == "date" else {}
    found = dict(_RATES.get(column.kind) or _BY_VALUE.get(column.value, {}))
    for kind, name in (("missing", "missing"), ("date_stale", "stale")):
        if name in column.spec:
            found[kind] = float(column.spec[name])
    return found
