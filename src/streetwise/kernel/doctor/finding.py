"""One thing that is wrong, in one line each for what it is and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``serious``: data, secrecy or the service is at risk now."""

    code: str
    says: str
    do: str
    serious: bool = True
