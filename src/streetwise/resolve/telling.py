"""Who is told when a case comes to a unit: its people who may act on it next, but the actor."""

from __future__ import annotations

from collections.abc import Sequence

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.notify import Message, notify
from streetwise.privacy import roles
from streetwise.resolve.tables import Case

SYSTEM = Viewer.system("notify")
#: (action, result) → the kind of message, and what its readers may do next.
TOLD = {
    ("dispatch", None): ("case.dispatched", "case.start"),
    ("verify", "fail"): ("case.sent_back", "case.report"),
}


async def tell_units(
    uow: UnitOfWork, viewer: Viewer, action: str, result: str | None, cases: Sequence[Case]
) -> None:
    """Tell the units that hold these cases now, if this action is one to tell of."""
    if (action, result) not in TOLD or not cases:
        return
    kind, capability = TOLD[action, result]
    units = {case.unit_id for case in cases if case.unit_id is not None}
    # Units, staff and classes stand behind no wall; who may be told is no question of the actor's
    # own rights.
    session = uow.session
    people = {
        grade: await directory.staff_of(session, SYSTEM, units, _roles_that(capability, grade))
        for grade in {case.grade for case in cases}
    }
    keys = {key for case in cases if (key := _class_of(case))}
    classes = await directory.class_names(session, SYSTEM, keys)
    names = await directory.unit_names(session, SYSTEM, units)
    messages = []
    for case in cases:
        if case.unit_id is None:
            continue
        concerned = people[case.grade].get(case.unit_id, [])
        key = _class_of(case)
        messages.append(
            Message(
                kind,
                f"{kind}:{case.id}:{case.version}",
                [person for person in concerned if person not in viewer.people],
                {
                    "number": case.number,
                    "category": classes.get(key, key[2]) if key else "",
                    "unit": names[case.unit_id],
                },
                subject=case.id,
                urgent=case.priority == "high",
            )
        )
    await notify(uow, messages)


def _roles_that(capability: str, grade: int) -> list[str]:
    """The roles that have the capability and are cleared for the grade."""
    return [
        role.code for role in roles().values() if capability in role.can and role.clearance >= grade
    ]


def _class_of(case: Case) -> tuple[str, str, str] | None:
    if case.category_scheme and case.category_version and case.category_code:
        return case.category_scheme, case.category_version, case.category_code
    return None
