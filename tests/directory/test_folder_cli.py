"""`streetwise town load | export`: what it says and what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import seeing_all, tiny_town

from streetwise.cli import main
from streetwise.kernel.runtime import Urls
from streetwise.kernel.settings import Settings


def count(urls: Urls, table: str) -> int:
    with seeing_all(urls.app) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_dry_run_tells_a_load_does_and_an_export_gives_it_back(
    bare_urls: Urls, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREETWISE_HOME", str(settings.home))
    monkeypatch.setenv("STREETWISE_DATABASE_URL", bare_urls.app)
    monkeypatch.setenv("COLUMNS", "300")
    folder, out = tmp_path / "town", tmp_path / "out"
    tiny_town(folder)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["town", *arguments])
        return result.exit_code, result.output

    code, said = run("load", str(folder), "--dry-run")
    assert code == 0, said
    assert "7 new      Unit" in said
    assert count(bare_urls, "unit") == 0
    assert run("load", str(folder))[0] == 0
    units = folder / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("城管科", "城市管理科"), "utf-8")
    code, said = run("load", str(folder), "--dry-run")
    assert "changed unit dep1 城管科 name: 城管科 -> 城市管理科" in said
    assert "Nothing was changed." in said
    assert count(bare_urls, "directory_history WHERE op = 'changed'") == 0
    code, said = run("export", str(out))
    assert code == 0, said
    assert "城管科" in (out / "units.csv").read_text(encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "units.csv":
            assert (out / path.relative_to(folder)).read_bytes() == path.read_bytes()
    assert run("export", str(out))[0] == 2  # it is not empty now


def test_the_weather_that_a_folder_comes_with_is_taken_in(
    bare_urls: Urls, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREETWISE_HOME", str(settings.home))
    monkeypatch.setenv("STREETWISE_DATABASE_URL", bare_urls.app)
    folder = tmp_path / "town"
    tiny_town(folder)
    weather = folder / "history" / "weather.csv"
    weather.parent.mkdir()
    rows = "date,rain_mm,max_c\n1969-08-01,48,33\n2999-08-01,1,30\n"

    def load() -> int:
        return CliRunner().invoke(main, ["town", "load", str(folder)]).exit_code

    weather.write_text(rows + "1969-08-02,wet,33\n", encoding="utf-8")
    assert load() == 2
    assert count(bare_urls, "unit") == 0, "a folder is loaded whole or not at all"
    weather.write_text(rows, encoding="utf-8")
    assert load() == 0
    assert load() == 0
    assert count(bare_urls, "weather_day") == 1, "what is to come has no weather yet"
