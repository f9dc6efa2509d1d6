"""`streetwise import`: does it whole and exits with 0, or says a sentence and exits with 2."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from gather.test_import_api import ROWS, as_csv
from helpers import past_the_walls
from programs import of_home, run

from streetwise.kernel.runtime import Runtime

SECONDS = 120


def streetwise(
    runtime: Runtime, *arguments: str, fresh: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the command on the test's own database and home."""
    environment = of_home(runtime.settings.home, runtime.database.url)
    return run(arguments, environment, SECONDS, fresh=fresh)


def numbers(runtime: Runtime) -> tuple[int, ...]:
    with past_the_walls(runtime) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM import_batch), (SELECT count(*) FROM signal),"
            " (SELECT count(*) FROM cases), (SELECT count(*) FROM triage_queue)"
        ).fetchone()
    assert row is not None
    return tuple(row)


async def test_a_file_is_imported_and_triaged_when_it_returns(
    runtime: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "来件.csv"
    path.write_bytes(as_csv(ROWS))
    first = streetwise(runtime, "import", str(path), "--mapping", "street-reports", fresh=True)
    assert first.returncode == 0, first.stderr
    assert "4 rows: 3 new, 0 known already, 1 in quarantine." in first.stderr
    assert numbers(runtime) == (1, 3, 3, 0)
    again = streetwise(runtime, "import", str(path), "--mapping", "street-reports")
    assert again.returncode == 0, again.stderr
    assert "0 new, 3 known already" in again.stderr
    assert numbers(runtime) == (2, 3, 3, 0)
    for done in (first, again):
        assert "13800138000" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("content", "mapping", "sentence"),
    [
        (None, "street-reports", "There is no file"),
        (b"", "street-reports", "The file holds nothing"),
        (b"a,b\n1,2\n", "street-reports", "The file lacks the column(s) 编号"),
        (b"%PDF-1.7 nothing", "street-reports", "."),
        (as_csv(ROWS), "made-up", "There is no mapping 'made-up'; there are: boston-311"),
    ],
    ids=["missing", "empty", "columns", "pdf", "mapping"],
)
async def test_bad_input_is_said_in_a_sentence(
    runtime: Runtime, tmp_path: Path, content: bytes | None, mapping: str, sentence: str
) -> None:
    path = tmp_path / "f.csv"
    if content is not None:
        path.write_bytes(content)
    done = streetwise(runtime, "import", str(path), "--mapping", mapping)
    assert done.returncode == 2
    assert "✗" in done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert numbers(runtime) == (0, 0, 0, 0)
