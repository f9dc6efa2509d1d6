"""The pages that the guides of docs/guide show, as scripts/screenshots.py is to take them.

A shot signs in as somebody, opens a page and waits until it shows what the guide talks of. What it
needs of the street (a case that waits to be dispatched, a hazard to be re-checked) it asks of the
API, as that person, and takes the first that tells most; nothing is sent but one thing: where no
baseline is frozen, the first half of the past is, since that page has nothing to show without one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

#: How sure a browser is of its place, as a telephone outdoors.
METRES_SURE = 12.0
#: So far from the case's place the photo is taken, in degrees of latitude: some 13 m.
BESIDE = 0.00012
#: Days of a past that is long enough to be compared with its second half.
HALVES_FROM = 60


@dataclass(frozen=True)
class Shot:
    """A picture ``docs/img/{name}.png``: who looks, and how the page comes to show it."""

    name: str
    login: str
    show: Callable[[Page, str], None]


def _ask(page: Page, url: str, path: str) -> Any:
    answer = page.request.get(f"{url}/api/v1/{path}")
    if not answer.ok:
        raise SystemExit(f"{path}: {answer.status} {answer.text()[:200]}")
    return answer.json()


def _first(rows: list[dict[str, Any]], what: str, worth: Callable[[dict[str, Any]], Any]) -> str:
    """The id of the row that tells most; says plainly what the demo has none of."""
    if not rows:
        raise SystemExit(f"This demo has {what} nowhere: let it run for a while.")
    return str(max(rows, key=worth)["id"])


def _case(page: Page, url: str, state: str) -> str:
    rows = _ask(page, url, f"cases?state={state}&limit=200")["items"]

    def worth(row: dict[str, Any]) -> tuple[bool, bool, bool, str]:
        """Known and seen; of several the newest."""
        known = bool(row["category"] and row["grid"])
        return known, row["photos"] > 0, row["due_at"] is not None, row["opened_at"]

    return _first(rows, f"a case that is {state}", worth)


def _open_case(page: Page, url: str, case: str) -> None:
    page.goto(f"{url}/cases/{case}")
    page.get_by_test_id("timeline-entry").first.wait_for()
    page.get_by_test_id("action-bar").wait_for()


def _into_view(part: Locator) -> None:
    """Its upper edge at the upper edge of what scrolls."""
    part.wait_for()
    part.evaluate("element => element.scrollIntoView({ block: 'start' })")


# --- the dispatcher -----------------------------------------------------------------------


def _duty(page: Page, url: str) -> None:
    page.goto(f"{url}/duty")
    page.get_by_test_id("duty-people").wait_for()


def _dispatch(page: Page, url: str) -> None:
    _open_case(page, url, _case(page, url, "accepted"))
    page.get_by_test_id("action-dispatch").click()
    page.get_by_test_id("unit-why").or_(page.get_by_test_id("unit-asks")).first.wait_for()


def _bulk(page: Page, url: str) -> None:
    page.goto(f"{url}/cases?state=accepted")
    page.get_by_test_id("dispatch-all").click()
    page.get_by_test_id("dispatch-sum").wait_for()
    closed = page.locator("[data-testid=dispatch-group]:not([open]) summary")
    if closed.count():
        closed.first.click()


def _reconcile(page: Page, url: str) -> None:
    page.goto(f"{url}/orders")
    page.get_by_test_id("orders-tab-reconcile").click()
    page.get_by_test_id("reconcile-panel").wait_for()


# --- the inspector ------------------------------------------------------------------------


def _to_verify(page: Page, url: str) -> None:
    page.goto(f"{url}/cases?state=reported")
    page.get_by_test_id("case-count").wait_for()
    page.keyboard.press("j")


def _why_checked(page: Page, url: str) -> None:
    _open_case(page, url, _case(page, url, "reported"))
    _into_view(page.get_by_test_id("check-panel"))


def _check(page: Page, url: str) -> None:
    """At the place, with the unit's own photo taken again from beside it; nothing is sent."""
    case = _case(page, url, "reported")
    check = _ask(page, url, f"cases/{case}/check")
    if check["lat"] is not None:
        page.context.grant_permissions(["geolocation"], origin=url)
        page.context.set_geolocation(
            {"latitude": check["lat"] + BESIDE, "longitude": check["lon"], "accuracy": METRES_SURE}
        )
    _open_case(page, url, case)
    page.get_by_test_id("action-verify-pass").click()
    page.get_by_test_id("verify-form").wait_for()
    for point in page.get_by_test_id("closing-point").all()[:1]:
        point.click()
    shown = page.locator(".ca-photo img").first
    if shown.count():
        picture = page.request.get(f"{url}{shown.get_attribute('src')}").body()
        page.get_by_test_id("photo-input").set_input_files(
            {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture}
        )
        page.get_by_test_id("photo-places").wait_for()


def _call_back(page: Page, url: str) -> None:
    """Somebody whom the lot fell on; else whoever told of a case that has passed its check."""
    rows = _ask(page, url, "call-backs")["items"]
    _open_case(page, url, rows[0]["case_id"] if rows else _case(page, url, "verified"))
    panel = page.get_by_test_id("call-back-panel")
    panel.locator("summary").first.click()
    _into_view(panel)


def _hazard(page: Page, url: str) -> None:
    lines = _ask(page, url, "hazards?what=open&limit=100")["items"]
    waiting = [{"id": one["case"]["id"]} for one in lines if one["state"] == "rectified"]
    _open_case(page, url, _first(waiting, "a hazard to be re-checked", str))
    page.get_by_test_id("hazard-recheck").click()
    _into_view(page.get_by_test_id("hazard-panel"))


# --- the commander ------------------------------------------------------------------------


def _directives(page: Page, url: str) -> None:
    page.goto(f"{url}/duty?tab=directives")
    page.get_by_test_id("directive").first.wait_for()


def _scores(page: Page, url: str) -> None:
    """By community: a table so short that what stands behind a number is seen with it."""
    page.goto(f"{url}/scores?by=community")
    page.get_by_test_id("score-total").get_by_test_id("rate-on_time").click()
    page.get_by_test_id("behind-row").first.wait_for()


def _speed(page: Page, url: str) -> None:
    page.goto(f"{url}/speed")
    page.get_by_test_id("speed-said").or_(page.get_by_test_id("speed-empty")).first.wait_for()
    if page.get_by_test_id("speed-empty").count():
        since, until = _first_half(page, url)
        page.get_by_test_id("freeze-since").fill(since)
        page.get_by_test_id("freeze-until").fill(until)
        page.get_by_test_id("freeze-do").click()
    page.get_by_test_id("speed-said").wait_for()


def _first_half(page: Page, url: str) -> tuple[str, str]:
    """The days of the older half of the past that is there."""
    oldest = _ask(page, url, "cases?state=closed&sort=opened&limit=1")["items"][0]["opened_at"]
    first, now = datetime.fromisoformat(oldest), datetime.now(UTC)
    if now - first < timedelta(days=HALVES_FROM):
        print(f"The past is shorter than {HALVES_FROM} days: little can be said of its speed yet.")
    middle = first + (now - first) / 2
    return f"{first + timedelta(days=1):%Y-%m-%d}", f"{middle:%Y-%m-%d}"


def _flow(page: Page, url: str) -> None:
    page.goto(f"{url}/flow")
    page.get_by_test_id("flow-loop").wait_for()
    page.get_by_test_id("flow-total").wait_for()


def _report(page: Page, url: str) -> None:
    page.goto(f"{url}/reports?kind=weekly")
    page.locator(".rp-title").first.click()
    page.get_by_test_id("report").wait_for()


def _hazard_months(page: Page, url: str) -> None:
    page.goto(f"{url}/natures")
    page.get_by_test_id("hazard-months").wait_for()
    page.get_by_test_id("count-open").first.click()
    page.get_by_test_id("hazard-row").first.wait_for()


SHOTS = (
    Shot("dispatcher-duty", "dispatcher", _duty),
    Shot("dispatcher-dispatch", "dispatcher", _dispatch),
    Shot("dispatcher-bulk", "dispatcher", _bulk),
    Shot("dispatcher-reconcile", "dispatcher", _reconcile),
    Shot("inspector-list", "inspector", _to_verify),
    Shot("inspector-why", "inspector", _why_checked),
    Shot("inspector-check", "inspector", _check),
    Shot("inspector-call-backs", "inspector", _call_back),
    Shot("inspector-hazard", "inspector", _hazard),
    Shot("commander-directives", "street_commander", _directives),
    Shot("commander-scores", "street_commander", _scores),
    Shot("commander-speed", "street_commander", _speed),
    Shot("commander-flow", "street_commander", _flow),
    Shot("commander-report", "street_commander", _report),
    Shot("commander-hazards", "street_commander", _hazard_months),
)
