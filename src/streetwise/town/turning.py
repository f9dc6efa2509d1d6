"""Who takes an action on a case of the town's past, and with what: the straight way and others."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.lists import Row
from streetwise.resolve.steps import CALLED, DONE, HERE, RELEASED
from streetwise.resolve.tables import Case
from streetwise.town import astray
from streetwise.town.astray import Draw
from streetwise.town.inspecting import passing
from streetwise.town.office import Office, Shift
from streetwise.town.said import said

#: Who is right where a case is not the street's.
BODIES = ("区城市管理委", "区住建委", "市公交集团", "区园林绿化局", "区交通支队", "区水务局")
#: How many units are called at once, by weight.
CALLED_UNITS = ((1, 6), (2, 3), (3, 1))
REFUSALS = ("refuse_extension", "refuse_suspension")


@dataclass
class Turning:
    """What is known of the cases of a stretch beyond their rows."""

    office: Office
    seed: int
    #: Until when a suspension is asked for, and as what a case is to end.
    until: dict[UUID, datetime] = field(default_factory=dict)
    ends: dict[UUID, str] = field(default_factory=dict)
    #: Class → number of the last case of it that was accepted.
    last_of: dict[str | None, str] = field(default_factory=dict)

    def draw(self, case: Case, *, stage: bool = True) -> Draw:
        """Chance for a case: for the stage that it is in, or for the whole of it."""
        so_far = (case.returned, case.reopened, case.reworked, case.extended, case.suspended)
        return astray.drawing(self.seed, case.number, so_far if stage else "")

    def misdirected(self, case: Case) -> bool:
        """Whether it goes, or has gone, to a unit whose it is not."""
        if case.reopened:
            return False
        return astray.goes_wrong(self.draw(case, stage=False), case.returned)

    def turn(
        self, shift: Shift, row: Row, action: str, now: datetime
    ) -> tuple[Viewer, Inputs] | None:
        """Who takes the action, and with what; None: it cannot be taken as things stand."""
        case = row.case
        rng = self.draw(case)(f"{action} {case.version}")
        inputs = self._inputs(shift, row, action, now, rng)
        if inputs is None:
            return None
        viewer = self.office.who(shift, case, action, inputs.result)
        return (viewer, inputs) if viewer is not None else None

    def _inputs(
        self, shift: Shift, row: Row, action: str, now: datetime, rng: random.Random
    ) -> Inputs | None:
        case = row.case
        if action == "dispatch":
            return Inputs(unit=self.unit(row, now))
        if action == "report":
            return Inputs(note=self.office.note(shift, row, rng))
        if action in ("verify", "review_appeal"):
            return self._judged(case, action, rng)
        if action == "reassign":
            return self._reassigned(row, now, rng)
        if action == "whistle":
            return self._whistled(case, rng)
        if action == "co_report":
            return Inputs(note=said(action, None, rng))
        if action == "release":
            return self._released(case, rng)
        if action == "close_otherwise":
            return self._ended(case, rng)
        if action == "return":
            which = "return_wrong" if self.misdirected(case) else "return_right"
            ground = astray.ground(which, rng)
            return Inputs(ground=ground, note=said(action, ground, rng))
        if action in ("appeal", "reopen"):
            back = action == "reopen" and case.order_attention is not None
            ground = "upstream" if back else astray.ground(action, rng)
            note = said(action, ground, rng) if action == "appeal" else None
            return Inputs(ground=ground, note=note)
        if action == "ask_extension":
            late = case.due_at is None or case.due_at <= now
            return None if late else Inputs(note=said(action, None, rng))
        if action == "ask_suspension":
            until = self.until.get(case.id)
            fits = until is not None and until > now
            return Inputs(note=said(action, None, rng), until=until) if fits else None
        return Inputs(note=said(action, None, rng)) if action in REFUSALS else Inputs()

    def _judged(self, case: Case, action: str, rng: random.Random) -> Inputs:
        if action == "verify":
            failed = astray.happens("sent_back", rng)
        else:
            second = case.appeal is not None and case.appeal["state"] == "seconded"
            failed = not astray.happens("appeal_granted" if second else "appeal_seconded", rng)
        if failed:
            return Inputs(result="fail", note=said(action, None, rng))
        if action == "verify":
            return passing(case, self.office.conditions, self.draw(case))
        return Inputs(result="pass")

    def unit(self, row: Row, now: datetime) -> str:
        """The unit whose it is, or where it goes wrong another, at times the same again."""
        case = row.case
        rng = self.draw(case)("unit")
        right = self.office.unit_for(row, now, rng)
        if not self.misdirected(case):
            return right
        if case.returned_from is not None and rng.random() < 0.5:
            again = self.office.code_of(case.returned_from)
            if again != right:
                return again
        return rng.choice([code for code in self.office.able() if code != right])

    def _reassigned(self, row: Row, now: datetime, rng: random.Random) -> Inputs | None:
        right = self.office.unit_for(row, now, rng)
        if self.office.unit_id[right] == row.case.unit_id:
            return None
        return Inputs(unit=right, note=said("reassign", None, rng))

    def _whistled(self, case: Case, rng: random.Random) -> Inputs:
        others = [one for one in self.office.able() if self.office.unit_id[one] != case.unit_id]
        counts, weights = zip(*CALLED_UNITS, strict=True)
        units = rng.sample(others, rng.choices(counts, weights)[0])
        ground = "emergency" if case.priority == "high" else astray.ground("whistle", rng)
        return Inputs(units=units, ground=ground, note=said("whistle", ground, rng))

    def _released(self, case: Case, rng: random.Random) -> Inputs | None:
        """All at once; with a reason where somebody has not come, or not reported."""
        stages = case.parties or {}
        left = [UUID(unit) for unit, stage in stages.items() if stage != RELEASED]
        if not left:
            return None
        done = all(stages[str(unit)] == DONE for unit in left)
        note = None if done else said("release", None, rng)
        return Inputs(units=[self.office.code_of(unit) for unit in left], note=note)

    def _ended(self, case: Case, rng: random.Random) -> Inputs:
        outcome = self.ends.get(case.id, "withdrawn")
        body = None
        if outcome == "not_our_duty":
            body = rng.choice(BODIES)
        elif outcome == "duplicate":
            body = self.last_of.get(case.category_code)
            if body is None or body == case.number:
                outcome, body = "unverifiable", None
        return Inputs(outcome=outcome, body=body, note=said("close_otherwise", outcome, rng))


def coming(case: Case) -> int:
    """How many of the called units are not there yet, or have not reported."""
    return sum(stage in (CALLED, HERE) for stage in (case.parties or {}).values())
