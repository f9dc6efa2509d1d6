"""First floor: grades, who may see what, masking, the vault.

Takes: roles and texts. Gives: Viewers, masked texts, sealed originals. Must never: let an
original leave the vault without a purpose, or put personal data into a log or the journal.
"""

from streetwise.privacy.access import (
    ADMINISTRATORS,
    Role,
    capabilities,
    compatible,
    roles,
    viewer_for,
)

__all__ = [
    "ADMINISTRATORS",
    "Role",
    "capabilities",
    "compatible",
    "roles",
    "viewer_for",
]
