"""The demo's controls: how fast the town's time runs, pausing, and scenarios, by the API.

Only the demo has them (``serve(…, demo_router=…)``). They need the owner's connection, which no
process of a real street holds while it serves: ``sw_app`` may not touch the clock.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel import logs
from streetwise.kernel.access import SIGNED_IN, needs
from streetwise.kernel.clock import Stretch, TownClock, wall_now
from streetwise.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.shown import Shown, shows
from streetwise.town.scenarios import SCENARIOS, Scenarios, Started, StillRunning

log = logs.get(__name__)
Current = Annotated[Deps, Depends(current)]

#: Business seconds per wall second, least and most.
SLOWEST, FASTEST = 0.1, 600.0
#: A change is written down so long before it counts; by then every process has read it
#: (``kernel.database.CLOCK_POLL_SECONDS``), and all change over at the same moment.
LEAD_SECONDS = 0.75


class ScenarioView(Shown):
    """A scenario. ``planned``: reports that its last start brings in all; ``told``: so far."""

    __shows__ = shows(
        {"L1 system": "name title title_en minutes running started_at until planned told held_back"}
    )

    name: str
    title: str
    title_en: str
    minutes: int
    running: bool
    started_at: datetime | None
    until: datetime | None
    planned: int
    told: int
    held_back: int


class DemoView(Shown):
    """How the town's time runs (business seconds per second; 0 while paused), and its scenarios.
    ``usual``: the speed that resuming goes on with.
    """

    __shows__ = shows({"L1 system": "now speed paused usual", "holds": "scenarios"})

    now: datetime
    speed: float
    paused: bool
    usual: float
    scenarios: list[ScenarioView]


class SpeedForm(BaseModel):
    """How fast."""

    model_config = ConfigDict(extra="forbid")
    speed: float = Field(allow_inf_nan=False)


@dataclass
class Control:
    """What the routes work on. ``wake`` is set when something has changed that the simulator
    should look at now.
    """

    owner_url: str = field(repr=False)  # a password stands in it
    clock: TownClock
    scenarios: Scenarios
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    #: Reports that are ready and do not arrive, by channel; the simulator counts them.
    held_back: dict[str, int] = field(default_factory=dict)
    _usual: float = 1.0
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._usual = self.clock.speed or self._usual

    def view(self) -> DemoView:
        """How it stands."""
        now, speed = self.clock.now(), self.clock.speed
        return DemoView(
            now=now,
            speed=speed,
            paused=speed == 0,
            usual=self._usual,
            scenarios=[self._scenario(name, now) for name in SCENARIOS],
        )

    def _scenario(self, name: str, now: datetime) -> ScenarioView:
        scenario, latest = SCENARIOS[name], self.scenarios.latest(name)
        return ScenarioView(
            name=name,
            title=scenario.title,
            title_en=scenario.title_en,
            minutes=scenario.minutes,
            running=latest is not None and latest.runs(now),
            started_at=latest and latest.at,
            until=latest and latest.until,
            planned=len(latest.reports) if latest else 0,
            told=latest.told(now) if latest else 0,
            held_back=self.held_back.get(scenario.silences, 0),
        )

    async def run_at(self, speed: float) -> None:
        """Let time run so fast; it does when this returns. Raises Invalid, Unavailable."""
        least, most = SLOWEST, FASTEST
        if not least <= speed <= most:
            raise Invalid(
                f"The town's time can run {least:g} to {most:g} times as fast as ours;"
                " nothing was changed.",
                code="demo_speed",
                least=least,
                most=most,
            )
        async with self._changing:
            await self._change(speed)
            self._usual = speed

    async def pause(self) -> None:
        """Let time stand still. Raises Unavailable."""
        async with self._changing:
            await self._change(0.0)

    async def resume(self) -> None:
        """Let time go on as fast as before. Raises Unavailable."""
        async with self._changing:
            await self._change(self._usual)

    async def _change(self, speed: float) -> None:
        if self.clock.speed == speed:
            return
        begins = wall_now() + timedelta(seconds=LEAD_SECONDS)
        stretch = Stretch(max(self.clock.told.at(begins), self.clock.now()), begins, speed)
        try:
            await asyncio.to_thread(self._write, stretch)
        except psycopg.OperationalError as error:
            log.warning("clock_not_changed", error=type(error).__name__)
            raise Unavailable(
                "The database does not answer; time runs as before. Try again."
            ) from error
        self.clock.follow(stretch)
        # One change at a time: the next one begins where this one has begun.
        await asyncio.sleep((begins - wall_now()).total_seconds())
        self.wake.set()

    def _write(self, stretch: Stretch) -> None:
        with psycopg.connect(**conninfo(self.owner_url), autocommit=True) as connection:
            connection.execute(
                "UPDATE clock SET anchor_business = %s, anchor_wall = %s, speed = %s"
                " WHERE simulated",
                (stretch.business, stretch.wall, stretch.speed),
            )

    async def start(self, name: str) -> Started:
        """Start a scenario. Raises NotFound, Conflict."""
        if name not in SCENARIOS:
            names = ", ".join(SCENARIOS)
            raise NotFound(
                f"There is no such scenario; there are {names}.", code="demo_no_scenario"
            )
        try:
            async with self._changing:
                started = await asyncio.to_thread(self.scenarios.start, name, self.clock.now())
        except StillRunning as running:
            raise Conflict(
                f"The scenario {name} runs already; it can be started again when it is over.",
                code="demo_still_running",
            ) from running
        self.wake.set()
        return started


def demo_router(control: Control) -> APIRouter:
    """The routes of one demo."""
    router = APIRouter(prefix="/demo", tags=["demo"], route_class=ShownRoute)
    signed_in = needs(SIGNED_IN)

    @router.get("", openapi_extra=signed_in)
    async def read_demo(deps: Current) -> DemoView:
        """How the town's time runs, and what scenarios there are."""
        return control.view()

    @router.post("/speed", openapi_extra=signed_in)
    async def set_speed(deps: Current, form: SpeedForm) -> DemoView:
        """Let time run so many times as fast as ours; this ends a pause."""
        await control.run_at(form.speed)
        return control.view()

    @router.post("/pause", openapi_extra=signed_in)
    async def pause(deps: Current) -> DemoView:
        """Let time stand still."""
        await control.pause()
        return control.view()

    @router.post("/resume", openapi_extra=signed_in)
    async def resume(deps: Current) -> DemoView:
        """Let time go on as fast as before the pause."""
        await control.resume()
        return control.view()

    @router.post("/scenarios/{name}", openapi_extra=signed_in)
    async def start_scenario(deps: Current, name: str) -> DemoView:
        """Start a scenario now."""
        await control.start(name)
        return control.view()

    return router
