"""The evidence beside a finding that is said: where it gathers, and which other methods agree.

Looked for only where something is said: a scan with 999 replicates of all categories every night
would say nothing that anybody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streetwise.warn.night import Zone
from streetwise.warn.nightly.agreeing import agreeing
from streetwise.warn.nightly.findings import Finding, Tonight
from streetwise.warn.nightly.zones import gathered


def evident(finding: Finding, tonight: Tonight, before: Sequence[Zone] = ()) -> Finding:
    """The finding of tonight with its zones, named places and agreeing methods.

    ``before``: the zones of the same warning as they were given last.
    """
    where = gathered(finding, tonight, before)
    methods = (*finding.agreeing, *where.methods, *agreeing(finding, tonight))
    return replace(
        finding,
        agreeing=tuple(dict.fromkeys(methods)),
        mostly_at=where.mostly_at,
        zones=where.zones,
    )
