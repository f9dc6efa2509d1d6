"""Routes of gather: mappings, imports, quarantine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.directory.repository import staff_names
from streetwise.gather import repository
from streetwise.gather.jobs import accept_file, workspace
from streetwise.gather.mapping import mappings
from streetwise.gather.schemas import (
    ImportList,
    ImportView,
    MappingView,
    QuarantinePage,
    QuarantineView,
)
from streetwise.gather.tables import ImportBatch
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Invalid
from streetwise.kernel.journal_entry import staff_of
from streetwise.kernel.viewer import Viewer

router = APIRouter(tags=["gather"], route_class=ShownRoute)

COPY_BYTES = 1 << 20
PAGE_ROWS = 100


@router.get("/mappings", openapi_extra=needs("import.read"))
async def list_mappings(deps: Annotated[Deps, Depends(current)]) -> list[MappingView]:
    """The mappings that an import can use."""
    deps.viewer.require("import.read")
    return [
        MappingView(
            name=mapping.name,
            title=mapping.title,
            title_en=mapping.title_en,
            description=mapping.description,
            area=mapping.area.code if mapping.area else None,
            columns=mapping.needed_columns,
        )
        for mapping in mappings().values()
    ]


@router.post("/imports", openapi_extra=needs("import.run"), status_code=202)
async def start_import(
    deps: Annotated[Deps, Depends(current)],
    mapping: Annotated[str, Form(max_length=100)],
    file: Annotated[UploadFile, File()],
) -> ImportView:
    """Check a file and start its import; a file that cannot be used changes nothing."""
    deps.viewer.require("import.run")
    with workspace(deps.runtime.settings) as folder:
        path = folder / "upload"
        await _save(file, path, deps.runtime.settings.import_max_bytes)
        name = Path(file.filename or "file").name
        batch = await accept_file(deps.runtime, deps.viewer, mapping, path, name)
    return _view(batch, None, {})


@router.get("/imports", openapi_extra=needs("import.read"))
async def list_imports(deps: Annotated[Deps, Depends(current)]) -> ImportList:
    """The newest imports."""
    async with deps.runtime.database.read(deps.viewer) as session:
        found = await repository.batches(session, deps.viewer)
        return ImportList(items=await _views(session, deps.viewer, found))


@router.get("/imports/{import_id}", openapi_extra=needs("import.read"))
async def get_import(deps: Annotated[Deps, Depends(current)], import_id: UUID) -> ImportView:
    """One import and how far it is."""
    async with deps.runtime.database.read(deps.viewer) as session:
        found = await repository.batch(session, deps.viewer, import_id)
        return (await _views(session, deps.viewer, [found]))[0]


@router.get("/imports/{import_id}/quarantine", openapi_extra=needs("import.read"))
async def list_quarantine(
    deps: Annotated[Deps, Depends(current)],
    import_id: UUID,
    cursor: Annotated[int, Query(ge=0)] = 0,
) -> QuarantinePage:
    """Rows of an import that could not be used, with the reason."""
    async with deps.runtime.database.read(deps.viewer) as session:
        rows = await repository.quarantined(
            session, deps.viewer, import_id, after_row=cursor, limit=PAGE_ROWS
        )
    items = [
        QuarantineView(row=row.row, code=row.code, column=row.column, reason=row.reason)
        for row in rows
    ]
    return QuarantinePage(
        items=items, next_cursor=str(items[-1].row) if len(items) == PAGE_ROWS else None
    )


async def _save(file: UploadFile, path: Path, max_bytes: int) -> None:
    size = 0
    with path.open("wb") as out:
        while block := await file.read(COPY_BYTES):
            size += len(block)
            if size > max_bytes:
                raise Invalid(
                    f"The file is larger than {max_bytes // 2**20} MB; split it.",
                    code="file_too_large",
                    max_bytes=max_bytes,
                )
            await asyncio.to_thread(out.write, block)


async def _views(
    session: AsyncSession, viewer: Viewer, found: Sequence[ImportBatch]
) -> list[ImportView]:
    ids = [batch.id for batch in found]
    waiting = await repository.waiting(session, viewer, ids)
    by = {batch.id: staff_of(batch.actor) for batch in found}
    names = await staff_names(session, viewer, filter(None, by.values()))
    return [_view(batch, _name(names, by[batch.id]), waiting) for batch in found]


def _name(names: Mapping[UUID, tuple[str, str]], staff_id: UUID | None) -> str | None:
    found = names.get(staff_id) if staff_id else None
    return found[0] if found else None


def _view(batch: ImportBatch, by: str | None, waiting: dict[UUID, int]) -> ImportView:
    return ImportView(
        id=batch.id,
        mapping=batch.mapping,
        area=batch.area,
        file_name=batch.file_name,
        state=batch.state,
        rows_total=batch.rows_total,
        rows_read=batch.rows_read,
        rows_new=batch.rows_new,
        rows_known=batch.rows_known,
        rows_bad=batch.rows_bad,
        rows_triaged=batch.rows_new - waiting.get(batch.id, 0),
        created_at=batch.created_at,
        finished_at=batch.finished_at,
        by=by,
        problem=batch.problem,
    )
