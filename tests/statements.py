"""Compiled statements, kept from one test's engine to the next: compiling was a tenth of the suite.

SQLAlchemy keeps what it compiled by engine, because two engines may speak two dialects. Ours all
speak the same one to the same server, and a test's engine lives for half a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache

#: More than the statements that the program has.
STATEMENTS = 5_000


class SharedStatements(LRUCache[Any, Any]):
    """A cache of compiled statements whose keys do not name the dialect, their first part."""

    def get(self, key: Any, default: Any = None) -> Any:
        """The statement, or the default."""
        return super().get(key[1:], default)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key[1:])

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_shared = SharedStatements(STATEMENTS)


def sharing(create: Callable[..., AsyncEngine]) -> Callable[..., AsyncEngine]:
    """The same maker of engines, whose engines share what they compile."""

    def made(*arguments: Any, **named: Any) -> AsyncEngine:
        engine = create(*arguments, **named)
        engine.sync_engine._compiled_cache = _shared
        return engine

    return made
