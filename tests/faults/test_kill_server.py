"""kill -9 of the server: in the middle of an import, and of an officer's action."""

from __future__ import annotations

import random
import threading
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from faults.street import (
    CommitsHeld,
    Street,
    check_cases,
    check_import,
    finished,
    until,
    upload,
    write_reports,
)

ROWS = 700


def rows_read(street: Street) -> int:
    found = street.ask("SELECT rows_read FROM import_batch")
    return found[0][0] if found else 0


def has_read(street: Street, point: int) -> bool:
    return rows_read(street) >= point


def test_an_import_goes_on_by_itself_after_every_kill(street: Street, tmp_path: Path) -> None:
    """Killed at random points and once just before a commit, and once stopped politely: the
    end is as if nothing had been.
    """
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    path = tmp_path / "reports.csv"
    good = write_reports(path, ROWS)
    street.serve()
    upload(street, path)
    until(lambda: rows_read(street) >= ROWS * 0.05, "rows are read")
    street.stop()
    street.serve()
    until(lambda: rows_read(street) >= ROWS * 0.1, "rows are read")
    with CommitsHeld(street) as held:
        # Signals, originals and the count are written, and not yet committed.
        held.wait_for_one()
        street.kill()
    for share in (0.2, 0.5):
        street.serve()
        point = int(ROWS * (share + chance.random() * 0.2))
        until(partial(has_read, street, point), f"{point} rows are read")
        street.kill()
    street.serve()
    until(lambda: finished(street), "the import finishes by itself")
    check_import(street, good)
    check_cases(street)
    # The file once more: everything is known.
    upload(street, path)
    until(lambda: finished(street), "the second import finishes")
    last = street.ask("SELECT rows_new, rows_known FROM import_batch ORDER BY created_at DESC")[0]
    assert last == (0, len(good))


def one_case(street: Street, tmp_path: Path) -> dict[str, Any]:
    """The one case of a new import, as the dispatcher sees it."""
    path = tmp_path / "one.csv"
    write_reports(path, 1)
    upload(street, path)
    until(lambda: finished(street), "the import finishes")
    with street.client() as client:
        (case,) = client.get("/cases").json()["items"]
    found: dict[str, Any] = case
    return found


def accept(client: httpx.Client, case: dict[str, Any]) -> httpx.Response:
    return client.post(
        f"/cases/{case['id']}/actions/accept",
        json={"note": "已联系 13800138000"},
        headers={"If-Match": f'"{case["version"]}"'},
    )


def accept_in_background(
    client: httpx.Client, case: dict[str, Any], answers: list[Any]
) -> threading.Thread:
    def run() -> None:
        try:
            answers.append(accept(client, case).status_code)
        except httpx.HTTPError as error:
            answers.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_an_action_killed_before_its_commit_never_was(street: Street, tmp_path: Path) -> None:
    street.serve()
    case = one_case(street, tmp_path)
    answers: list[Any] = []
    with street.client() as client:
        with CommitsHeld(street) as held:
            officer = accept_in_background(client, case, answers)
            held.wait_for_one()
            street.kill()
        officer.join()
    assert answers and not isinstance(answers[0], int)  # the officer was not told that it is done
    street.serve()
    assert street.ask("SELECT state, version FROM cases") == [("received", 1)]
    assert street.ask("SELECT count(*) FROM note") == [(0,)]
    check_cases(street)
    # The version that she decided on is still the right one: she clicks again.
    with street.client() as client:
        assert accept(client, case).status_code == 200
    assert street.ask("SELECT state, version FROM cases") == [("accepted", 2)]
    check_cases(street)


@pytest.mark.parametrize("delay", [0, 1])
def test_an_action_killed_at_any_moment_was_done_whole_or_not_at_all(
    street: Street, tmp_path: Path, delay: int
) -> None:
    """Killed while requests are under way; whoever was told "done" finds it done."""
    street.serve()
    case = one_case(street, tmp_path)
    answers: list[Any] = []
    with street.client() as client:
        officers = [accept_in_background(client, case, answers) for _ in range(4)]
        until(lambda: len(answers) >= delay, "requests are under way")
        street.kill()
        for officer in officers:
            officer.join()
    street.serve()
    ((state, version),) = street.ask("SELECT state, version FROM cases")
    assert (state, version) in (("received", 1), ("accepted", 2))
    if 200 in answers:
        assert state == "accepted"
    assert answers.count(200) <= 1
    check_cases(street)
