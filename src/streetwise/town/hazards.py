"""The town's hazards: ordered to be rectified, reported, re-checked by somebody else, written off.

Beside the case's own steps, so that its close is not refused. In the past by the actions
themselves (``Rectifying``), in the present by the API (``rectify_live``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.actions import Doing
from streetwise.resolve.hazards import actions, loop, repository
from streetwise.resolve.hazards.actions import Given
from streetwise.resolve.hazards.tables import Hazard
from streetwise.resolve.tables import Case
from streetwise.town.client import JSON, Account, Cast, Client
from streetwise.town.office import Office, Shift

#: The case's own step → how far its hazard is then.
FAR = {"start": loop.ORDERED, "report": loop.RECTIFIED, "verify": loop.WRITTEN_OFF}
#: How long an order gives, in days, and how many are grave.
DAYS, GRAVE_DAYS, GRAVE = 15, 3, 0.08
_MEASURES = (
    "立即停止使用，消除危险后报告。",
    "按规范整改到位，整改期间设警示。",
    "限期清理并落实专人管理。",
)
_DONE = ("已按要求整改。", "危险已消除，现场恢复。")
_NOT_DONE = "复查时仍未整改到位。"
SYSTEM = Viewer.system("town")
_STEP = {
    loop.FOUND: "order",
    loop.ORDERED: "rectify",
    loop.RECTIFIED: "recheck",
    loop.PASSED: "write_off",
}


@dataclass(frozen=True, slots=True)
class Rectifying:
    """The hazards of one sitting of the past. ``series``: of the stretch, whose orders are counted
    for themselves: stretches are lived through apart.
    """

    uow: UnitOfWork
    keys: Keys
    office: Office
    shift: Shift
    rng: random.Random
    series: str
    #: What is known of them by now.
    rows: dict[UUID, Hazard] = field(default_factory=dict)

    async def follow(self, doings: Sequence[Doing], cases: Sequence[Case]) -> None:
        """Bring the hazards of these cases as far as the cases' own steps have come."""
        for doing, case in zip(doings, cases, strict=True):
            if case.nature != "hazard" or case.nature_state is None or doing.action not in FAR:
                continue
            await self.uow.session.flush()
            if doing.inputs.result == "fail":
                await self._fail(case)
            else:
                await self._until(case, FAR[doing.action])

    async def _until(self, case: Case, wanted: str) -> None:
        for _ in loop.STATES:
            if loop.STATES.index(str(case.nature_state)) >= loop.STATES.index(wanted):
                return
            await self._do(case, _STEP[str(case.nature_state)])

    async def _fail(self, case: Case) -> None:
        if case.nature_state in (loop.ORDERED, loop.RECTIFIED):
            given = Given(result="fail", note=_NOT_DONE)
            await self._act(self.shift.on_duty["inspector"], case, "recheck", given)

    async def _do(self, case: Case, step: str) -> None:
        on_duty = self.shift.on_duty
        if step == "order":
            grave = self.rng.random() < GRAVE
            holder = next(code for code, one in self.office.unit_id.items() if one == case.unit_id)
            given = Given(
                level="major" if grave else "general",
                unit=holder,
                note=self.rng.choice(_MEASURES),
                until=self.uow.now + timedelta(days=GRAVE_DAYS if grave else DAYS),
                series=self.series,
            )
            await self._act(on_duty["dispatcher"], case, step, given)
        elif step == "rectify":
            last = (await repository.orders(self.uow.session, SYSTEM, case.id))[-1]
            somebody = self.office.by_unit[last.unit_id][0]
            await self._act(somebody, case, step, Given(note=self.rng.choice(_DONE)))
        elif step == "recheck":
            await self._act(on_duty["inspector"], case, step, Given(result="pass"))
        else:
            await self._act(on_duty["dispatcher"], case, step, Given())

    async def _act(self, viewer: Viewer, case: Case, step: str, given: Given) -> None:
        row = self.rows.get(case.id)
        row = row or await repository.of_case(self.uow.session, SYSTEM, case.id)
        version = row.version if row is not None else 1
        self.rows[case.id] = await actions.act(
            self.uow, viewer, self.keys, case.id, version, step, given, hears=False
        )
        await self.uow.session.flush()


async def rectify_live(
    client: Client, cast: Cast, case: JSON, action: str, rng: random.Random
) -> None:
    """The same in the present, by the API: before a case is closed its hazard is written off.

    Raises Refused where somebody was quicker.
    """
    wanted = loop.WRITTEN_OFF if action == "close" else FAR.get(action)
    if case["nature"] != "hazard" or wanted is None or action == "verify":
        return
    for _ in loop.STATES:
        desk = cast.who("dispatcher")
        if desk is None:
            return
        view = await client.get(desk, f"/cases/{case['id']}/hazard")
        state = view["state"]
        if state is None or loop.STATES.index(state) >= loop.STATES.index(wanted):
            return
        step = _STEP[state]
        who, body = _live(cast, view, step, desk, rng)
        if who is None or body is None:
            return
        await client.post(who, f"/cases/{case['id']}/hazard/{step}", body, view["version"])


def _live(
    cast: Cast, view: JSON, step: str, desk: Account, rng: random.Random
) -> tuple[Account | None, JSON | None]:
    """Who takes a step, and with what; None where nobody can."""
    if step == "order":
        offer = next((one for one in view["actions"] if one["action"] == step), None)
        if offer is None or not offer["units"]:
            return None, None
        grave = rng.random() < GRAVE
        return desk, {
            "level": "major" if grave else "general",
            "unit": offer["units"][0]["code"],
            "note": rng.choice(_MEASURES),
            "until": offer["due_major" if grave else "due_general"],
        }
    if step == "rectify":
        unit = view["orders"][-1]["unit"]["name"]
        return cast.who("department_handler", "community_worker", unit=unit), {
            "note": rng.choice(_DONE)
        }
    if step == "recheck":
        return cast.who("inspector"), {"result": "pass"}
    return desk, {}
