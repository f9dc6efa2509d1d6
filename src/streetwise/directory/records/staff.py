"""What a load does to accounts: an entry for each person, and what a folder may not do to them.

A folder says who works where, with which roles. It closes an account by no longer naming the
person, and only such a one does it open again: an account that was closed on the screen stays
closed, whatever a folder says of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streetwise.directory import repository as directory
from streetwise.directory import staff_repository
from streetwise.directory.account_words import entry
from streetwise.directory.accounts import SECURITY, withdrawn
from streetwise.directory.records.actions import Plan
from streetwise.directory.records.book import Effect
from streetwise.directory.records.kinds import STAFF, STAND_IN, Values
from streetwise.directory.staff_repository import Account
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import ADMINISTRATORS

declare(
    {
        "staff.left": "A folder names a member of staff no longer: the account is closed.",
    }
)


def without(
    records: Mapping[str, Mapping[str, Values]], logins: frozenset[str]
) -> dict[str, dict[str, Values]]:
    """The records of accounts but for those of these people."""
    return {
        STAFF.kind: {
            code: values for code, values in records[STAFF.kind].items() if code not in logins
        },
        STAND_IN.kind: {
            code: values
            for code, values in records[STAND_IN.kind].items()
            if logins.isdisjoint((values["login"], values["for"]))
        },
    }


class Accounts:
    """The accounts that a load concerns, as they were before it."""

    def __init__(self, plan: Plan, before: Mapping[str, Account], *, secured: bool) -> None:
        self._staff = [one for one in plan.effects if one.kind == STAFF.kind]
        self._stand_ins = [one for one in plan.effects if one.kind == STAND_IN.kind]
        self._before = before
        self._secured = secured

    @classmethod
    async def look(cls, uow: UnitOfWork, viewer: Viewer, plan: Plan) -> Accounts:
        """Before the load writes anything; the accounts are locked, if it concerns any."""
        if not any(one.kind in (STAFF.kind, STAND_IN.kind) for one in plan.effects):
            return cls(plan, {}, secured=False)
        before = await staff_repository.accounts(uow.session, viewer)
        secured = await staff_repository.anybody(uow.session, viewer, SECURITY)
        return cls(plan, before, secured=secured)

    async def settle(self, uow: UnitOfWork, viewer: Viewer) -> int:
        """Close the accounts of who is no longer named, and write down what became of each;
        how many left. Raises Conflict where nobody would be left to look after accounts.
        """
        if not self._staff and not self._stand_ins:
            return 0
        gone = [one.code for one in self._staff if one.op == "ended"]
        left = await directory.close_accounts(uow.session, gone)
        if self._secured and not await staff_repository.anybody(uow.session, viewer, SECURITY):
            raise Conflict(
                "The folder would leave no security administrator: nobody could give roles or"
                " passwords any more. Nothing was loaded; name one in staff.csv.",
                code="last_security_admin",
            )
        uow.record(*(entry(viewer.actor, "staff.left", one) for one in left))
        after = await staff_repository.accounts(uow.session, viewer)
        for effect in self._staff:
            if effect.op != "ended":
                was, now = self._before.get(effect.code), after[effect.code]
                uow.record(*_of_person(viewer.actor, was, now))
                if set(now.roles) & ADMINISTRATORS:
                    dropped = await staff_repository.drop_stand_ins(uow.session, viewer, now.id)
                    uow.record(*(withdrawn(viewer.actor, one) for one in dropped))
        uow.record(*(_of_stand_in(viewer.actor, one, after) for one in self._stand_ins))
        return len(left)


def _of_person(actor: str, was: Account | None, now: Account) -> Iterator[Entry]:
    if was is None:
        yield entry(actor, "staff.added", now.id)
    else:
        same = {"name": was.name == now.name, "unit": was.unit_id == now.unit_id}
        if changed := [name for name in same if not same[name]]:
            yield entry(actor, "staff.changed", now.id, changed=changed)
        if not was.active:
            yield entry(actor, "staff.reopened", now.id)
    before, after = set(was.roles if was else ()), set(now.roles)
    if before != after:
        told = {"granted": sorted(after - before), "withdrawn": sorted(before - after)}
        yield entry(actor, "staff.roles_changed", now.id, **told)


def _of_stand_in(actor: str, effect: Effect, known: Mapping[str, Account]) -> Entry:
    values = effect.after or effect.before or {}
    who, told = known[values["login"]].id, {"for": str(known[values["for"]].id)}
    if effect.op == "ended":
        return entry(actor, "staff.stand_in_withdrawn", who, **told)
    told |= {"from": values["from"], "to": values["to"]}
    return entry(actor, "staff.stand_in_set", who, **told)
