"""Originals per second into the vault: seal, derive, index and store, in both profiles.

Measured: ``keep`` as an import calls it, 500 originals per transaction. Each is a complaint with
a mobile number in its text, and comes from a reporter who left another one: an item, its key
and two single values, and one key per reporter (2,000 of them). So one original is four rows and
four sealings. The values of the text come with the original: masking has found them, and its
own benchmark times that. ``vault.bare``: originals without any value, as most notes are.

Baseline: the same originals and values COPYed unsealed into tables with the same columns and
indexes, in the same batches, with a commit each.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg

from bench.meter import Spent, median
from bench.report import Row, row
from bench.street import Bench
from streetwise.kernel.crypto_providers import Profile
from streetwise.kernel.ids import new_ids
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.fields import contact_values, values_in
from streetwise.privacy.keeping import Original, keep

GOAL = "value >= 5000"
BASELINE = "the same rows COPYed unsealed"
BATCH = 500
REPORTERS = 2000
VIEWER = Viewer.system("bench")
TEXT = (
    "市民来电反映，家住梧桐路旁，楼下的路灯已经坏了三天，晚上出门看不清路，老人孩子都不方便，"
    "曾多次向物业反映未得到处理，请尽快派人维修并回复，联系电话{}，谢谢。"
)

_TABLES = """
CREATE TABLE plain_item (id uuid PRIMARY KEY, kind text, reporter_id uuid, sealed bytea,
                         stored_at timestamptz);
CREATE INDEX ON plain_item (reporter_id) WHERE reporter_id IS NOT NULL;
CREATE TABLE plain_field (item_id uuid REFERENCES plain_item, n int, kind text, grade smallint,
                          place text, at int, sealed bytea, blind_index bytea,
                          PRIMARY KEY (item_id, n));
CREATE INDEX ON plain_field (blind_index) WHERE blind_index IS NOT NULL;
"""


def run(bench: Bench) -> list[Row]:
    """Both profiles with values, and bare originals."""
    bench.ready()
    count = bench.size(20_000, 2_000)
    with_values = _originals(count, values=True)
    bare = _originals(count, values=False)
    return [
        *_compare(bench, "vault", with_values, "aes", GOAL),
        *_compare(bench, "vault.bare", bare, "aes", GOAL),
        *_compare(bench, "vault.sm", with_values, "sm", None),
    ]


def _originals(count: int, *, values: bool) -> list[Original]:
    found = []
    for n, item in enumerate(new_ids(count)):
        text = TEXT.format(f"138{n:08}" if values else "见附件")
        contact = f"139{n % REPORTERS:08}" if values else None
        payload: dict[str, Any] = {"title": "路灯不亮", "text": text, "reporter": contact}
        known = tuple(values_in({"text": text})) if values else ()  # as masking leaves them
        found.append(Original(item, "signal", payload, {}, contact, known))
    return found


def _compare(
    bench: Bench, name: str, originals: Sequence[Original], profile: Profile, goal: str | None
) -> list[Row]:
    ours, theirs = [], []
    for number in range(bench.size(3, 1)):
        bench.note(f"{name}: {len(originals)} originals, {number + 1}")
        with bench.database() as urls:
            ours.append(asyncio.run(_keep(bench, urls.app, originals, profile)))
            assert urls.owner is not None
            theirs.append(_copy(bench, urls.owner, originals))
    count = len(originals)
    wall = [count / median([one.wall for one in found]) for found in (ours, theirs)]
    cpu = [count / median([one.cpu for one in found]) for found in (ours, theirs)]
    return [
        row(name, wall[0], "items/s", baseline=(BASELINE, wall[1]), goal=goal),
        row(f"{name}.cpu", cpu[0], "items/CPU s", baseline=(BASELINE, cpu[1])),
    ]


async def _keep(bench: Bench, url: str, originals: Sequence[Original], profile: Profile) -> Spent:
    async with open_runtime(bench.settings, url) as opened:
        runtime = replace(opened, keys=opened.keys.with_profiles(seals=profile, hashes=profile))
        with bench.spent() as took:
            for start in range(0, len(originals), BATCH):
                async with runtime.database.unit_of_work(VIEWER) as uow:
                    await keep(uow, runtime.keys, originals[start : start + BATCH])
        return took


def _copy(bench: Bench, owner_url: str, originals: Sequence[Original]) -> Spent:
    with psycopg.connect(**conninfo(owner_url)) as connection:
        connection.execute(_TABLES.encode())
        connection.commit()
        with bench.spent() as took:
            for start in range(0, len(originals), BATCH):
                _copy_batch(connection, originals[start : start + BATCH])
                connection.commit()
        return took


def _copy_batch(connection: psycopg.Connection[Any], originals: Sequence[Original]) -> None:
    reporter: UUID = originals[0].id
    with connection.cursor() as cursor:
        with cursor.copy("COPY plain_item (id, kind, reporter_id, sealed) FROM STDIN") as copy:
            for one in originals:
                plain = json.dumps(one.payload, ensure_ascii=False).encode()
                copy.write_row((one.id, one.kind, reporter if one.contact else None, plain))
        with cursor.copy(
            "COPY plain_field (item_id, n, kind, grade, place, at, sealed, blind_index) FROM STDIN"
        ) as copy:
            for one in originals:
                values = [*(one.found or ()), *contact_values(one.contact)]
                for n, found in enumerate(values, start=1):
                    plain = found.value.encode()
                    copy.write_row((one.id, n, found.kind, 3, found.place, found.at, plain, plain))
