"""Make the pictures of README and guide: docs/img/*.png at 1366 × 768, at most 300 KB each.

    python scripts/screenshots.py                        drive a demo at http://127.0.0.1:8700
    python scripts/screenshots.py --url http://…         drive that one
    python scripts/screenshots.py --start                start a demo of its own, stop it afterwards
    python scripts/screenshots.py --only commander       those whose names begin so

A demo that has run for some minutes has photos at its cases; a new one has none yet.
The pictures of scores, process and speed want one whose older past has arrived and was counted.
The import's picture takes a small file of invented reports in; on the same day again adds nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.guide_shots import SHOTS, Shot  # noqa: E402 - run as a file, too

IMAGES = ROOT / "docs" / "img"
WIDTH, HEIGHT = 1366, 768
MAX_BYTES = 300 * 1024
#: All colours if the file is small enough, else so many: the commonest, and some for the rest.
COLOURS = ((192, 64), (96, 32))
PASSWORD = "streetwise-demo"
BROWSERS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 900
SETTLE_MS = 1200

Theme = Literal["light", "dark"]
Show = Callable[[Page, str], None]

#: Invented: reports of yesterday (clock, channel, title, text), two of them wrong on purpose.
REPORTS = (
    ("08:05", "grid_worker", "柿园公园东门垃圾桶满溢", "桶满溢出，周边有散落。"),
    ("08:20", "wechat", "路灯不亮", "木樨街中段两盏路灯不亮，电话 13900001111。"),
    ("08:41", "hotline12345", "楼道堆放杂物", "二单元楼道堆放杂物，影响通行。"),
    ("上午九点", "street_hotline", "井盖松动", "车辆经过时响声很大。"),
    ("09:10", "grid_worker", "", ""),
    ("09:26", "grid_worker", "人行道地砖松动", "桑园路西侧地砖松动，雨天溅水。"),
)


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8700")
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--only", metavar="BEGINNING", default="")
    chosen = parser.parse_args()
    with _own_demo() if chosen.start else contextlib.nullcontext(chosen.url) as url:
        if not _answers(url):
            print(f"No demo answers at {url}: run make demo, or use --start.", file=sys.stderr)
            return 2
        IMAGES.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_browser(), args=ARGUMENTS)
            try:
                take_all(browser, url, chosen.only)
            finally:
                browser.close()
    return 0


def take_all(browser: Browser, url: str, beginning: str = "") -> None:
    """Each picture whose name begins so, in a fresh browser context."""
    for name, theme, take in (*FRONT, *((shot.name, "light", _guide(shot)) for shot in SHOTS)):
        if name.startswith(beginning):
            with _page(browser, theme) as page:
                take(page, url)
                _take(page, name)


def _guide(shot: Shot) -> Show:
    """Signed in, with the errors of its page said."""

    def complain(said: ConsoleMessage) -> None:
        if said.type == "error":
            print(f"{shot.name}: {said.text}")

    def show(page: Page, url: str) -> None:
        _sign_in(page, url, shot.login)
        page.on("pageerror", lambda error: print(f"{shot.name}: {error}"))
        page.on("console", complain)
        shot.show(page, url)

    return show


def _door(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("demo-dispatcher").wait_for()


def _overview(page: Page, url: str) -> None:
    _sign_in(page, url, "dispatcher")
    page.locator("[data-map-ready=true]").wait_for()
    page.get_by_test_id("needs-me-row").first.wait_for()


def _cases(page: Page, url: str) -> None:
    _sign_in(page, url, "dispatcher")
    page.goto(f"{url}/cases?state=open")
    page.get_by_test_id("case-count").wait_for()
    page.keyboard.press("j")


def _telling_case(page: Page, url: str) -> None:
    _sign_in(page, url, "inspector")
    page.goto(f"{url}/cases/{_a_telling_case(page, url)}")
    page.get_by_test_id("timeline-entry").first.wait_for()
    page.locator("[data-map-ready=true]").wait_for()


@contextlib.contextmanager
def _page(browser: Browser, theme: Theme) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    preferences = json.dumps(json.dumps({"theme": theme, "language": "zh-CN", "area": ""}))
    context.add_init_script(f"localStorage.setItem('streetwise.preferences', {preferences})")
    try:
        yield context.new_page()
    finally:
        context.close()


def _sign_in(page: Page, url: str, login: str) -> None:
    page.goto(url)
    page.get_by_test_id("login").fill(login)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("sign-in").click()
    page.get_by_test_id("viewer-menu").wait_for()


def _a_telling_case(page: Page, url: str) -> str:
    """A located case with photos that waits for its check, or the nearest to that."""
    answer = page.request.get(f"{url}/api/v1/cases?state=reported&state=verified&limit=200")
    rows: list[dict[str, Any]] = answer.json()["items"]

    def worth(row: dict[str, Any]) -> tuple[bool, ...]:
        waits, known = row["state"] == "reported", row["category"] and row["grid"]
        return waits, row["photos"] > 0, bool(known), row["due_at"] is not None

    return str(max(rows, key=worth)["id"])


def _import(page: Page, url: str) -> None:
    _sign_in(page, url, "data_steward")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["编号", "渠道", "时间", "标题", "内容", "经度", "纬度"])
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    for number, (clock, channel, title, words) in enumerate(REPORTS, start=1):
        writer.writerow(
            [f"{day:%m%d}-{number}", channel, f"{day} {clock}:00", title, words, "", ""]
        )
    content = text.getvalue().encode()
    page.goto(f"{url}/imports")
    page.get_by_test_id("import-mapping").click()
    page.keyboard.type("街道来件")
    page.keyboard.press("Enter")
    page.get_by_test_id("import-file").set_input_files(
        {"name": "网格巡查日报.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_test_id("import-start").click()
    page.locator("[data-testid=import-progress][data-state=done]").wait_for()
    page.get_by_test_id("show-quarantine").first.click()
    page.get_by_test_id("quarantine").wait_for()


#: The pictures of README and of the first guide.
FRONT: tuple[tuple[str, Theme, Show], ...] = (
    ("sign-in", "light", _door),
    ("overview", "light", _overview),
    ("overview-dark", "dark", _overview),
    ("cases", "light", _cases),
    ("case", "light", _telling_case),
    ("import", "light", _import),
)


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MS)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = IMAGES / f"{name}.png"
    picture.save(path, optimize=True)
    for common, rare in COLOURS:
        if path.stat().st_size > MAX_BYTES:
            _with_fewer_colours(picture, common, rare).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def _with_fewer_colours(picture: Image.Image, common: int, rare: int) -> Image.Image:
    """Surfaces and marks keep their exact colours; in-between ones go to the nearest."""
    counted = picture.getcolors(picture.width * picture.height) or []
    commonest = sorted(counted, key=lambda item: -item[0])[:common]
    spread = picture.quantize(rare, Image.Quantize.MAXCOVERAGE).getpalette() or []
    flat = [value for _, colour in commonest for value in cast(tuple[int, ...], colour)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(flat + spread[: rare * 3])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise SystemExit("There is no Chromium: scripts/chromium.sh says how to get one.")
    return found


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v1/about", timeout=5) as answer:
            return bool(json.load(answer)["demo"])
    except (urllib.error.URLError, OSError, ValueError):
        return False


@contextlib.contextmanager
def _own_demo() -> Iterator[str]:
    """A demo in a folder of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="sw-screenshots-"))
    # The database's own user must be able to walk in.
    home.chmod(0o755)
    demo = subprocess.Popen(
        [str(Path(sys.executable).with_name("streetwise")), "demo", "--port", str(port)],
        env={**os.environ, "STREETWISE_HOME": str(home)},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            if demo.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The demo did not start.")
            time.sleep(1)
        yield url
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(60)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
