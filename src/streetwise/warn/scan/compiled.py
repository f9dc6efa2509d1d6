"""How the kernels of the scan are compiled and run: one place, so that all are treated alike.

``nogil``: replicates run in threads. ``error_model="numpy"``: a division by zero gives an infinity
instead of a branch per division; the kernels divide by nothing that can be zero where it matters.
No ``fastmath``: infinite sizes are part of the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])
Item = TypeVar("Item")
Result = TypeVar("Result")


def compiled(function: Function) -> Function:
    """The function compiled at its first call; kept on disk for the next process."""
    made = njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(Function, made)


def each(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> list[Result]:
    """``work`` of every item, in their order; in this thread alone if ``threads`` is 1 or less."""
    if threads <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
