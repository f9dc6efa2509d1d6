"""Routes of the vault: what it holds of a case, one value at a time, forgetting, rotation."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel import journal
from streetwise.kernel.access import needs
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import actions as vault
from streetwise.privacy import forgetting_repository, rotation
from streetwise.privacy import repository as vault_repository
from streetwise.privacy.actions import Why
from streetwise.privacy.fields import purposes
from streetwise.privacy.repository import Listed
from streetwise.resolve import lists, repository, vault_actions, views
from streetwise.resolve.vault_actions import Target
from streetwise.resolve.vault_schemas import (
    CasePersonalView,
    FieldView,
    ForgetForm,
    ForgetTarget,
    ForgetView,
    PersonalView,
    PurposeView,
    Revealed,
    RevealForm,
    RotationView,
    SearchForm,
    UseView,
    VaultNumbers,
    VaultSearchResult,
)

router = APIRouter(tags=["vault"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
#: Uses of the vault shown at a time.
USES = 200
_USES = ("vault.read", "vault.searched", "vault.forgotten")


@router.get("/signals/{signal_id}/personal", openapi_extra=needs("vault.read", hides=True))
async def personal_of_signal(deps: Current, signal_id: UUID) -> PersonalView:
    """Which personal values the vault holds of a signal (or note): kinds only."""
    async with deps.runtime.database.read(deps.viewer) as session:
        await repository.case_of_item(session, deps.viewer, signal_id)
        found, forgotten = await vault_repository.listed(session, deps.viewer, [signal_id])
    return _personal(signal_id, found.get(signal_id, []), signal_id in forgotten)


@router.get("/cases/{case_id}/personal", openapi_extra=needs("vault.read", hides=True))
async def personal_of_case(deps: Current, case_id: UUID) -> CasePersonalView:
    """The same of all signals and notes of a case, and the purposes to choose from."""
    async with deps.runtime.database.read(deps.viewer) as session:
        ids = await repository.items_of_case(session, deps.viewer, case_id)
        found, forgotten = await vault_repository.listed(session, deps.viewer, ids)
    return CasePersonalView(
        items=[
            _personal(item, found.get(item, []), item in forgotten)
            for item in ids
            if item in found or item in forgotten
        ],
        purposes=[
            PurposeView(
                code=one.code, name=one.name, name_en=one.name_en, needs_reason=one.needs_reason
            )
            for one in purposes().values()
        ],
        restricted=deps.viewer.may("vault.read_restricted"),
    )


def _personal(item: UUID, fields: list[Listed], forgotten: bool) -> PersonalView:
    return PersonalView(
        item=item,
        forgotten=forgotten,
        fields=[
            FieldView(n=one.n, kind=one.kind, grade=f"L{one.grade}", place=one.place, at=one.at)
            for one in fields
        ],
    )


@router.post("/vault/fields/{item_id}/{n}/reveal", openapi_extra=needs("vault.read", hides=True))
async def reveal(
    deps: Current, item_id: UUID, n: int, form: RevealForm, response: Response
) -> Revealed:
    """One value, for a purpose. Its entry is in the journal before this answers."""
    response.headers["Cache-Control"] = "no-store"
    why = Why(form.purpose, form.reason)
    kind, value = await vault_actions.reveal(deps.runtime, deps.viewer, item_id, n, why)
    return Revealed(kind=kind, value=value)


@router.post("/vault/search", openapi_extra=needs("vault.search"))
async def search(deps: Current, form: SearchForm, response: Response) -> VaultSearchResult:
    """The viewer's cases in which exactly this value stands."""
    response.headers["Cache-Control"] = "no-store"
    why = Why(form.purpose, form.reason)
    ids = await vault_actions.search(deps.runtime, deps.viewer, form.kind, form.value, why)
    now = deps.runtime.database.clock.now()
    soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
    async with deps.runtime.database.read(deps.viewer) as session:
        rows = await lists.by_ids(session, deps.viewer, ids)
    return VaultSearchResult(cases=[views.case_row(row, now, soon) for row in rows])


@router.post("/vault/forget/preview", openapi_extra=needs("vault.forget"))
async def forget_preview(deps: Current, form: ForgetTarget) -> ForgetView:
    """How much a forgetting would destroy. Looking by a number is recorded."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        items, reporters = await vault_actions.what_to_forget(
            uow, deps.viewer, deps.runtime, _target(form)
        )
        alive = await forgetting_repository.lock_keys(
            uow.session, deps.viewer, [*items, *reporters]
        )
    reporting = sum(key.kind == "reporter" for key in alive)
    return ForgetView(items=len(alive) - reporting, reporters=reporting)


@router.post("/vault/forget", openapi_extra=needs("vault.forget"))
async def forget(deps: Current, form: ForgetForm) -> ForgetView:
    """Destroy the keys of a signal, or of a reporter with all that is theirs. For good."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        done = await vault_actions.forget(
            uow, deps.viewer, deps.runtime, _target(form), form.reason
        )
    return ForgetView(items=len(done.items), reporters=done.reporters)


def _target(form: ForgetTarget) -> Target:
    number = (form.number.kind, form.number.value) if form.number else None
    return Target(form.signal, form.upstream_key, number, form.whole_reporter)


@router.get("/vault", openapi_extra=needs("vault.forget", "key.rotate"))
async def numbers(deps: Current) -> VaultNumbers:
    """How much the vault holds, and how much was forgotten."""
    # Numbers only: the administrators who need them see no row of the vault.
    async with deps.runtime.database.read(Viewer.system("vault")) as session:
        return VaultNumbers(**await vault_repository.numbers(session, deps.viewer))


@router.get("/vault/rotation", openapi_extra=needs("key.rotate"))
async def read_rotation(deps: Current) -> RotationView:
    """How far the newest generation of keys is."""
    async with deps.runtime.database.read(deps.viewer) as session:
        found = await rotation.progress(session, deps.viewer)
    return RotationView(
        generation=found.generation,
        total=found.total,
        done=found.done,
        made_at=found.made_at,
        finished_at=found.finished_at,
        running=found.running,
    )


@router.post("/vault/rotation", openapi_extra=needs("key.rotate"), status_code=202)
async def start_rotation(deps: Current) -> RotationView:
    """Make a new generation of keys and bring all keys under it, in the background."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await rotation.start_rotation(uow, deps.viewer, deps.runtime.keys)
    return await read_rotation(deps)


@router.get("/vault/uses", openapi_extra=needs("audit.read"))
async def uses(deps: Current, before: Annotated[int | None, Query(ge=1)] = None) -> list[UseView]:
    """Who had what shown, searched or forgotten, newest first, for the audit."""
    deps.viewer.require("audit.read")
    # The audit reads no case; of one it sees the number that an entry is about.
    system = Viewer.system("audit")
    async with deps.runtime.database.read(system) as session:
        entries = await journal.read(
            session, system, only=_USES, newest_first=True, before=before, limit=USES
        )
        shown = await views.entry_views(session, system, entries)
        why = await vault_repository.reasons(
            session, deps.viewer, vault.reason_ids(entry.data for entry in entries)
        )
    texts = {str(row.id): row.text for row in why.values()}
    return [
        UseView(
            at=entry.at,
            action=entry.action,
            by=entry.actor.name if entry.actor else None,
            unit=entry.actor.unit_name if entry.actor else None,
            case_number=entry.subject.number,
            kind=entry.data.get("kind"),
            purpose=entry.data.get("purpose"),
            reason=texts.get(entry.data.get("reason", "")),
        )
        for entry in shown
    ]
