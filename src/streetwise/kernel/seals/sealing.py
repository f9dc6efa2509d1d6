"""Sealing what was written since the last seal, and keeping the head of the chain outside."""

from __future__ import annotations

import asyncio
import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from streetwise.kernel import arriving, logs
from streetwise.kernel.errors import Invalid
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.seals import repository
from streetwise.kernel.seals.seal import Seal, batch, signed
from streetwise.kernel.seals.signing import Signer, load_signer
from streetwise.kernel.viewer import Viewer

log = logs.get(__name__)

SEAL_JOB = "journal.seal"
#: Most entries under one seal: an import's thousands are sealed in batches of this.
BATCH_ENTRIES = 1000
HEAD_FILE = "journal-head.json"
SYSTEM = Viewer.system("seal")
#: No ``seq`` is greater.
_LAST_POSSIBLE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands of a seal outside the database: enough to know it again."""

    number: int
    last: int
    digest: str
    sealed_at: str
    key_id: str
    signature: str

    @classmethod
    def of(cls, seal: Seal) -> Kept:
        """What to keep of a seal."""
        return cls(
            seal.number,
            seal.last,
            seal.digest().hex(),
            seal.sealed_at.isoformat(),
            seal.key_id,
            seal.signature.hex(),
        )

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps({name: getattr(self, name) for name in Kept.__slots__})


@job(SEAL_JOB, every=lambda settings: settings.journal_seal_seconds)
async def seal_journal(runtime: Runtime) -> None:
    """Seal everything that is committed; again: nothing to do.

    Much at once (years of records were imported) is sealed slowly: people are at work beside it.
    While an invented past is still arriving, nothing is: its entries come below those of today.
    In a real street no file can stop the sealing.
    """
    if runtime.database.clock.simulated and arriving.share(runtime.settings.home) is not None:
        return
    await seal_all(runtime, entries_per_second=runtime.settings.journal_seal_entries_per_second)


async def seal_all(runtime: Runtime, *, entries_per_second: float = math.inf) -> int:
    """Seal what is not yet sealed, so quickly at most; the number of seals made."""
    signer: Signer | None = None
    made = 0
    while True:
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            if not await repository.only_sealer(uow.session):
                return made
            before = await repository.newest(uow.session, SYSTEM)
            rows = await repository.entries(
                uow.session,
                SYSTEM,
                after=before.last if before else repository.BEFORE_ALL,
                until=_LAST_POSSIBLE,
                limit=BATCH_ENTRIES,
            )
            if not rows:
                return made
            # Who sealed before and has lost the key must say so, not begin with another.
            signer = signer or load_signer(runtime.settings.secrets_path, create=before is None)
            seal = batch(
                rows,
                before,
                hash_name="sm3" if runtime.keys.hashing.profile == "sm" else "sha256",
                at=await repository.wall_time(uow.session),
                key_id=signer.key_id,
            )
            seal = signed(seal, signer.sign(seal.digest()))
            repository.add(uow.session, seal)
        made += 1
        write_head(runtime.settings.home, Kept.of(seal))
        if len(rows) < BATCH_ENTRIES:
            return made
        await asyncio.sleep(len(rows) / entries_per_second)


def write_head(home: Path, kept: Kept) -> None:
    """Keep the newest seal beside the database: who cuts off the journal's end is found out.

    After the commit: a file that is one seal behind says too little, never something wrong.
    """
    path = home / HEAD_FILE
    temporary = path.with_name(f".{HEAD_FILE}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(kept.line() + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def put_head_aside(home: Path) -> Path | None:
    """Give the kept head another name, when another journal takes its place; its new path.

    It stays, for it tells how far the journal once went.
    """
    path = home / HEAD_FILE
    kept = read_kept(path)
    if not kept:
        return None
    aside = path.with_name(f"{path.stem}-before-restore-{kept[0].last}{path.suffix}")
    path.replace(aside)
    return aside


def read_kept(path: Path) -> list[Kept]:
    """Seals that were kept outside, one a line; none when there is no file. Raises Invalid."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        return [Kept(**_checked(json.loads(line))) for line in lines if line.strip()]
    except (ValueError, TypeError, KeyError) as error:
        raise Invalid(
            f"{path} does not hold seals as `streetwise journal export` writes them.",
            code="kept_seals_unreadable",
        ) from error


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    datetime.fromisoformat(found["sealed_at"])
    return {name: found[name] for name in Kept.__slots__}


def lines(seals: Iterable[Seal]) -> Iterable[str]:
    """Seals as lines for an outside keeper."""
    return (Kept.of(seal).line() + "\n" for seal in seals)
