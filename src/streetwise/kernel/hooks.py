"""How a lower room asks or tells a higher one without importing it.

``register("case.closing", ask)`` in the higher room; ``await objections("case.closing", …)``
in the lower one, where a hook answers with None or with the reason why not; or
``await tell("signals.stored", …)``, where nothing is answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

Hook = Callable[..., Awaitable[Any]]

_registered: dict[str, list[Hook]] = defaultdict(list)


def register(name: str, hook: Hook) -> Callable[[], None]:
    """Register a hook; returns the function that takes it back."""
    _registered[name].append(hook)
    return lambda: _registered[name].remove(hook)


async def objections(name: str, **facts: Any) -> list[str]:
    """Ask everybody registered under ``name``; the reasons of those who object."""
    answers = [await hook(**facts) for hook in _registered[name]]
    return [answer for answer in answers if answer is not None]


async def tell(name: str, **facts: Any) -> None:
    """Tell everybody registered under ``name``, in this transaction: who fails, fails it all."""
    for hook in _registered[name]:
        await hook(**facts)


async def answers(name: str, **facts: Any) -> list[Any]:
    """Ask everybody registered under ``name`` for a list; all of them in one."""
    return [item for hook in _registered[name] for item in await hook(**facts)]
