"""The journal of access 审计: which journal actions the audit administrator reads.

Declared as data: kinds, each with patterns of action names. A room that adds an action about
access adds its pattern here; content of cases is never among them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from streetwise.kernel import journal

#: kind → patterns of journal actions. The first kind that fits counts.
KINDS: dict[str, tuple[str, ...]] = {
    "sign_in": (
        "staff.signed_in",
        "staff.signed_out",
        "staff.sign_in_refused",
        "staff.recovery_code_used",
        "staff.sessions_ended",
        "staff.unlocked",
    ),
    "secrets": ("staff.password_*", "staff.second_factor_*"),
    "roles": (
        "staff.roles_changed",
        "staff.stand_in_*",
        "staff.administrators_made",
    ),
    "people": ("staff.*", "notify.*"),
    "originals": ("vault.*", "key.*"),
    "exports": ("*.exported", "export.*"),
    "directory": ("directory.*",),
    "system": ("job.*", "journal.*", "backup.*"),
}


def actions(kind: str | None = None) -> list[str]:
    """The declared journal actions of a kind, or of all kinds."""
    return sorted(
        action for action in journal.ACTIONS if (found := kind_of(action)) and kind in (None, found)
    )


def kind_of(action: str) -> str | None:
    """The kind of an action; None: it is not the audit administrator's to read."""
    for kind, patterns in KINDS.items():
        if any(fnmatchcase(action, pattern) for pattern in patterns):
            return kind
    return None
