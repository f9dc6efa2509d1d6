"""The town lives: residents report and staff handle cases, through the API like anybody else.

One quiet loop. It looks at the open cases now and then, lets each wait as long as people take,
does what is due, one request at a time, and always leaves some cases for the person who plays.
It keeps nothing that it needs: after a restart of the server, or its own, it looks again.

The faster time runs, the more is done in one request (files of an hour, actions on many cases):
requests a second stay few at every speed. While time stands still it rests.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from . import astray
from .clerks import Clerks
from .client import JSON, Account, BusinessClock, Cast, Client, Refused, Trouble
from .hazards import rectify_live
from .history import Teller
from .inspecting import passing_live
from .mediators import Mediators
from .pace import Pace, Steering
from .petitioners import Petitioners
from .photo import draw_photo
from .residents import Residents
from .straying import HANDLERS, Straying
from .upstream import Upstream
from .world import build_world

log = logging.getLogger(__name__)

PAGE, PAGES = 200, 3
MANY = 200  # cases in one request
PHOTO, PHOTO_HURRIED = 0.7, 0.1
#: Where nobody is suggested and something speaks for several, so often the dispatcher decides.
DECIDES = 0.7


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a case in a state: after how many minutes (median), by whom."""

    action: str
    minutes: float
    spread: float
    left: int  # so many of these are always left for the person who plays
    roles: tuple[str, ...]
    hours: tuple[int, int] = (7, 21)  # what is urgent is done at any hour
    patience: float | None = None  # after so many minutes more nobody leaves it any longer
    forgotten: float = 0.0  # share that somebody lets lie


ALWAYS = (0, 24)
#: The desk keeps its service times (a quarter of an hour each, told of at twice that), day and
#: night; inspectors come in the evening as well, and nobody reports so late that they do not.
STEPS = {
    "received": Step(
        "accept", 6, 0.4, 2, ("duty_officer", "dispatcher"), hours=ALWAYS, patience=10
    ),
    "accepted": Step("dispatch", 7, 0.5, 2, ("dispatcher",), hours=ALWAYS, patience=10),
    "dispatched": Step("start", 40, 0.9, 5, HANDLERS, forgotten=0.05),
    "handling": Step("report", 240, 1.0, 8, HANDLERS, hours=(7, 20), forgotten=0.05),
    "suspended": Step("resume", 20_000, 0.8, 4, HANDLERS),
    "reported": Step("verify", 60, 0.6, 4, ("inspector",), hours=(7, 23), patience=60),
    "verified": Step("close", 45, 0.8, 4, ("dispatcher",), hours=(7, 23)),
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
    pace: Pace = field(default_factory=Pace)
    steering: Steering | None = None
    cast: Cast = field(default_factory=Cast)
    waits: dict[str, _Wait] = field(default_factory=dict)
    looked: bool = False

    def __post_init__(self) -> None:
        upstream = Upstream(self.client, self.teller, self.cast, self.seed, self.steering)
        self.residents = Residents(
            self.client, self.teller, self.cast, self.pace, self.steering, upstream
        )
        self.clerks = Clerks(self.client, self.teller, self.cast, self.seed, self.steering)
        self.straying = Straying(self.client, self.cast, self.seed)
        self.mediators = Mediators(self.client, self.cast, self.seed)
        self.petitioners = Petitioners(self.client, self.cast, self.teller, self.seed)

    @property
    def zone(self) -> ZoneInfo:
        """The town's time zone."""
        return self.residents.zone

    async def arrive(self) -> None:
        """Find out who may sign in."""
        about = await self.client.about()
        self.cast.accounts = [
            Account(a["login"], a["role"], a["unit_name"]) for a in about["demo_accounts"]
        ]
        if about.get("town"):
            self.residents.zone = ZoneInfo(about["town"]["timezone"])
            self.straying.watch.zone = self.mediators.zone = self.residents.zone
            self.petitioners.zone = self.residents.zone

    async def hear_time(self) -> BusinessClock:
        """What time it is, and how fast it runs: somebody may have changed that."""
        desk = self.cast.who("dispatcher")
        if desk is None:
            raise Trouble("no demo accounts", 60.0)
        clock = await self.client.clock(desk, self.speed)
        self.speed = clock.speed
        self.client.ask_at_most(self.pace.rate(self.speed))
        return clock

    async def turn(self) -> None:
        """One look: the town reports what it has to, then what is unsure is decided at the desk,
        then the staff do what is due.
        """
        clock = await self.hear_time()
        if clock.speed == 0:
            return
        await self.residents.report(clock.now(), clock.speed)
        await self.clerks.decide(clock.now())
        if await self.straying.look(clock.now(), clock.speed):
            officer = self.cast.who("duty_officer")
            if officer is not None:
                await self.mediators.look(officer, clock.now())
                await self.petitioners.look(officer, clock.now())
        await self.staff(clock.now())

    async def staff(self, now: datetime) -> None:
        """Do what is due, the longest due first; leave some of everything."""
        by_state = await self._open_cases()
        hour = now.astimezone(self.zone).hour
        present = {case["id"] for cases in by_state.values() for case in cases}
        self.waits = {k: w for k, w in self.waits.items() if k in present}
        for state, step in STEPS.items():
            cases = by_state.get(state, [])
            for case in cases:
                self._remember(case, step, now)
            due = [c for c in cases if self.waits[c["id"]].ripe <= now]
            if not step.hours[0] <= hour < step.hours[1]:
                due = [c for c in due if c["priority"] == "high"]
            due.sort(key=lambda c: (self.waits[c["id"]].ripe, c["id"]))
            due = self._but_some(due, len(cases), step, now)
            if self.speed >= self.pace.bulk_from:
                await self._handle_many(due, step, now)
                continue
            for case in due:
                if not self._called():
                    await self._handle(case, step, now)
        self.looked = True

    def _but_some(self, due: list[JSON], count: int, step: Step, now: datetime) -> list[JSON]:
        """What is due without what is left for who plays: not for ever where minutes count."""
        done = max(0, count - step.left)
        if step.patience is None:
            return due[:done]
        waited = now - timedelta(minutes=step.patience)
        return due[:done] + [c for c in due[done:] if self.waits[c["id"]].ripe <= waited]

    def _called(self) -> bool:
        """Whether somebody has changed time or started something: then all look up first."""
        return self.steering is not None and self.steering.wake.is_set()

    async def _open_cases(self) -> dict[str, list[JSON]]:
        desk = self.cast.who("dispatcher")
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
        if rng.random() < step.forgotten:
            minutes *= 15
        if case["priority"] == "high":
            minutes /= 4
        if not self.looked:
            minutes *= rng.random()  # it has been waiting already, nobody knows how long
        self.waits[case["id"]] = _Wait(case["version"], now + timedelta(minutes=minutes))

    def _whom(self, case: JSON, step: Step) -> Account | None:
        """Who takes this step with a case."""
        unit = case["unit"]["name"] if case["unit"] and "inspector" not in step.roles else None
        return self.cast.who(*step.roles, unit=None if "dispatcher" in step.roles else unit)

    def _wait_on(self, case: JSON, who: Account | None, now: datetime) -> None:
        """What was tried is not tried again at once."""
        wait = timedelta(minutes=30 if who is not None else 600)
        self.waits[case["id"]] = _Wait(case["version"], now + wait)

    async def _handle(self, case: JSON, step: Step, now: datetime) -> None:
        who, action = self._whom(case, step), self.straying.action(case)
        if who is not None:
            try:
                strays = action != step.action
                if strays and (await self.straying.take(case, action) or action is None):
                    self._wait_on(case, who, now)
                    return
                if step.action == "report":
                    await self.mediators.follow(case, "report", now)
                if step.action == "close":
                    await rectify_live(self.client, self.cast, case, "close", self._rng(case))
                await self._act(case, step, who, now)
                if step.action == "start":
                    await self.mediators.follow(case, "start", now)
                await rectify_live(self.client, self.cast, case, step.action, self._rng(case))
            except Refused as refused:
                # Somebody was quicker, or it is not theirs: nothing to insist on.
                log.debug("town: %s refused: %s", step.action, refused)
        self._wait_on(case, who, now)

    async def _handle_many(self, cases: Sequence[JSON], step: Step, now: datetime) -> None:
        """The same step with many cases: those of one person and one outcome in one request."""
        piles: dict[tuple[str, str], tuple[Account, JSON, list[JSON]]] = {}
        for case in cases:
            if self._called():
                return
            who = self._whom(case, step)
            self._wait_on(case, who, now)
            if who is None:
                continue
            if case["nature"] in ("hazard", "dispute"):
                await self._handle(case, step, now)  # it has its own steps beside
                continue
            rng = self._rng(case)
            photo = step.action == "report" and rng.random() < PHOTO_HURRIED
            if photo or self.straying.strays(case):
                await self._handle(case, step, now)  # photos belong to one case
                continue
            # Only where a unit is to be chosen one has to look at the case itself.
            offer = (await self._offer(case, step, who))[1] if step.action == "dispatch" else {}
            wrong = self.straying.misdirected(case)
            body = None if offer is None else self._said(offer, step, rng, wrong=wrong)
            if body is not None:
                # A note is written once for all of them.
                key = (who.login, str(body.get("unit") or body.get("result")))
                piles.setdefault(key, (who, body, []))[2].append(case)
        for who, body, pile in piles.values():
            items = [{"id": case["id"], "version": case["version"]} for case in pile[:MANY]]
            try:
                answer = await self.client.post(
                    who, f"/cases/actions/{step.action}", {**body, "items": items}
                )
            except Refused as refused:
                log.debug("town: %s refused: %s", step.action, refused)
                continue
            if answer["refused"]:
                log.debug("town: %s refused %d times", step.action, len(answer["refused"]))

    def _said(
        self, offer: JSON, step: Step, rng: random.Random, *, wrong: bool = False
    ) -> JSON | None:
        """What somebody gives with a step; None where they do not know how to go on. ``wrong``:
        it goes to a unit whose it is not.
        """
        if step.action == "dispatch":
            unit = self._unit(offer, rng, wrong=wrong)
            return None if unit is None else {"unit": unit}
        if step.action == "report":
            return {"note": rng.choice(_DONE)}
        if step.action == "verify":
            failed = astray.happens("sent_back", rng)
            return (
                {"result": "fail", "note": rng.choice(_NOT_DONE)} if failed else {"result": "pass"}
            )
        return {}

    async def _offer(self, case: JSON, step: Step, who: Account) -> tuple[JSON, JSON | None]:
        """A case as its own page shows it, and the step as it is offered there."""
        view = await self.client.get(who, f"/cases/{case['id']}")
        return view, next((o for o in view["actions"] if o["action"] == step.action), None)

    async def _act(self, case: JSON, step: Step, who: Account, now: datetime) -> None:
        view, offer = await self._offer(case, step, who)
        if offer is None:
            return
        rng = self._rng(view)
        body = self._said(offer, step, rng, wrong=self.straying.misdirected(view))
        if body is None:
            return
        if step.action == "report" and rng.random() < PHOTO:
            body["photos"] = [await self._photo(view, who, rng)]
        if step.action == "verify" and body["result"] == "pass":
            body = await passing_live(self.client, who, view, now, rng)
        await self.client.post(
            who, f"/cases/{case['id']}/actions/{step.action}", body, view["version"]
        )

    def _unit(self, offer: JSON, rng: random.Random, *, wrong: bool) -> str | None:
        """The unit that is suggested, or where it goes ``wrong`` another that handles cases.
        Without a suggestion the dispatcher who plays has to think, mostly.
        """
        suggested = [u for u in offer["units"] if u["suggested"]]
        handling = {a.unit_name for a in self.cast.accounts if a.role in HANDLERS}
        others = [u for u in offer["units"] if not u["suggested"] and u["name"] in handling]
        if suggested and wrong and others:
            return str(rng.choice(others)["code"])
        if suggested:
            return str(suggested[0]["code"])
        # A boundary case: something speaks for some of them, and who plays is to decide at times.
        spoken_for = [u for u in offer["units"] if u.get("confidence")]
        if spoken_for and rng.random() < DECIDES:
            return str(max(spoken_for, key=lambda u: u["confidence"])["code"])
        names = {a.unit_name for a in self.cast.accounts if a.role == "community_worker"}
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
    steering: Steering | None = None,
) -> None:
    """Live until told to stop. `speed` is how fast the street's clock runs; the server's own
    answer wins. `transport` and `pace` are for tests."""
    pace = pace or Pace()
    if teller is None:
        teller = await asyncio.to_thread(lambda: Teller(build_world(seed), seed))
    client = Client(base_url, password, pace.rate(speed), transport)
    life = Life(client, teller, seed, speed, pace=pace, steering=steering)
    wake = steering.wake if steering is not None else asyncio.Event()
    failures = 0
    try:
        while not stop.is_set():
            try:
                # Also after trouble: the server may have come back with another clock.
                await life.arrive()
                while not stop.is_set():
                    await life.turn()
                    failures = 0
                    await _pause(pace.look(life.speed), stop, wake)
                    wake.clear()
            except (Trouble, Refused, httpx.HTTPError, KeyError, ValueError) as error:
                failures += 1
                wait = min(pace.backoff_most, pace.backoff_least * 2 ** min(failures - 1, 8))
                told = error.wait if isinstance(error, Trouble) else None
                level = logging.WARNING if failures == 1 else logging.DEBUG
                log.log(level, "town: waiting for the server (%s: %s)", type(error).__name__, error)
                await _pause(max(wait, min(told or 0.0, pace.backoff_most)), stop)
    finally:
        await client.close()


async def _pause(seconds: float, *until: asyncio.Event) -> None:
    """Sleep, but wake at once when one of the events comes."""
    waits = [asyncio.create_task(event.wait()) for event in until]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
