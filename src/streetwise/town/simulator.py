"""The town lives: residents report and staff handle cases, through the API like anybody else.

One quiet loop. It looks at the open cases now and then, lets each wait as long as people take,
does what is due, one request at a time, and always leaves some cases for the person who plays.
It keeps nothing that it needs: after a restart of the server, or its own, it looks again.
"""

from __future__ import annotations

import asyncio
import io
import logging
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from . import platform
from .client import JSON, Account, BusinessClock, Client, Refused, Trouble
from .history import Report, Teller, reports_csv
from .photo import draw_photo
from .world import build_world

log = logging.getLogger(__name__)

MAPPING = "street-reports"
BATCH = timedelta(minutes=10)  # business time between two files of reports
LOOK_BACK = timedelta(hours=2)  # known rows add nothing, so the first file may overlap
LOOK_BACK_MOST = timedelta(hours=24)
PAGE, PAGES = 200, 3
SENT_BACK = 0.1
PHOTO = 0.7
ORDERS_LEFT = 3  # orders to be answered that are left for the person who plays
FORGOTTEN = 0.05  # share of cases that somebody lets lie


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a case in a state: after how many minutes (median), by whom."""

    action: str
    minutes: float
    spread: float
    left: int  # so many of these are always left for the person who plays
    roles: tuple[str, ...]
    at_night: bool = False


STEPS = {
    "received": Step("accept", 10, 0.7, 3, ("duty_officer", "dispatcher"), at_night=True),
    "accepted": Step("dispatch", 15, 0.8, 4, ("dispatcher",), at_night=True),
    "dispatched": Step("start", 40, 0.9, 5, ("department_handler", "community_worker")),
    "handling": Step("report", 240, 1.0, 8, ("department_handler", "community_worker")),
    "reported": Step("verify", 120, 0.9, 4, ("inspector",)),
    "verified": Step("close", 45, 0.8, 4, ("dispatcher",)),
}
_DONE = (
    "已安排人员到场处理，现场恢复。", "已清理完毕，请核查。", "已与当事人沟通，当场整改。",
    "维修完成，试用正常。", "已联系产权单位处置完毕。", "巡查队已到场处理，后续加强看管。",
)  # fmt: skip
_NOT_DONE = (
    "现场仍有残留，请继续处理。",
    "未见整改，退回重新处置。",
    "只处理了一部分，请处理完再报。",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of wall time; tests hurry."""

    look_least: float = 3.0
    look_most: float = 60.0
    backoff_least: float = 2.0
    backoff_most: float = 60.0
    rate_least: float = 1.0
    rate_most: float = 6.0

    def look(self, speed: float) -> float:
        """Between two looks: about ninety business seconds, within bounds."""
        return min(self.look_most, max(self.look_least, 90.0 / max(speed, 0.01)))

    def rate(self, speed: float) -> float:
        """Requests a second at most."""
        return min(self.rate_most, max(self.rate_least, speed / 20))


@dataclass
class _Wait:
    version: int
    ripe: datetime


@dataclass
class Life:
    """Residents and staff on one client."""

    client: Client
    teller: Teller
    seed: int
    speed: float
    accounts: list[Account] = field(default_factory=list)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    clock: BusinessClock | None = None
    waits: dict[str, _Wait] = field(default_factory=dict)
    told_until: datetime | None = None
    looked: bool = False

    async def arrive(self) -> None:
        """Find out who may sign in and what time it is."""
        about = await self.client.about()
        self.accounts = [
            Account(a["login"], a["role"], a["unit_name"]) for a in about["demo_accounts"]
        ]
        if about.get("town"):
            self.zone = ZoneInfo(about["town"]["timezone"])
        desk = self.who("dispatcher")
        if desk is None:
            raise Trouble("no demo accounts", 60.0)
        self.clock = await self.client.clock(desk, self.speed)

    def who(self, *roles: str, unit: str | None = None) -> Account | None:
        """Somebody of a role (the first role that anybody has), of a unit if one is named."""
        for role in roles:
            found = [a for a in self.accounts if a.role == role and unit in (None, a.unit_name)]
            if found:
                # Always the same for a unit: fewer people need to sign in.
                return found[0]
        return None

    async def turn(self) -> None:
        """One look: the town reports what it has to, then the staff do what is due."""
        assert self.clock is not None
        await self.residents(self.clock.now())
        await self.staff(self.clock.now())

    async def residents(self, now: datetime) -> None:
        """Hand in what was reported since the last file, once enough time has passed."""
        poster = self.who("data_steward")
        if poster is None:
            return
        since = self.told_until or now - LOOK_BACK
        if self.told_until is not None and now - since < BATCH:
            return
        since = max(since, now - LOOK_BACK_MOST)
        due = await asyncio.to_thread(self._told, since, now)
        own = [report for report in due if report.channel != platform.CHANNEL]
        if own:
            text = io.StringIO()
            reports_csv(text, own)
            await self._hand_in(poster, "来件", text.getvalue(), MAPPING, now)
        rows = [platform.order_row(one) for one in due if one.channel == platform.CHANNEL]
        rows += await self._looked_at(now)
        if rows:
            text = io.StringIO()
            platform.orders_csv(text, rows)
            await self._hand_in(poster, "12345工单", text.getvalue(), platform.MAPPING, now)
        await self._answer()
        # Only now: what could not be handed in is handed in next time.
        self.told_until = now

    async def _hand_in(
        self, poster: Account, what: str, text: str, mapping: str, now: datetime
    ) -> None:
        name = f"{what}-{now.astimezone(self.zone):%Y%m%d-%H%M}.csv"
        await self.client.upload(
            poster, "/imports", name, text.encode(), "text/csv", mapping=mapping
        )

    async def _looked_at(self, now: datetime) -> list[dict[str, str]]:
        """What the hotline's platform has found about orders that were answered long enough ago."""
        answered = [
            platform.Answered(
                order["number"],
                order["updates"],
                order["case"]["title"],
                datetime.fromisoformat(order["answered_at"]),
                datetime.fromisoformat(order["due_at"]) if order["due_at"] else None,
            )
            for order in await self._orders("answered")
        ]
        return platform.verdicts(answered, now, self.zone)

    async def _orders(self, *states: str) -> list[JSON]:
        desk = self.who("dispatcher")
        if desk is None:
            return []
        page = await self.client.get(desk, "/orders", state=list(states), limit=PAGE)
        found: list[JSON] = page["items"]
        return found

    async def _answer(self) -> None:
        """Answer the orders of closed cases, and leave some for the person who plays."""
        officer = self.who("duty_officer")
        if officer is None:
            return
        closed = [
            o for o in await self._orders("open", "returned") if o["case"]["state"] == "closed"
        ]
        for order in closed[: max(0, len(closed) - ORDERS_LEFT)]:
            words = {"text": platform.answer_words(order["number"])}
            try:
                await self.client.post(
                    officer, f"/orders/{order['id']}/answer", words, order["version"]
                )
            except Refused as refused:
                log.debug("town: answer refused: %s", refused)

    def _told(self, since: datetime, now: datetime) -> list[Report]:
        day, last = since.astimezone(self.teller.zone).date(), now.astimezone(self.teller.zone)
        out: list[Report] = []
        while day <= last.date():
            out += [r for r in self.teller.day(day) if since <= r.at < now]
            day += timedelta(days=1)
        return out

    async def staff(self, now: datetime) -> None:
        """Do what is due, the longest due first; leave some of everything."""
        by_state = await self._open_cases()
        night = not 7 <= now.astimezone(self.zone).hour < 21
        present = {case["id"] for cases in by_state.values() for case in cases}
        self.waits = {k: w for k, w in self.waits.items() if k in present}
        for state, step in STEPS.items():
            cases = by_state.get(state, [])
            for case in cases:
                self._remember(case, step, now)
            due = [c for c in cases if self.waits[c["id"]].ripe <= now]
            if night and not step.at_night:
                due = [c for c in due if c["priority"] == "high"]
            due.sort(key=lambda c: (self.waits[c["id"]].ripe, c["id"]))
            for case in due[: max(0, len(cases) - step.left)]:
                await self._handle(case, step, now)
        self.looked = True

    async def _open_cases(self) -> dict[str, list[JSON]]:
        desk = self.who("dispatcher")
        assert desk is not None
        out: dict[str, list[JSON]] = defaultdict(list)
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self.client.get(
                desk, "/cases", state="open", sort="opened", limit=PAGE, cursor=cursor
            )
            for case in page["items"]:
                out[case["state"]].append(case)
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        return out

    def _rng(self, case: JSON) -> random.Random:
        """The same chance for the same case in the same state, also after a restart."""
        return random.Random(f"{self.seed}:{case['id']}:{case['version']}")

    def _remember(self, case: JSON, step: Step, now: datetime) -> None:
        known = self.waits.get(case["id"])
        if known is not None and known.version == case["version"]:
            return
        rng = self._rng(case)
        minutes = step.minutes * rng.lognormvariate(0, step.spread)
        if rng.random() < FORGOTTEN:
            minutes *= 15
        if case["priority"] == "high":
            minutes /= 4
        if not self.looked:
            minutes *= rng.random()  # it has been waiting already, nobody knows how long
        self.waits[case["id"]] = _Wait(case["version"], now + timedelta(minutes=minutes))

    async def _handle(self, case: JSON, step: Step, now: datetime) -> None:
        unit = case["unit"]["name"] if case["unit"] and "inspector" not in step.roles else None
        at_desk = "dispatcher" in step.roles
        who = self.who(*step.roles, unit=None if at_desk else unit)
        if who is not None:
            try:
                await self._act(case, step, who)
            except Refused as refused:
                # Somebody was quicker, or it is not theirs: nothing to insist on.
                log.debug("town: %s refused: %s", step.action, refused)
        wait = timedelta(minutes=30 if who is not None else 600)
        self.waits[case["id"]] = _Wait(case["version"], now + wait)

    async def _act(self, case: JSON, step: Step, who: Account) -> None:
        view = await self.client.get(who, f"/cases/{case['id']}")
        offers = [o for o in view["actions"] if o["action"] == step.action]
        if not offers:
            return
        rng = self._rng(view)
        body: JSON = {}
        if step.action == "dispatch":
            unit = self._unit(offers[0], rng)
            if unit is None:
                return
            body["unit"] = unit
        elif step.action == "report":
            body["note"] = rng.choice(_DONE)
            if rng.random() < PHOTO:
                body["photos"] = [await self._photo(view, who, rng)]
        elif step.action == "verify":
            failed = rng.random() < SENT_BACK
            body = (
                {"result": "fail", "note": rng.choice(_NOT_DONE)} if failed else {"result": "pass"}
            )
        await self.client.post(
            who, f"/cases/{case['id']}/actions/{step.action}", body, view["version"]
        )

    def _unit(self, offer: JSON, rng: random.Random) -> str | None:
        """The unit that is suggested. Without one the dispatcher who plays has to think, mostly."""
        suggested = [u for u in offer["units"] if u["suggested"]]
        if suggested:
            return str(suggested[0]["code"])
        names = {a.unit_name for a in self.accounts if a.role == "community_worker"}
        able = [u for u in offer["units"] if u["name"] in names]
        return str(rng.choice(able)["code"]) if able and rng.random() < 0.3 else None

    async def _photo(self, view: JSON, who: Account, rng: random.Random) -> str:
        picture = await asyncio.to_thread(draw_photo, rng, f"{view['number']} simulated")
        answer = await self.client.upload(who, "/files", "photo.jpg", picture, "image/jpeg")
        return str(answer["id"])


async def run(
    base_url: str,
    password: str,
    seed: int,
    speed: float,
    stop: asyncio.Event,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    pace: Pace | None = None,
    teller: Teller | None = None,
) -> None:
    """Live until told to stop. `speed` is how fast the street's clock runs; the server's own
    answer wins. The last three are for tests."""
    pace = pace or Pace()
    if teller is None:
        teller = await asyncio.to_thread(lambda: Teller(build_world(seed), seed))
    client = Client(base_url, password, pace.rate(speed), transport)
    life = Life(client, teller, seed, speed)
    failures = 0
    try:
        while not stop.is_set():
            try:
                # Also after trouble: the server may have come back with another clock.
                await life.arrive()
                while not stop.is_set():
                    await life.turn()
                    failures = 0
                    assert life.clock is not None
                    await _pause(stop, pace.look(life.clock.speed))
            except (Trouble, Refused, httpx.HTTPError, KeyError, ValueError) as error:
                failures += 1
                wait = min(pace.backoff_most, pace.backoff_least * 2 ** min(failures - 1, 8))
                told = error.wait if isinstance(error, Trouble) else None
                level = logging.WARNING if failures == 1 else logging.DEBUG
                log.log(level, "town: waiting for the server (%s: %s)", type(error).__name__, error)
                await _pause(stop, max(wait, min(told or 0.0, pace.backoff_most)))
    finally:
        await client.close()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but wake at once when told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
