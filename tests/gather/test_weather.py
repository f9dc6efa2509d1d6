"""The weather of days: what files are read, what is taken in, corrected, and left as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from gather.test_import_cli import streetwise
from helpers import past_the_walls
from hypothesis import given
from hypothesis import strategies as st

from streetwise.gather import DayWeather, weather_days
from streetwise.gather.weather import BOUNDS, read_weather
from streetwise.gather.weather_actions import Put, put_weather
from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import Forbidden, Invalid
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer

SYSTEM = Viewer.system("test")
HEADER = "date,rain_mm,max_c,min_c,gust_ms\n"


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "weather.csv"
    path.write_bytes(text.encode(encoding))
    return path


# --- files ---------------------------------------------------------------------------------


def test_a_file_of_the_weather_office_is_read(tmp_path: Path) -> None:
    text = (
        "日期,降水量(mm),最高气温（℃）,最低气温,湿度\n"
        "2026/8/2,微量,31.5,缺测,60\n2026年8月1日,48.2,,22,70\n"
    )
    path = written(tmp_path, text, "gb18030")
    assert read_weather(path) == [
        DayWeather(date(2026, 8, 1), 48.2, None, 22.0, None),
        DayWeather(date(2026, 8, 2), 0.0, 31.5, None, None),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2026-02-30,1,2,1,3", "there is no day 2026-02-30"),
        ("yesterday,1,2,1,3", "'yesterday' is no date like 2026-08-01"),
        (",1,2,1,3", "'' is no date"),
        ("2026-08-02,wet,2,1,3", "rain_mm is 'wet', which is no number"),
        ("2026-08-02,inf,2,1,3", "rain_mm is 'inf', which is no number"),
        ("2026-08-02,-1,2,1,3", "rain_mm is -1; it lies between 0 and 2000"),
        ("2026-08-02,32766,2,1,3", "rain_mm is 32766"),
        ("2026-08-02,1,312,1,3", "max_c is 312; it lies between -90 and 60"),
        ("2026-08-02,1,2,3,3", "the warmest (2) is below the coldest (3)"),
        ("2026-08-01,1,2,1,3", "2026-08-01 stands in row 2 already"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_read(tmp_path: Path, row: str, says: str) -> None:
    path = written(tmp_path, f"{HEADER}2026-08-01,1,2,1,3\n{row}\n")
    with pytest.raises(Invalid) as refused:
        read_weather(path)
    assert "Nothing was taken in. row 3: " in refused.value.detail
    assert says in refused.value.detail


def test_many_bad_rows_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"2026-08-{day:02},x,,,\n" for day in range(1, 21))
    with pytest.raises(Invalid, match="and 15 more"):
        read_weather(written(tmp_path, HEADER + rows))


@pytest.mark.parametrize("text", ["day,humidity\n2026-08-01,3\n", "rain_mm\n3\n", HEADER])
def test_a_file_without_days_or_weather_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid):
        read_weather(written(tmp_path, text))


def _of(name: str) -> st.SearchStrategy[float | None]:
    least, most = BOUNDS[name]
    return st.none() | st.floats(least, most).map(lambda value: round(value, 1) + 0.0)


@given(
    st.dictionaries(
        st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        st.tuples(*(_of(name) for name in BOUNDS)),
        min_size=1,
        max_size=20,
    )
)
def test_what_can_be_weather_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, days: dict[date, tuple[float | None, ...]]
) -> None:
    some = []
    for day, (rain, one, other, gust) in sorted(days.items()):
        warm, cold = one, other
        if one is not None and other is not None:
            warm, cold = max(one, other), min(one, other)
        some.append(DayWeather(day, rain, warm, cold, gust))
    lines = [",".join("" if value is None else str(value) for value in one) for one in some]
    path = tmp_path_factory.mktemp("weather") / "w.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    assert read_weather(path) == some


# --- rows ----------------------------------------------------------------------------------


async def put(runtime: Runtime, *days: DayWeather, viewer: Viewer = SYSTEM) -> Put:
    async with runtime.database.unit_of_work(viewer) as uow:
        return await put_weather(uow, viewer, None, days, "气象站")


async def known(runtime: Runtime) -> list[DayWeather]:
    async with runtime.database.read(SYSTEM) as session:
        return await weather_days(session, SYSTEM, "home", date(1900, 1, 1), date(2100, 1, 1))


def told(runtime: Runtime) -> list[Any]:
    with past_the_walls(runtime) as connection:
        return connection.execute(
            "SELECT data - 'purpose' FROM journal WHERE action = 'weather.put' ORDER BY seq"
        ).fetchall()


async def test_days_are_taken_in_once_and_corrected(runtime: Runtime, clock: HandClock) -> None:
    today = clock.now().date()
    one, two = (DayWeather(today - timedelta(days=n), 1.0, 20.0, 9.0, 5.5) for n in (3, 2))
    assert await put(runtime, two, one) == Put(2, 0, 0)
    assert await put(runtime, one, two) == Put(0, 0, 2)
    assert len(told(runtime)) == 1, "what changes nothing leaves no entry"
    wetter = one._replace(rain_mm=48.0)
    assert await put(runtime, wetter, two) == Put(0, 1, 1)
    assert await known(runtime) == [wetter, two]
    day = one.day.isoformat()
    assert told(runtime)[1] == ({"new": 0, "corrected": 1, "first_day": day, "last_day": day},)


async def test_what_is_missing_takes_nothing_away(runtime: Runtime, clock: HandClock) -> None:
    day = clock.now().date() - timedelta(days=1)
    await put(runtime, DayWeather(day, rain_mm=3.0))
    assert await put(runtime, DayWeather(day, max_c=20.0)) == Put(0, 1, 0)
    assert await put(runtime, DayWeather(day)) == Put(0, 0, 1)
    assert await known(runtime) == [DayWeather(day, 3.0, 20.0, None, None)]


async def test_days_to_come_and_what_cannot_be_change_nothing(
    runtime: Runtime, clock: HandClock
) -> None:
    today = clock.now().date()
    good = DayWeather(today - timedelta(days=5), 1.0)
    for bad in (
        DayWeather(today + timedelta(days=2), 1.0),
        good._replace(day=today, rain_mm=-1.0),
        good,  # named twice
    ):
        with pytest.raises(Invalid):
            await put(runtime, good, bad)
    assert await known(runtime) == []
    assert told(runtime) == []


async def test_who_may_not_import_may_not_say_what_the_weather_was(runtime: Runtime) -> None:
    nobody = replace(SYSTEM, areas=frozenset({"home"}), can=frozenset({"case.read"}))
    with pytest.raises(Forbidden):
        await put(runtime, DayWeather(date(2020, 1, 1), 1.0), viewer=nobody)


async def test_another_area_is_not_seen(runtime: Runtime, clock: HandClock) -> None:
    await put(runtime, DayWeather(clock.now().date() - timedelta(days=1), 1.0))
    elsewhere = replace(SYSTEM, areas=frozenset({"elsewhere"}))
    async with runtime.database.read(elsewhere) as session:
        found = await weather_days(session, elsewhere, "home", date(1900, 1, 1), date(2100, 1, 1))
    assert found == []


async def test_the_command_says_what_it_did_or_why_not(runtime: Runtime, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}1969-08-01,48,33,22,9\n1969-08-02,,,,\n")
    done = streetwise(runtime, "import-weather", str(path))
    assert done.returncode == 0, done.stderr
    assert "2 days: 2 new, 0 corrected, 0 known already." in done.stderr
    again = streetwise(runtime, "import-weather", str(path), "--source", "区气象局")
    assert "0 new, 0 corrected, 2 known already." in again.stderr
    bad = written(tmp_path, f"{HEADER}1969-08-01,999999,33,22,9\n")
    refused = streetwise(runtime, "import-weather", str(bad))
    assert refused.returncode == 2
    assert "row 2: rain_mm is 999999" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (await known(runtime))[0].rain_mm == 48.0
