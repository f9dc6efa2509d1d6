"""One town for all tests of a process."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from streetwise.town.world import World, build_world, write_tables

SEED = 7
PERIOD = (date(2026, 9, 1), 30)


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(SEED, PERIOD)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, world: World) -> Path:
    path = tmp_path_factory.mktemp("town") / "a"
    write_tables(path, world)
    return path
