"""A line of the loop while it is being taken. Plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from streetwise.directory.tables import Unit
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.actions import Clocks
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.loop import Transition
from streetwise.resolve.tables import Case


@dataclass(frozen=True, slots=True)
class Taking:
    """A line that is being taken. ``data``: of the entry; ``concerned``: units that hear of it.

    ``clocks``: of the cases in hand. ``unit``, ``named``: the units chosen by the inputs.
    ``note_id``: of the note that was written.
    """

    uow: UnitOfWork
    viewer: Viewer
    keys: Keys
    case: Case
    line: Transition
    inputs: Inputs
    data: dict[str, Any]
    concerned: set[UUID | None]
    clocks: Clocks
    unit: Unit | None = None
    named: Sequence[Unit] = ()
    note_id: UUID | None = None
