"""Routes of accounts: one's own, their administration, the journal of access."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from streetwise.directory import (
    account_repository,
    accounts,
    audit,
    own_account,
    repository,
    second_factor,
    staff_repository,
)
from streetwise.directory.account_schemas import (
    AccountView,
    AddPersonForm,
    AuditEntryView,
    AuditPage,
    ChangePasswordForm,
    ChangePersonForm,
    CodeForm,
    CodesView,
    DeviceView,
    DifferenceView,
    OfferView,
    OneTimePasswordView,
    PasswordForm,
    PeoplePage,
    PersonView,
    RolesForm,
    RolesPreviewForm,
    RolesView,
    RoleView,
    SecondFactorView,
    SetStandInForm,
    StandInsView,
    StandInView,
)
from streetwise.directory.accounts import Person
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import COOKIE, Deps, came, current, set_cookie
from streetwise.directory.staff_repository import AuditFilter
from streetwise.directory.tables import Staff, Unit
from streetwise.directory.waits import login_key
from streetwise.kernel.access import SIGNED_IN, needs
from streetwise.kernel.clock import wall_now
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.journal import Journal
from streetwise.kernel.journal_entry import staff_of
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import ADMINISTRATORS, roles

router = APIRouter(tags=["accounts"], route_class=ShownRoute)

_Deps = Annotated[Deps, Depends(current)]
PAGE = 50
AUDIT_PAGE = 100
#: A name in the journal's data longer than this is no name.
_TOLD_CHARACTERS = 100


# --- one's own account ---------------------------------------------------------------------


@router.get("/account", openapi_extra=needs(SIGNED_IN))
async def read_account(deps: _Deps) -> AccountView:
    """One's own account: password, second factor, devices."""
    runtime, who = deps.runtime, deps.signed_in
    async with runtime.database.read(deps.viewer) as session:
        held = await account_repository.sessions_of(session, who.staff.id)
        left = await account_repository.recovery_codes_left(session, who.staff.id)
    return AccountView(
        login=who.staff.login,
        name=who.staff.name,
        password_set_at=who.staff.password_set_at,
        min_characters=runtime.settings.password_min_characters,
        second_factor=SecondFactorView(
            since=who.staff.totp_since,
            required=second_factor.required(runtime, who.staff),
            off_here=second_factor.off_here(runtime),
            recovery_codes_left=left,
        ),
        devices=[
            DeviceView(
                id=one.id,
                device=one.device,
                network=one.address,
                made_at=one.created_at,
                seen_at=one.seen_at,
                this=one.id == who.session.id,
            )
            for one in held
        ],
    )


@router.post("/account/password", openapi_extra=needs(SIGNED_IN), status_code=204)
async def change_password(
    form: ChangePasswordForm, request: Request, response: Response, deps: _Deps
) -> None:
    """Take a new password; all other sessions end."""
    token = await own_account.change_password(
        deps.runtime, came(request), deps.signed_in, form.old, form.new
    )
    set_cookie(response, deps.runtime.settings, COOKIE, token)


@router.post("/account/second-factor", openapi_extra=needs(SIGNED_IN))
async def offer_second_factor(form: PasswordForm, request: Request, deps: _Deps) -> OfferView:
    """Begin to set up a second factor, or another one."""
    offer = await own_account.offer_second_factor(
        deps.runtime, came(request), deps.signed_in, form.password
    )
    return OfferView(key=offer.key, uri=offer.uri)


@router.post("/account/second-factor/confirm", openapi_extra=needs(SIGNED_IN))
async def confirm_second_factor(form: CodeForm, response: Response, deps: _Deps) -> CodesView:
    """Take it into use by a code; gives the recovery codes. All other sessions end."""
    token, codes = await own_account.confirm_second_factor(deps.runtime, deps.signed_in, form.code)
    set_cookie(response, deps.runtime.settings, COOKIE, token)
    return CodesView(recovery_codes=codes)


@router.post("/account/second-factor/end", openapi_extra=needs(SIGNED_IN), status_code=204)
async def give_up_second_factor(
    form: PasswordForm, request: Request, response: Response, deps: _Deps
) -> None:
    """Sign in without it from now on, where that is allowed."""
    token = await own_account.give_up_second_factor(
        deps.runtime, came(request), deps.signed_in, form.password
    )
    set_cookie(response, deps.runtime.settings, COOKIE, token)


@router.delete("/account/devices", openapi_extra=needs(SIGNED_IN), status_code=204)
async def end_other_devices(deps: _Deps) -> None:
    """Sign out everywhere but here."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await own_account.end_other_devices(uow, deps.signed_in)


@router.delete("/account/devices/{device_id}", openapi_extra=needs(SIGNED_IN), status_code=204)
async def end_device(device_id: UUID, deps: _Deps) -> None:
    """Sign out one of one's own devices."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await own_account.end_device(uow, deps.signed_in, device_id)


# --- administration ------------------------------------------------------------------------


@router.get("/accounts", openapi_extra=needs("account.manage", "staff.manage", "role.grant"))
async def list_people(
    deps: _Deps,
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> PeoplePage:
    """People with unit, roles and the state of their accounts."""
    wall = wall_now()
    async with deps.runtime.database.read(deps.viewer) as session:
        found = await staff_repository.people(session, deps.viewer, q.strip(), cursor, PAGE + 1)
        waiting = await account_repository.waiting_keys(session, wall)
    shown = found[:PAGE]
    return PeoplePage(
        items=[_person(deps.runtime, staff, unit, waiting) for staff, unit in shown],
        next_cursor=shown[-1][0].login if len(found) > PAGE else None,
    )


async def _person_now(deps: Deps, staff_id: UUID) -> PersonView:
    async with deps.runtime.database.read(deps.viewer) as session:
        found = await staff_repository.person(session, deps.viewer, staff_id)
        waiting = await account_repository.waiting_keys(session, wall_now())
    if found is None:
        raise NotFound("There is no such person.")
    return _person(deps.runtime, *found, waiting)


def _person(runtime: Runtime, staff: Staff, unit: Unit, waiting: set[bytes]) -> PersonView:
    state = "active"
    if not staff.active:
        state = "closed"
    elif staff.password_hash is None:
        state = "no_password"
    elif login_key(runtime.keys, staff.login) in waiting:
        state = "locked"
    elif staff.must_change_password:
        state = "one_time_password"
    return PersonView.model_validate(
        {
            "id": staff.id,
            "login": staff.login,
            "name": staff.name,
            "unit": unit.code,
            "unit_name": unit.name,
            "roles": staff.roles,
            "active": staff.active,
            "state": state,
            "second_factor": staff.totp_since is not None,
            "second_factor_required": second_factor.required(runtime, staff),
        }
    )


@router.post("/accounts", openapi_extra=needs("staff.manage"), status_code=201)
async def add_person(form: AddPersonForm, deps: _Deps) -> PersonView:
    """Add a person, without roles and without a password."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        staff = await accounts.add_person(
            uow, deps.viewer, form.login, Person(form.name, form.unit)
        )
    return await _person_now(deps, staff.id)


@router.put("/accounts/{staff_id}", openapi_extra=needs("staff.manage"))
async def change_person(staff_id: UUID, form: ChangePersonForm, deps: _Deps) -> PersonView:
    """Change a person's name and unit; close or open the account."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        person = Person(form.name, form.unit, form.active)
        await accounts.change_person(uow, deps.viewer, staff_id, person)
    return await _person_now(deps, staff_id)


@router.post("/accounts/{staff_id}/password", openapi_extra=needs("account.manage"))
async def give_password(staff_id: UUID, deps: _Deps) -> OneTimePasswordView:
    """Give a one-time password; all sessions of the person end."""
    settings = deps.runtime.settings
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        password = await accounts.give_password(uow, deps.viewer, settings, staff_id)
    return OneTimePasswordView(password=password, hours=settings.one_time_password_hours)


@router.post("/accounts/{staff_id}/unlock", openapi_extra=needs("account.manage"))
async def unlock(staff_id: UUID, deps: _Deps) -> PersonView:
    """The login no longer waits after wrong passwords."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await accounts.unlock(uow, deps.viewer, deps.runtime, staff_id)
    return await _person_now(deps, staff_id)


@router.delete("/accounts/{staff_id}/second-factor", openapi_extra=needs("account.manage"))
async def reset_second_factor(staff_id: UUID, deps: _Deps) -> PersonView:
    """Take the second factor away, for a lost telephone; all sessions of the person end."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await accounts.reset_second_factor(uow, deps.viewer, staff_id)
    return await _person_now(deps, staff_id)


@router.delete(
    "/accounts/{staff_id}/sessions", openapi_extra=needs("account.manage"), status_code=204
)
async def end_sessions(staff_id: UUID, deps: _Deps) -> None:
    """Sign a person out everywhere."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await accounts.end_sessions(uow, deps.viewer, staff_id)


@router.post("/accounts/{staff_id}/roles/preview", openapi_extra=needs("role.grant"))
async def preview_roles(staff_id: UUID, form: RolesPreviewForm, deps: _Deps) -> DifferenceView:
    """What a change of roles would change; changes nothing."""
    deps.viewer.require("role.grant")
    person = await _person_now(deps, staff_id)
    found = accounts.difference(person.roles, form.roles)
    return DifferenceView(gained=found.gained, lost=found.lost)


@router.put("/accounts/{staff_id}/roles", openapi_extra=needs("role.grant"))
async def set_roles(staff_id: UUID, form: RolesForm, deps: _Deps) -> PersonView:
    """Give a person these roles and no others."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await accounts.set_roles(uow, deps.viewer, staff_id, form.was, form.roles)
    return await _person_now(deps, staff_id)


@router.get("/roles", openapi_extra=needs("account.manage", "staff.manage", "role.grant"))
async def list_roles(deps: _Deps) -> RolesView:
    """All roles, for forms."""
    staff_repository.require_administrator(deps.viewer)
    return RolesView(
        items=[
            RoleView(
                code=role.code,
                name=role.name,
                name_en=role.name_en,
                administrator=role.code in ADMINISTRATORS,
            )
            for role in roles().values()
        ]
    )


@router.get("/stand-ins", openapi_extra=needs("account.manage", "staff.manage", "role.grant"))
async def list_stand_ins(deps: _Deps) -> StandInsView:
    """Stand-ins that run or will."""
    async with deps.runtime.database.read(deps.viewer) as session:
        now = deps.runtime.database.clock.now()
        found = await staff_repository.stand_ins(session, deps.viewer, now)
    return StandInsView(
        items=[
            StandInView(
                id=one.id,
                login=one.staff.login,
                name=one.staff.name,
                for_login=one.stands_in_for.login,
                for_name=one.stands_in_for.name,
                for_unit_name=one.unit.name,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            for one in found
        ]
    )


@router.post("/stand-ins", openapi_extra=needs("staff.manage"), status_code=204)
async def set_stand_in(form: SetStandInForm, deps: _Deps) -> None:
    """Let somebody act for somebody else for a time."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await accounts.set_stand_in(
            uow,
            deps.viewer,
            deps.runtime.settings,
            form.login,
            form.for_login,
            form.starts_at,
            form.ends_at,
        )


@router.delete("/stand-ins/{stand_in_id}", openapi_extra=needs("staff.manage"), status_code=204)
async def withdraw_stand_in(stand_in_id: UUID, deps: _Deps) -> None:
    """Take a stand-in back."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await accounts.withdraw_stand_in(uow, deps.viewer, stand_in_id)


# --- the journal of access -----------------------------------------------------------------


@router.get("/audit", openapi_extra=needs("audit.read"))
async def read_audit(
    deps: _Deps,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    person: Annotated[str | None, Query(max_length=200)] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Annotated[int | None, Query(ge=0)] = None,
) -> AuditPage:
    """The journal of access: sign-ins, refusals, passwords, roles, originals, exports.

    ``person`` is a login or a whole name; ``since`` and ``until`` carry their time zone.
    """
    deps.viewer.require("audit.read")
    if kind is not None and kind not in audit.KINDS:
        raise Invalid(f"There is no kind '{kind}'.", code="kind_unknown", kind=kind)
    if any(at is not None and at.tzinfo is None for at in (since, until)):
        raise Invalid("A time needs its time zone.", code="time_zone_needed")
    # The journal's own rule shows an administrator nothing: this page is another door, with
    # another lock (audit.read) and other goods (audit.KINDS).
    async with deps.runtime.database.read(Viewer.system("audit")) as session:
        who = None
        if person:
            who = await staff_repository.people_named(session, deps.viewer, person.strip())
            if who is None:
                return AuditPage(items=[], next_cursor=None, kinds=_kinds())
        wanted = AuditFilter(audit.actions(kind), who, since, until, cursor)
        found = await staff_repository.audit_entries(session, deps.viewer, wanted, AUDIT_PAGE + 1)
        shown = found[:AUDIT_PAGE]
        names = await repository.staff_names(session, deps.viewer, _people_in(shown))
    return AuditPage(
        items=[_audit_entry(row, names) for row in shown],
        next_cursor=shown[-1].seq if len(found) > AUDIT_PAGE else None,
        kinds=_kinds(),
    )


def _kinds() -> dict[str, list[str]]:
    return {kind: found for kind in audit.KINDS if (found := audit.actions(kind))}


def _people_in(rows: Sequence[Journal]) -> set[UUID]:
    found = {staff_of(row.actor) for row in rows}
    found |= {row.subject for row in rows if row.subject_kind == "staff"}
    for row in rows:
        found |= {UUID(row.data[key]) for key in _PERSON_KEYS if row.data.get(key)}
    return {one for one in found if one is not None}


#: Keys of an entry's data that hold a person's id.
_PERSON_KEYS = ("for", "stand_in_for")


def _audit_entry(row: Journal, names: dict[UUID, tuple[str, str]]) -> AuditEntryView:
    def name(one: UUID | None) -> str | None:
        return names[one][0] if one in names else None

    told: dict[str, Any] = {
        key: value
        for key, value in row.data.items()
        if isinstance(value, (int, float, bool))
        or (isinstance(value, str) and len(value) <= _TOLD_CHARACTERS)
        or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    }
    for key in _PERSON_KEYS:
        if told.get(key):
            told[key] = name(UUID(told[key])) or told[key]
    return AuditEntryView(
        seq=row.seq,
        at=row.at,
        kind=audit.kind_of(row.action) or "",
        action=row.action,
        actor=row.actor,
        actor_name=name(staff_of(row.actor)),
        subject_kind=row.subject_kind,
        subject_name=name(row.subject) if row.subject_kind == "staff" else None,
        data=told,
    )
