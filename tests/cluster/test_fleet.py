"""Two Ray nodes on this machine, one of which is killed: nothing stays unwatched or is doubled.

A target of its own (``make cluster``), skipped where the extra is not installed.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from discover.engine.clips import file
from discover.engine.test_shard import (
    PATIENCE_SECONDS,
    QUICK,
    Heard,
    models,
    remembered,
    watched,
)

ray = pytest.importorskip("ray", reason="streetwise[cluster] is not installed")

from streetwise.discover.cluster import Fleet, FleetRules  # noqa: E402
from streetwise.discover.engine.shard import ShardSettings  # noqa: E402

__all__ = ["models"]

CAMERAS = 6
UNWATCHED_SECONDS = 30


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head and a second node."""
    # A busy machine takes its time to start one.
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "120")
    from ray.cluster_utils import Cluster

    made = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 10**8}
    )
    made.add_node(num_cpus=1, object_store_memory=10**8)
    ray.init(address=made.address, logging_level="ERROR", log_to_driver=False)
    try:
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


async def both_there(fleet: Fleet) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(fleet.members) < 2:
            await asyncio.sleep(0.1)


async def test_a_node_that_dies_leaves_no_camera_unwatched_and_no_finding_doubled_or_lost(
    cluster: Any, models: Path, tmp_path: Path
) -> None:
    heard = Heard()
    settings = ShardSettings(models, ("small",), "Asia/Shanghai", eyes=1, scenes=(QUICK,))
    fleet = Fleet(settings, heard, FleetRules(nodes_seconds=0.5))
    running = asyncio.create_task(fleet.run())
    try:
        # Both are there before they are given cameras: none moves while it is first looked at.
        await both_there(fleet)
        fleet.watch(watched(file(tmp_path, seconds=3), CAMERAS))
        await heard.until(lambda: len(remembered(heard)) == CAMERAS)
        assert sorted(fleet.members.values()) == [CAMERAS // 2, CAMERAS // 2]

        head = ray.get_runtime_context().get_node_id()
        lost = [name for name in fleet.members if name != head]
        cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
        died = time.monotonic()
        stood = len(heard.of("looked"))

        def all_looked_at() -> bool:
            looked = Counter(one.fields["camera"] for one in heard.of("looked")[stood:])
            # More than once: the first may have been under way when the node died.
            return len(looked) == CAMERAS and min(looked.values()) >= 3

        await heard.until(all_looked_at)
        assert time.monotonic() - died < UNWATCHED_SECONDS
        assert lost[0] not in fleet.members
        assert list(fleet.members.values()) == [CAMERAS]
        found = Counter(one.fields["camera"] for one in heard.of("opened"))
        assert found == {f"c{number}": 1 for number in range(CAMERAS)}
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
