"""The town's petitions after their cases are closed: answered, served, and now and then reviewed.

What happens to one is drawn by its report's number (``PetitionCourse``), so that the past and the
living town draw alike. In the past by the actions themselves (``Petitioning``); ``petitioners`` has
the living town's. Petitioners' names are invented, and lie in the vault alone.
"""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from streetwise.gather import signal_facts
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import actions as answers
from streetwise.resolve.answers import letters, voices
from streetwise.resolve.answers.letters import Issuing
from streetwise.resolve.answers.voices import Voice
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import repository as merges
from streetwise.resolve.petitions import actions, loop, repository
from streetwise.resolve.petitions.actions import Given
from streetwise.resolve.petitions.course import Course
from streetwise.resolve.tables import Case
from streetwise.town import astray, handling
from streetwise.town.astray import Draw
from streetwise.town.names import SURNAMES
from streetwise.town.office import Office
from streetwise.town.platform import answer_words
from streetwise.town.said import said

SYSTEM = Viewer.system("town")
CHANNEL = "petition"
#: Days until each is done, from what it follows (least, most): assumed, and mostly in time.
DAYS = {
    "answer": (1, 3),
    "serve": (1, 4),
    "ask": (4, 30),
    "hand_over": (1, 6),
    "hearing": (4, 9),
    "hearing_over": (0, 2),
    "outcome": (12, 27),
    "opine": (12, 45),
}
#: Until the notice that somebody has asked reaches the street.
TOLD_DAYS = (1, 3)
#: A case merged into one that was merged further: followed so far.
MERGED_MOST = 8
Step = Callable[[UnitOfWork], Awaitable[None]]


def drawing(seed: int, number: str) -> Draw:
    """Chance for a petition: by the number of its report."""
    return astray.drawing(seed, number, "petition")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a petition is. ``round``: which opinion; ``reviews``: of that; ``heard``: whether
    there was a hearing in the review that is open; ``last``: the day of what happened last."""

    state: str
    round: int
    reviews: int
    heard: bool
    last: date


@dataclass(frozen=True, slots=True)
class PetitionCourse:
    """How a petition goes, as far as chance decides (``drawing``)."""

    draw: Draw

    def next(self, now: Standing) -> tuple[str, date] | None:
        """(what is done next, on which day); None: nothing follows."""
        action = self._action(now)
        if action is None:
            return None
        least, most = DAYS[action]
        rng = self.draw(f"{action} {now.round} {now.reviews} {now.heard}")
        return action, now.last + timedelta(days=rng.randint(least, most))

    def _action(self, now: Standing) -> str | None:
        if now.state == loop.OPINION:
            return "serve"
        if now.state in (loop.SERVED, loop.REVIEWED):
            stage = "petition_review" if now.state == loop.SERVED else "petition_reexam"
            # Whose request was dropped does not ask again.
            again = now.reviews > (now.state == loop.REVIEWED)
            asks = astray.happens(stage, self.draw(f"{stage} {now.round}"))
            return "ask" if asks and not again else None
        if now.state in (loop.REVIEW_ASKED, loop.REEXAM_ASKED):
            return "hand_over"
        if now.state == loop.REEXAM_SENT and not now.heard:
            heard = astray.happens("petition_hearing", self.draw(f"heard {now.round}"))
            return "hearing" if heard else "outcome"
        known = {
            loop.REVIEW_SENT: "outcome",
            loop.REEXAM_SENT: "outcome",
            loop.HEARING: "hearing_over",
            loop.REDO: "opine",
        }
        return known.get(now.state)

    def given(self, action: str, now: Standing, today: date) -> Given:
        """What comes with it."""
        rng = self.draw(f"given {action} {now.round} {now.reviews}")
        if action == "serve":
            return Given(on=today, how=rng.choice(("in_person", "in_person", "post", "left")))
        if action == "ask":
            told = timedelta(days=rng.randint(*TOLD_DAYS))
            asked = max(now.last, today - told)
            district = "district_government", "district_department"
            organ = rng.choice(district) if now.state == loop.SERVED else "city_government"
            return Given(on=asked, received=min(today, asked + timedelta(days=1)), organ=organ)
        if action == "outcome":
            stage = loop.stage_of(now.state)
            result = astray.ground(f"petition_{stage}", rng)
            return Given(on=today, result=result, text=said("petition", result, rng))
        if action == "opine":
            return Given(addressee=self.addressee(), text=said("petition", "opine", rng))
        return Given(on=today)

    def addressee(self) -> str:
        """Who is written to: invented."""
        rng = self.draw("addressee")
        return rng.choice(SURNAMES) + rng.choice(("某", "先生", "女士"))

    def answered_after(self) -> int:
        """Days from the end of the case to the written answer."""
        return self.draw("answer").randint(*DAYS["answer"])


class Petitioning:
    """The petitions of a stretch of the past. ``series``: of the stretch, whose letters are
    counted for themselves: stretches are lived through apart."""

    def __init__(
        self, keys: Keys, settings: Settings, office: Office, seed: int, series: str
    ) -> None:
        self._keys, self._settings, self._office = keys, settings, office
        self._seed, self._series = seed, series
        self._steps: list[tuple[datetime, int, Step]] = []
        self._planned = 0
        self._known: set[UUID] = set()

    async def follow(self, uow: UnitOfWork, closed: Sequence[Case]) -> None:
        """What was closed is answered, where somebody had petitioned for it."""
        await uow.session.flush()
        links = await merges.links(uow.session, SYSTEM, [case.id for case in closed])
        of = {one.signal_id: one.case_id for one in links}
        for fact in await signal_facts(uow.session, SYSTEM, set(of) - self._known):
            if fact.channel in ("信访", CHANNEL) and fact.source_key and fact.refers_to is None:
                self._known.add(fact.id)
                course = PetitionCourse(drawing(self._seed, fact.source_key))
                on = self._day(uow.now) + timedelta(days=course.answered_after())
                self._plan(on, course, self._answering(of[fact.id], fact.id, course))

    async def look(self, uow: UnitOfWork) -> None:
        """What is due."""
        while self._steps and self._steps[0][0] <= uow.now:
            await heapq.heappop(self._steps)[2](uow)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._office.zone).date()

    def _plan(self, on: date, course: PetitionCourse, step: Step) -> None:
        self._planned += 1
        rng = course.draw(f"hour {on}")
        morning = datetime(on.year, on.month, on.day, 8, tzinfo=self._office.zone)
        at = handling.in_office(morning + timedelta(minutes=rng.uniform(10, 560)), rng)
        heapq.heappush(self._steps, (at, self._planned, step))

    def _answering(self, case_id: UUID, signal_id: UUID, course: PetitionCourse) -> Step:
        async def answer(uow: UnitOfWork) -> None:
            case = await self._case(uow, case_id)
            if case.state != CLOSED:
                self._known.discard(signal_id)  # opened again: answered when that is done
                return
            voice = await self._voice(uow, case, signal_id)
            if voice is None or voice.state != "none" or voice.first is not None:
                return  # answered with another
            officer = self._officer()
            number = voice.signal.source_key or ""
            doing = answers.Doing(case.id, signal_id, voice.version, answer_words(number))
            await answers.give(uow, officer, self._keys, self._settings, doing)
            await uow.session.flush()
            issuing = Issuing(
                case.id, signal_id, "decision", course.addressee(), series=self._series
            )
            await letters.issue(uow, officer, self._keys, self._settings, issuing)
            await uow.session.flush()
            today = self._day(uow.now)
            self._next(case.id, signal_id, course, Standing("opinion", 1, 0, False, today))

        return answer

    def _next(self, case_id: UUID, signal_id: UUID, course: PetitionCourse, now: Standing) -> None:
        found = course.next(now)
        if found is not None:
            self._plan(found[1], course, self._stepping(case_id, signal_id, course, found[0], now))

    def _stepping(
        self, case_id: UUID, signal_id: UUID, course: PetitionCourse, action: str, then: Standing
    ) -> Step:
        async def step(uow: UnitOfWork) -> None:
            case = await self._case(uow, case_id)
            if await self._voice(uow, case, signal_id) is None:
                return
            known = await repository.of_signals(uow.session, SYSTEM, [signal_id])
            row = known.get(signal_id)
            if row is not None and row.state != then.state:
                return
            given = course.given(action, then, self._day(uow.now))
            if action == "opine":
                given = Given(addressee=given.addressee, text=given.text, series=self._series)
            row = await actions.act(
                uow, self._officer(), self._keys, self._settings, case.id, signal_id,
                row.version if row is not None else 1, action, given,
            )  # fmt: skip
            await uow.session.flush()
            uow.jobs.clear()  # messages are sent by nobody here
            reviews = await repository.reviews_of(uow.session, SYSTEM, [signal_id])
            now = standing(repository.course_of(row, reviews.get(signal_id, [])))
            self._next(case.id, signal_id, course, now)

        return step

    async def _case(self, uow: UnitOfWork, case_id: UUID) -> Case:
        """The case as it is now, or the one that it was merged into, where its voices went."""
        for _ in range(MERGED_MOST):
            case = (await cases.cases_by_id(uow.session, SYSTEM, [case_id]))[case_id]
            if case.merged_into is None:
                break
            case_id = case.merged_into
        return case

    async def _voice(self, uow: UnitOfWork, case: Case, signal_id: UUID) -> Voice | None:
        told = await voices.of_case(uow.session, SYSTEM, case, self._settings)
        return next((one for one in told if one.signal.id == signal_id), None)

    def _officer(self) -> Viewer:
        return self._office.by_role["duty_officer"][0]


def standing(course: Course) -> Standing:
    """How far a petition is, as chance needs to know it."""
    here = [one for one in course.reviews if one.round == course.round]
    heard = bool(here and here[-1].outcome is None and here[-1].hearings)
    return Standing(course.state, course.round, len(here), heard, course.last_day)
