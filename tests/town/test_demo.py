"""The demo itself is walked in the browser tests; here is what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from streetwise.cli import main
from streetwise.kernel.postgres_engine import Address, PostgresPaths, State, started, write_state


@pytest.mark.parametrize("fresh", [[], ["--fresh"]])
def test_a_second_demo_of_a_street_is_refused_and_the_first_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: list[str]
) -> None:
    paths = PostgresPaths(tmp_path / "demo-1")
    paths.home.mkdir()
    write_state(paths.state, State(Address("/", 1), os.getpid(), started(os.getpid())))
    monkeypatch.setenv("STREETWISE_HOME", str(tmp_path))
    result = CliRunner().invoke(main, ["demo", "--port", "0", *fresh])
    assert result.exit_code == 2
    assert "runs already" in result.output
    assert paths.state.exists()
