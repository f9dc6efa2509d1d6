"""One town for all tests of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from streetwise.town.world import World, read_world, write_world

SEED = 7


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "a"
    write_world(path, SEED)
    return path


@pytest.fixture(scope="session")
def world(folder: Path) -> World:
    return read_world(folder)
