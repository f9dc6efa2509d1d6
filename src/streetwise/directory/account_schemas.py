"""What crosses the API of accounts. Forms refuse unknown fields: nobody slips in a role."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from streetwise.directory.schemas import SessionView

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
#: What a login may look like where one is made; folders may bring others.
Login = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=60, pattern=r"^[\w.@-]+$"),
]
Password = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=40)]


class Form(BaseModel):
    """What a browser sends: no more than is asked for."""

    model_config = ConfigDict(extra="forbid")


class SignInForm(Form):
    """A login and its password."""

    login: str = Field(max_length=200)
    password: Password


class CodeForm(Form):
    """A code of the authenticator application, or a recovery code."""

    code: Code


class NewPasswordForm(Form):
    """A new password, where it must be changed before anything else."""

    password: Password


class PendingView(BaseModel):
    """The sign-in is not finished: what comes next. The pending cookie opens nothing else.

    ``step``: ``second_factor`` (give a code), ``password`` (take a new one), ``enrolment`` (set
    up a second factor).
    """

    step: Literal["second_factor", "password", "enrolment"]
    login: str
    name: str
    min_characters: int


class OfferView(BaseModel):
    """A second factor to be set up: the key for typing, the address for a QR code."""

    key: str
    uri: str


class EnrolledView(BaseModel):
    """The second factor is set up. The recovery codes are shown this once."""

    recovery_codes: list[str]
    session: SessionView | None
    pending: PendingView | None


class StandInForm(Form):
    """For whom to act from now on; null: for oneself again."""

    login: str | None = Field(max_length=200)


class DeviceView(BaseModel):
    """A session of one's own. ``network`` is the network, not the address."""

    id: UUID
    device: str
    network: str
    made_at: datetime
    seen_at: datetime
    this: bool


class SecondFactorView(BaseModel):
    """Whether there is a second factor, and whether there must be."""

    since: datetime | None
    required: bool
    off_here: bool
    recovery_codes_left: int


class AccountView(BaseModel):
    """One's own account. ``password_set_at`` is null for a password from before it was noted."""

    login: str
    name: str
    password_set_at: datetime | None
    min_characters: int
    second_factor: SecondFactorView
    devices: list[DeviceView]


class ChangePasswordForm(Form):
    """The present password and the new one."""

    old: Password
    new: Password


class PasswordForm(Form):
    """The present password, for what somebody at an unlocked desk must not do."""

    password: Password


class CodesView(BaseModel):
    """Recovery codes, shown this once."""

    recovery_codes: list[str]


AccountState = Literal["closed", "locked", "no_password", "one_time_password", "active"]


class PersonView(BaseModel):
    """A person in the list of accounts. No secret is in it, nor from where they sign in."""

    id: UUID
    login: str
    name: str
    unit: str
    unit_name: str
    roles: list[str]
    active: bool
    state: AccountState
    second_factor: bool
    second_factor_required: bool


class PeoplePage(BaseModel):
    """A page of people by login."""

    items: list[PersonView]
    next_cursor: str | None


class AddPersonForm(Form):
    """A new person; roles and password are given by the security administrator."""

    login: Login
    name: Text
    unit: Text


class ChangePersonForm(Form):
    """A person's name, unit (its code), and whether the account is open."""

    name: Text
    unit: Text
    active: bool


class RolesForm(Form):
    """The roles wanted, and those that the decision was made on."""

    was: list[Text] = Field(max_length=20)
    roles: list[Text] = Field(max_length=20)


class RolesPreviewForm(Form):
    """The roles wanted."""

    roles: list[Text] = Field(max_length=20)


class DifferenceView(BaseModel):
    """What a change of roles would change: capabilities gained and lost."""

    gained: list[str]
    lost: list[str]


class OneTimePasswordView(BaseModel):
    """A password to be handed over, shown this once; it must be changed at the first sign-in."""

    password: str
    hours: float


class SetStandInForm(Form):
    """Who acts for whom, from when to when (business time)."""

    login: Text
    for_login: Text
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class StandInView(BaseModel):
    """Who acts for whom, from when to when (business time)."""

    id: UUID
    login: str
    name: str
    for_login: str
    for_name: str
    for_unit_name: str
    starts_at: datetime
    ends_at: datetime


class StandInsView(BaseModel):
    """Stand-ins that run or will."""

    items: list[StandInView]


class RoleView(BaseModel):
    """A role as a form offers it."""

    code: str
    name: str
    name_en: str
    administrator: bool


class RolesView(BaseModel):
    """All roles."""

    items: list[RoleView]


class SetupView(BaseModel):
    """Whether the first start waits for its administrators."""

    open: bool
    min_characters: int


class AdministratorForm(Form):
    """One of the three administrators."""

    role: Literal["system_admin", "security_admin", "audit_admin"]
    login: Login
    name: Text
    password: Password


class SetupForm(Form):
    """The code of the first start, and the three administrators."""

    code: Code
    administrators: list[AdministratorForm] = Field(min_length=3, max_length=3)


class AuditEntryView(BaseModel):
    """An entry of the journal of access. ``data`` is what the journal says, without texts."""

    seq: int
    at: datetime
    kind: str
    action: str
    actor: str
    actor_name: str | None
    subject_kind: str
    subject_name: str | None
    data: dict[str, str | int | float | bool | list[str] | None]


class AuditPage(BaseModel):
    """A page of the journal of access, the newest first; ``next_cursor`` leads to older ones."""

    items: list[AuditEntryView]
    next_cursor: int | None
    kinds: dict[str, list[str]]
