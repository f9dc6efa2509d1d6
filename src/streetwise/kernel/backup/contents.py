"""What the rooms say of their tables: which hold keys, whose rows no backup needs. Pure."""

from __future__ import annotations

#: Tables of keys: in an archive of their own, the newest of which counts.
KEY_TABLES: set[str] = set()
#: Tables whose rows are in no archive, and why.
LEFT_OUT: dict[str, str] = {}
#: What the manifest says of the installation: name → a query for one text.
ABOUT: dict[str, str] = {}


def keys_lie_in(*tables: str) -> None:
    """Declare tables of keys."""
    KEY_TABLES.update(tables)


def leave_out(table: str, because: str) -> None:
    """Declare a table whose rows must not come back."""
    LEFT_OUT[table] = because


def tell_about(name: str, query: str) -> None:
    """Declare something that the manifest says."""
    ABOUT[name] = query
