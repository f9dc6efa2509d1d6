"""What triage knows of the directory is kept, and read anew when that has changed."""

from __future__ import annotations

from helpers import SYSTEM
from sqlalchemy import update

from streetwise.directory import repository as directory
from streetwise.directory.records.write_repository import new_revision
from streetwise.directory.tables import TaxonomyClass
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.knowledge import Knowledge, know


async def known(runtime: Runtime) -> Knowledge:
    async with runtime.database.read(SYSTEM) as session:
        return await know(session, SYSTEM, set())


async def test_classes_are_read_anew_when_an_area_has_a_new_revision(runtime: Runtime) -> None:
    before = await known(runtime)
    assert before.classes
    assert (await known(runtime)).classes is before.classes
    scheme, code = next(iter(before.classes))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        here = (await directory.area(uow.session, SYSTEM, None)).code
        await uow.session.execute(
            update(TaxonomyClass)
            .where(TaxonomyClass.scheme == scheme, TaxonomyClass.code == code)
            .values(name="另一个名称")
        )
        await new_revision(uow.session, here)
    assert (await known(runtime)).classes[scheme, code].name == "另一个名称"
    assert before.classes[scheme, code].name != "另一个名称"
