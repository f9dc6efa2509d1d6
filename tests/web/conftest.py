"""The neighbourhood's cases behind both walls or one, and requests as anybody."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import Request
from helpers import SYSTEM
from sqlalchemy import select, true
from sqlalchemy.engine import make_url
from web.neighbourhood import Known, build
from web.walk import ASKING, AskAs

from streetwise.directory import deps
from streetwise.directory.deps import Deps
from streetwise.directory.sessions import SignedIn, viewer_of
from streetwise.directory.tables import Staff, StaffSession, Unit
from streetwise.kernel import journal
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.resolve import lists, repository

#: As in tests/conftest.py.
TOWN, START = "template_town", datetime(2026, 5, 11, 2, 0, tzinfo=UTC)
Clone = Callable[[str], Iterator[Urls]]


@pytest.fixture(scope="session")
def neighbourhood(
    clone: Clone, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, list[Known]]]:
    """The neighbourhood, built once for each process: its database, its files, its cases."""
    home, kept = tmp_path_factory.mktemp("neighbourhood"), Path(os.environ["SW_TEST_HOME"])
    shutil.copytree(kept / "template" / "secrets", home / "secrets")
    settings = Settings(home=home)

    async def fill(url: str) -> list[Known]:
        async with open_runtime(settings, url, clock=HandClock(START)) as runtime:
            with pytest.MonkeyPatch.context() as patch:
                return await build(runtime, patch)

    for urls in clone(TOWN):
        known = asyncio.run(fill(urls.app))
        yield make_url(urls.app).database or "", settings.files_path, known


@pytest.fixture
def town_urls(request: pytest.FixtureRequest, clone: Clone) -> Iterator[Urls]:
    """The tiny street; with its neighbours where a test asks for their cases."""
    built = "cases" in request.fixturenames
    yield from clone(request.getfixturevalue("neighbourhood")[0] if built else TOWN)


@pytest_asyncio.fixture(params=["both walls", "the second wall alone"])
async def cases(
    request: pytest.FixtureRequest,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    neighbourhood: tuple[str, Path, list[Known]],
) -> list[Known]:
    """The neighbourhood's cases.

    Every test that takes them runs twice: as the product is, and with the repositories' filters
    switched off, so that the database's own policies alone hold whatever is asked.
    """
    _, files, known = neighbourhood
    shutil.copytree(files, runtime.settings.files_path, dirs_exist_ok=True)
    if request.param == "the second wall alone":
        for module in (repository, lists, journal):
            monkeypatch.setattr(module, "visible", lambda *_: true())
    return known


@pytest_asyncio.fixture
async def ask_as(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AskAs:
    """Makes requests be somebody's without signing in: who that is is looked up once.

    What a session opens is asked where sign-in is tested, and in test_access by those who sign in.
    """
    known: dict[str, Deps] = {}

    async def who(request: Request, *, touch: bool) -> Deps:
        person = ASKING.get()
        if person.login not in known:
            async with runtime.database.read(SYSTEM) as session:
                query = select(Staff, Unit).join(Unit, Unit.id == Staff.unit_id)
                found = (await session.execute(query.where(Staff.login == person.login))).one()
                viewer = await viewer_of(session, found.Staff)
            session_row = StaffSession(id=uuid4(), staff_id=found.Staff.id, token_hash=b"")
            known[person.login] = Deps(
                runtime, SignedIn(viewer, found.Staff, found.Unit, session_row)
            )
        return known[person.login]

    # The routes are shared by all applications of a process, so no application has overrides.
    monkeypatch.setattr(deps, "_who", who)
    return ASKING.set
