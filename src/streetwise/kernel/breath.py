"""Long work on the event loop, with breaths in it: who clicks meanwhile is answered in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")

#: Items worked on before others may have a turn; one takes a fraction of a millisecond.
BREATH_ITEMS = 20


async def breathing(items: Iterable[Item], every: int = BREATH_ITEMS) -> AsyncIterator[Item]:
    """The items, with a turn for others before each ``every`` of them."""
    for number, item in enumerate(items):
        if number % every == 0:
            await asyncio.sleep(0)
        yield item
