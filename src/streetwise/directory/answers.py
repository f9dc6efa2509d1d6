"""The routes of every room: an answer leaves without the fields that its reader's rights do not
reach (``kernel.shown``).

Whether anything of an answer is above somebody is known by its type, so it is asked once for each
kind of reader and remembered; for most readers of most routes there is nothing to leave out.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.routing import APIRoute

from streetwise.directory.deps import current, still_there
from streetwise.kernel.errors import Forbidden
from streetwise.kernel.grades import NOBODY, Rights
from streetwise.kernel.shown import Shown, some_above, withhold


class ShownRoute(APIRoute):
    """A route whose answer is looked at before it leaves."""

    def __init__(self, path: str, endpoint: Callable[..., Awaitable[Any]], **rest: Any) -> None:
        #: What the answer holds where it is no JSON (``kernel.shown.sends``).
        self.sends: tuple[type[Shown], ...] = getattr(endpoint, "sends", ())
        #: The parameter that says who asks; None: nobody has signed in yet.
        self.asker: str | None = None
        self._above: dict[Rights, bool] = {}
        super().__init__(path, self._looked_at(endpoint), **rest)
        for dependency in self.dependant.dependencies:
            if dependency.call in (current, still_there):
                self.asker = dependency.name

    @property
    def answers(self) -> tuple[Any, ...]:
        """The types that an answer of this route can have."""
        return self.sends or ((self.response_model,) if self.response_model else ())

    def _looked_at(self, endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(endpoint)
        async def answer(**given: Any) -> Any:
            rights = given[self.asker].viewer.rights if self.asker else NOBODY
            above = self._above.get(rights)
            if above is None:
                above = any(some_above(one, rights) for one in self.answers)
                self._above[rights] = above
            # The route's own refusals come first: they may not tell that a thing is there.
            found = await endpoint(**given)
            if not above:
                return found
            if self.sends:
                raise Forbidden("This holds more than your clearance reaches.")
            return withhold(found, rights)

        return answer
