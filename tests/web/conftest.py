"""The neighbourhood's cases behind both walls or one, and requests as anybody."""

from __future__ import annotations

from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI
from helpers import SYSTEM
from sqlalchemy import select, true
from web.neighbourhood import Known, build
from web.walk import ASKING, AskAs

from streetwise.directory.deps import Deps, current
from streetwise.directory.sessions import SignedIn, viewer_of
from streetwise.directory.tables import Staff, StaffSession, Unit
from streetwise.kernel import journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import lists, repository


@pytest_asyncio.fixture(params=["both walls", "the second wall alone"])
async def cases(
    request: pytest.FixtureRequest, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> list[Known]:
    """The neighbourhood's cases.

    Every test that takes them runs twice: as the product is, and with the repositories' filters
    switched off, so that the database's own policies alone hold whatever is asked.
    """
    known = await build(runtime, monkeypatch)
    if request.param == "the second wall alone":
        for module in (repository, lists, journal):
            monkeypatch.setattr(module, "visible", lambda *_: true())
    return known


@pytest_asyncio.fixture
async def ask_as(app: FastAPI, runtime: Runtime) -> AskAs:
    """Makes requests be somebody's without signing in: who that is is looked up once.

    What a session opens is asked where sign-in is tested, and in test_access by those who sign in.
    """
    known: dict[str, Deps] = {}

    async def who() -> Deps:
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

    app.dependency_overrides[current] = who
    return ASKING.set
