"""A process that only works knows all that a server knows, without the server's routes."""

from __future__ import annotations

import json
import subprocess
import sys

#: Once before the server is imported, and once after.
SCRIPT = """
import json, sys
from streetwise.web import rooms
from streetwise.kernel import hooks, jobs, journal
from streetwise.kernel.backup import contents
from streetwise.kernel.database import Base
from streetwise.resolve.scores import estimates

def known():
    registries = {
        "jobs": jobs.HANDLERS, "periodic": jobs.PERIODIC, "one_waits": jobs.ONE_WAITS,
        "given_up": jobs.GIVEN_UP, "entries": journal.ACTIONS, "tables": Base.metadata.tables,
        "key_tables": contents.KEY_TABLES, "left_out": contents.LEFT_OUT, "about": contents.ABOUT,
    }
    found = {name: sorted(registry) for name, registry in registries.items()}
    found["estimates"] = sorted(source.__qualname__ for source in estimates._SOURCES)
    for name, registered in sorted(hooks._registered.items()):
        found[f"hook {name}"] = sorted(f"{one.__module__}.{one.__qualname__}" for one in registered)
    return found

works, routes = known(), "fastapi" in sys.modules
import streetwise.web.server
print(json.dumps({"works": works, "serves": known(), "routes": routes}))
"""


def test_a_worker_knows_what_a_server_knows_and_carries_no_routes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120
    )
    found = json.loads(done.stdout)
    assert len(found["serves"]["jobs"]) > 10
    assert found["serves"]["hook signals.stored"]
    assert found["works"] == found["serves"]
    assert not found["routes"]
