"""What accounts write into the journal, and who of the journal's readers may see it.

Entries about accounts have grade 4: no role is cleared for it, so that they stand in nobody's
feed; the audit administrator reads them by a page of their own (directory/audit.py).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry

GRADE = 4

declare(
    {
        "staff.signed_in": "A member of staff signed in.",
        "staff.signed_out": "A member of staff signed out.",
        "staff.sign_in_refused": (
            "A wrong password or code was given for a login; data: factor, attempts, wait_seconds."
        ),
        "staff.password_set": "Somebody else gave a person a new password; open sessions ended.",
        "staff.password_changed": "A person changed the own password; other sessions ended.",
        "staff.second_factor_set": "A person set up a second factor, with new recovery codes.",
        "staff.second_factor_ended": "A person gave up the second factor.",
        "staff.second_factor_reset": "A person's second factor was taken away.",
        "staff.recovery_code_used": "A person signed in with a recovery code; data: left.",
        "staff.sessions_ended": "Sessions of a person were ended; data: number.",
        "staff.unlocked": "A login no longer waits.",
        "staff.added": "A person was added, without roles and without a password.",
        "staff.changed": "A person's name or unit was changed; data: which.",
        "staff.closed": "An account was closed; its sessions ended.",
        "staff.reopened": "An account was opened again.",
        "staff.roles_changed": "A person's roles were changed; data: granted, withdrawn.",
        "staff.stand_in_set": "A person may stand in for another; data: for, from, to.",
        "staff.stand_in_withdrawn": "A stand-in was taken back; data: for.",
        "staff.stand_in_began": "A person began to act for another; data: for.",
        "staff.stand_in_ended": "A person no longer acts for another; data: for.",
        "staff.administrators_made": "The first start made the three administrators.",
    }
)


def entry(actor: str, action: str, staff_id: UUID | None, **data: Any) -> Entry:
    """An entry about an account."""
    return Entry(actor, action, "staff", staff_id, grade=GRADE, data=data)
