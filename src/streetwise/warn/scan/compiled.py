"""How the kernels of the scan are compiled: one place, so that all are compiled alike.

``nogil``: replicates run in threads. ``error_model="numpy"``: a division by zero gives an infinity
instead of a branch per division; the kernels divide by nothing that can be zero where it matters.
No ``fastmath``: infinite sizes are part of the formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function compiled at its first call; kept on disk for the next process."""
    made = njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(Function, made)
