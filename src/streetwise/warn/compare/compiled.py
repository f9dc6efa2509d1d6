"""How the kernels of compare are compiled: one place, so that all are compiled alike.

``nogil``: a caller may judge parts of the street in threads. ``error_model="numpy"``: a division
by zero gives an infinity instead of a branch per division; the kernels divide by nothing that can
be zero. No ``fastmath``: the order of sums is part of reproducing a table to the last digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function compiled at its first call; kept on disk for the next process."""
    return cast(Function, njit(cache=True, nogil=True, error_model="numpy")(function))
