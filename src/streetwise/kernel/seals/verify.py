"""Is the journal what it was when it was sealed? Finds what was changed, removed or put in.

Pure but for ``verify``, which reads. Every entry is hashed anew as it stands in the database;
every seal is held against its entries, against the seal before it, against its signature, and
against the seals that were kept outside.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.seals import merkle, repository
from streetwise.kernel.seals.seal import NOTHING, Seal, entry_bytes
from streetwise.kernel.seals.sealing import Kept
from streetwise.kernel.seals.signing import PublicKeys, is_signed
from streetwise.kernel.viewer import Viewer

#: Findings that are told one by one; more are counted.
MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed. ``seal``: its number; ``seqs``: entries concerned."""

    kind: str
    seal: int
    seqs: tuple[int, ...]
    says: str


@dataclass(slots=True)
class Report:
    """What verification found. ``unsealed`` entries are newer than the last seal."""

    seals: int = 0
    entries: int = 0
    last: int = 0
    sealed_at: datetime | None = None
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def good(self) -> bool:
        """Nothing was tampered with."""
        return not self.findings

    def add(self, found: Iterable[Finding]) -> None:
        """Take in findings, up to a number that somebody can read."""
        for finding in found:
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(finding)
            else:
                self.more += 1


def check_chain(seal: Seal, before: Seal | None, keys: PublicKeys) -> list[Finding]:
    """The seal against the one before it, and its signature."""
    found = []

    def say(kind: str, says: str) -> None:
        found.append(Finding(kind, seal.number, (), says))

    expected = before.number + 1 if before else 1
    if seal.number != expected:
        say("seal_missing", f"Seal {expected} is missing: after it comes {seal.number}.")
    if seal.after != (before.last if before else 0) or seal.last <= seal.after:
        say("chain_broken", f"Seal {seal.number} does not begin where the one before it ended.")
    if seal.previous != (before.digest() if before else NOTHING):
        say("chain_broken", f"Seal {seal.number} does not follow from the seal before it.")
    if seal.algorithm not in merkle.HASHES:
        say("seal_changed", f"Seal {seal.number} names a hash that there is not.")
    elif not is_signed(keys, seal.key_id, seal.digest(), seal.signature):
        say("signature_wrong", f"Seal {seal.number} is not signed by a key of this house.")
    return found


def check_entries(seal: Seal, rows: Sequence[Sequence[Any]]) -> list[Finding]:
    """The entries that stand in a seal's range against what it sealed."""
    hash_of = merkle.HASHES.get(seal.algorithm)
    if hash_of is None:
        return []
    leaves = [merkle.leaf(entry_bytes(row), hash_of) for row in rows]
    if len(rows) == seal.entries and merkle.root(leaves, hash_of) == seal.root:
        return _check_kept_leaves(seal, leaves)
    return _differences(seal, rows, leaves, hash_of)


def _check_kept_leaves(seal: Seal, leaves: Sequence[bytes]) -> list[Finding]:
    if b"".join(leaves) == seal.leaves:
        return []
    says = f"The list of hashes of seal {seal.number} was changed; its entries were not."
    return [Finding("seal_changed", seal.number, (), says)]


def _differences(
    seal: Seal, rows: Sequence[Sequence[Any]], leaves: Sequence[bytes], hash_of: merkle.Hash
) -> list[Finding]:
    size = merkle.HASH_BYTES
    sealed = [seal.leaves[at : at + size] for at in range(0, len(seal.leaves), size)]
    span = f"entries {seal.after + 1} to {seal.last} (seal {seal.number}, {seal.sealed_at})"
    if merkle.root(sealed, hash_of) != seal.root or len(sealed) != seal.entries:
        says = f"Among {span} something was changed, and so was the seal."
        return [Finding("seal_changed", seal.number, (), says)]
    known = set(sealed)
    strange = tuple(row[0] for row, leaf in zip(rows, leaves, strict=True) if leaf not in known)
    gone = len(known - set(leaves))
    if len(rows) < len(sealed):
        says = f"Of {span} {len(sealed) - len(rows)} are gone"
        says += f"; changed: {_list(strange)}." if strange else "."
        return [Finding("entry_removed", seal.number, strange, says)]
    if len(rows) > len(sealed) or not gone:
        says = f"Among {span} {len(rows) - len(sealed)} were put in later: {_list(strange)}."
        return [Finding("entry_added", seal.number, strange, says)]
    says = f"Among {span} these are not what was sealed: {_list(strange)}."
    return [Finding("entry_changed", seal.number, strange, says)]


def _list(seqs: Sequence[int]) -> str:
    shown = ", ".join(map(str, seqs[:10]))
    return f"{shown} and {len(seqs) - 10} more" if len(seqs) > 10 else shown


def check_kept(kept: Kept, seal: Seal | None) -> list[Finding]:
    """A seal that somebody kept outside against the one of that number; None: there is none."""
    if seal is None:
        says = (
            f"Seal {kept.number} of {kept.sealed_at}, up to entry {kept.last}, was kept outside and"
            " is not in the database: the journal's end was cut off, or an older backup restored."
        )
        return [Finding("truncated", kept.number, (), says)]
    if seal.digest().hex() != kept.digest:
        says = f"Seal {kept.number} is another one than was kept outside: the chain was rewritten."
        return [Finding("rewritten", kept.number, (), says)]
    return []


async def verify(
    session: AsyncSession,
    viewer: Viewer,
    keys: PublicKeys,
    kept: Sequence[Kept] = (),
    tell: Callable[[Report], None] | None = None,
) -> Report:
    """Check the whole journal. ``tell`` hears of the progress after each seal.

    The session should be one transaction that sees one state (REPEATABLE READ), or a journal
    that is written meanwhile: what is added then is behind the last seal that was read.
    """
    report = Report()
    outside = {one.number: one for one in kept}
    reader = _Entries(session, viewer)
    before: Seal | None = None
    async for seal in repository.seals(session, viewer):
        rows = await reader.until(seal.last)
        report.add(check_chain(seal, before, keys))
        report.add(check_entries(seal, rows))
        if (one := outside.pop(seal.number, None)) is not None:
            report.add(check_kept(one, seal))
        report.seals, report.last, report.sealed_at = report.seals + 1, seal.last, seal.sealed_at
        report.entries += len(rows)
        before = seal
        if tell is not None:
            tell(report)
    for one in outside.values():
        report.add(check_kept(one, None))
    report.unsealed = await repository.count_unsealed(session, viewer, after=report.last)
    return report


class _Entries:
    """Entries in order, read in pages, given out up to a ``seq``."""

    def __init__(self, session: AsyncSession, viewer: Viewer) -> None:
        self._pages = self._read(session, viewer)
        self._ahead: list[Sequence[Any]] = []
        self._at = 0
        self._ended = False

    async def _read(
        self, session: AsyncSession, viewer: Viewer
    ) -> AsyncIterator[list[Sequence[Any]]]:
        after, limit = repository.BEFORE_ALL, repository.READ_ENTRIES
        while True:
            rows = await repository.entries(
                session, viewer, after=after, until=2**63 - 1, limit=limit
            )
            if rows:
                yield [tuple(row) for row in rows]
                after = rows[-1][0]
            if len(rows) < limit:
                return

    async def until(self, last: int) -> list[Sequence[Any]]:
        """All entries not yet given out with ``seq`` <= last."""
        while not self._ended and (not self._ahead or self._ahead[-1][0] <= last):
            page = await anext(self._pages, None)
            self._ended = page is None
            self._ahead, self._at = self._ahead[self._at :] + (page or []), 0
        end = bisect_right(self._ahead, last, lo=self._at, key=lambda row: row[0])
        taken, self._at = self._ahead[self._at : end], end
        return taken
