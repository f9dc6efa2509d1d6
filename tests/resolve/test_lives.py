"""A real city's requests live their lives again through the loop, and none is lost or doubled."""

from __future__ import annotations

import pytest
from helpers import past_the_walls

from bench import lived as looked
from bench import lives
from streetwise.kernel.runtime import Runtime

COUNT, REPLAYED = 60, 20

pytestmark = pytest.mark.skipif(
    not lives.FILE.exists(), reason=f"{lives.FILE} is not here: Boston's requests of 2011"
)


async def test_every_request_is_closed_at_its_own_time(runtime: Runtime) -> None:
    told = lives.read(lives.FILE, COUNT)
    lived = await lives.live(runtime, told)
    found = await looked.account(runtime, told, REPLAYED)
    assert found.wrong == []
    assert found.own + found.joined == COUNT
    assert found.closed + found.with_others + found.open == COUNT
    assert found.open == sum(life.closed is None for life in told)
    # What is closed on its own is closed in its own second, so nearly all of them.
    assert found.closed > 0.9 * (COUNT - found.open)
    assert found.replayed >= REPLAYED
    assert min(lived.steps["bulk"], lived.steps["closing"]) > COUNT
    assert await looked.again(runtime, told) == (0, COUNT)

    # And the account would have said so.
    with past_the_walls(runtime) as connection:
        row = connection.execute(
            "SELECT id FROM cases WHERE area = 'boston' AND state = 'closed' ORDER BY id LIMIT 1"
        ).fetchone()
        assert row is not None
        moved = "UPDATE cases SET closed_at = closed_at + interval '1 second' WHERE id = %s"
        connection.execute(moved, row)
    assert len((await looked.account(runtime, told, REPLAYED)).wrong) == 1
    with past_the_walls(runtime) as connection:
        connection.execute("DELETE FROM case_signal WHERE case_id = %s", row)
        # Replayed is every case: this one's journal does not tell of a change past the product.
        connection.execute("UPDATE cases SET reworked = 1 WHERE id = %s", row)
    wrong = (await looked.account(runtime, told, COUNT)).wrong
    assert [one.partition(": ")[2] for one in wrong] == [
        "0 cases", "nobody's", "its journal tells another story",
    ]  # fmt: skip
