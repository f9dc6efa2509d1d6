"""What crosses the API of accounts. Forms refuse unknown fields: nobody slips in a role."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from streetwise.directory.schemas import SessionView
from streetwise.kernel.shown import Shown, Withholding, shows

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


class PendingView(Shown):
    """The sign-in is not finished: what comes next. The pending cookie opens nothing else.

    ``step``: ``second_factor`` (give a code), ``password`` (take a new one), ``enrolment`` (set
    up a second factor).
    """

    __shows__ = shows({"L1 own": "step login name", "L1 system": "min_characters"})

    step: Literal["second_factor", "password", "enrolment"]
    login: str
    name: str
    min_characters: int


class OfferView(Shown):
    """A second factor to be set up: the key for typing, the address for a QR code."""

    __shows__ = shows({"L4 own": "key uri"})

    key: str
    uri: str


class EnrolledView(Shown):
    """The second factor is set up. The recovery codes are shown this once."""

    __shows__ = shows({"L4 own": "recovery_codes", "holds": "session pending"})

    recovery_codes: list[str]
    session: SessionView | None
    pending: PendingView | None


class StandInForm(Form):
    """For whom to act from now on; null: for oneself again."""

    login: str | None = Field(max_length=200)


class DeviceView(Shown):
    """A session of one's own. ``network`` is the network, not the address."""

    __shows__ = shows({"L2 own": "id made_at seen_at this", "L3 own": "device network"})

    id: UUID
    device: str
    network: str
    made_at: datetime
    seen_at: datetime
    this: bool


class SecondFactorView(Shown):
    """Whether there is a second factor, and whether there must be."""

    __shows__ = shows({"L3 own": "since recovery_codes_left", "L1 system": "required off_here"})

    since: datetime | None
    required: bool
    off_here: bool
    recovery_codes_left: int


class AccountView(Shown):
    """One's own account. ``password_set_at`` is null for a password from before it was noted."""

    __shows__ = shows(
        {
            "staff": "login name",
            "L3 own": "password_set_at",
            "L1 system": "min_characters",
            "holds": "second_factor devices",
        }
    )

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


class CodesView(Shown):
    """Recovery codes, shown this once."""

    __shows__ = shows({"L4 own": "recovery_codes"})

    recovery_codes: list[str]


AccountState = Literal["closed", "locked", "no_password", "one_time_password", "active"]


class PersonView(Withholding):
    """A person in the list of accounts. No secret is in it, nor from where they sign in.

    How the account is opened (``state``, ``second_factor``) is for who manages that.
    """

    __shows__ = shows(
        {
            "staff": "id login name unit=unit_id roles active",
            "unit": "unit_name=name",
            "L3 account": "state second_factor",
            "L1 staff": "second_factor_required",
        }
    )

    id: UUID
    login: str
    name: str
    unit: str
    unit_name: str
    roles: list[str]
    active: bool
    state: AccountState | None
    second_factor: bool | None
    second_factor_required: bool


class PeoplePage(Shown):
    """A page of people by login."""

    __shows__ = shows({"holds": "items", "L1 staff": "next_cursor"})

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


class DifferenceView(Shown):
    """What a change of roles would change: capabilities gained and lost."""

    __shows__ = shows({"L1 staff": "gained lost"})

    gained: list[str]
    lost: list[str]


class OneTimePasswordView(Shown):
    """A password to be handed over, shown this once; it must be changed at the first sign-in."""

    __shows__ = shows({"L4 account": "password", "L1 system": "hours"})

    password: str
    hours: float


class SetStandInForm(Form):
    """Who acts for whom, from when to when (business time)."""

    login: Text
    for_login: Text
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class StandInView(Shown):
    """Who acts for whom, from when to when (business time)."""

    __shows__ = shows(
        {
            "staff_stand_in": "id starts_at ends_at",
            "staff": "login name for_login=login for_name=name",
            "unit": "for_unit_name=name",
        }
    )

    id: UUID
    login: str
    name: str
    for_login: str
    for_name: str
    for_unit_name: str
    starts_at: datetime
    ends_at: datetime


class StandInsView(Shown):
    """Stand-ins that run or will."""

    __shows__ = shows({"holds": "items"})

    items: list[StandInView]


class RoleView(Shown):
    """A role as a form offers it."""

    __shows__ = shows({"L1 catalogue": "code name name_en administrator"})

    code: str
    name: str
    name_en: str
    administrator: bool


class RolesView(Shown):
    """All roles."""

    __shows__ = shows({"holds": "items"})

    items: list[RoleView]


class SetupView(Shown):
    """Whether the first start waits for its administrators."""

    __shows__ = shows({"L1 system": "open min_characters"})

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


class AuditEntryView(Shown):
    """An entry of the journal of access. ``data`` is what the journal says, without texts."""

    __shows__ = shows(
        {
            "journal": "seq at action actor subject_kind data",
            "L1 catalogue": "kind",
            "L2 staff": "actor_name subject_name",
        }
    )

    seq: int
    at: datetime
    kind: str
    action: str
    actor: str
    actor_name: str | None
    subject_kind: str
    subject_name: str | None
    data: dict[str, str | int | float | bool | list[str] | None]


class AuditPage(Shown):
    """A page of the journal of access, the newest first; ``next_cursor`` leads to older ones."""

    __shows__ = shows({"holds": "items", "L1 system": "next_cursor", "L1 catalogue": "kinds"})

    items: list[AuditEntryView]
    next_cursor: int | None
    kinds: dict[str, list[str]]
