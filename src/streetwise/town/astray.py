"""What does not go straight in the town, and how often. Pure.

The shares stand in ``data/astray.yaml``, each with its source or "assumed", and are written to
the truth. Chance is by the case: what happens to it is drawn from the seed, its number and how far
it is, so that nothing else that happens changes it, and the live town draws as the past does.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .language.phrase import read_yaml

#: How a case goes on from a state where nothing happens to it.
STRAIGHT = {
    "received": "accept",
    "accepted": "dispatch",
    "dispatched": "start",
    "handling": "report",
    "suspended": "resume",
    "reported": "verify",
    "verified": "close",
}
#: How a case may end without "fixed", by where that is found out.
_ENDS_FIRST = ("not_our_duty", "duplicate", "unverifiable", "withdrawn")
Draw = Callable[[str], random.Random]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, as far as what happens next depends on it.

    ``asked``: "extension" or "suspension" while that waits. ``parties``: how far called units
    are. ``straight``: nothing further is to happen to it on this stage (it has happened).
    """

    state: str
    nature: str = "problem"
    returned: int = 0
    reopened: int = 0
    asked: str | None = None
    parties: Sequence[str] = ()
    misdirected: bool = False
    straight: bool = False


@cache
def _rates() -> Mapping[str, Any]:
    return read_yaml("astray.yaml")


def share(name: str) -> float:
    """How often something happens, 0 to 1."""
    return float(_rates()["shares"][name]["share"])


def happens(name: str, rng: random.Random) -> bool:
    """Whether it does this time."""
    return rng.random() < share(name)


def ground(name: str, rng: random.Random) -> str:
    """One of the grounds of a list, by their weights."""
    listed: dict[str, int] = _rates()["grounds"][name]
    return rng.choices(list(listed), list(listed.values()))[0]


def delay(name: str, rng: random.Random) -> float:
    """Minutes until it is done."""
    median, sigma = _rates()["delays"][name]
    return float(median * rng.lognormvariate(0, sigma))


def arrives_after(within: float, rng: random.Random) -> float:
    """Minutes until a called unit is there that has so many."""
    median, sigma = _rates()["arrive"]
    return float(within * median * rng.lognormvariate(0, sigma))


def suspension_days() -> tuple[float, float]:
    """From how many days on a suspension is worth asking for, and how far ahead it may end."""
    least, most = _rates()["suspension_days"]
    return float(least), float(most)


def first_call(within: float, rng: random.Random, *, night: bool) -> bool:
    """Whether whoever called is called back now, where there were so many minutes for it."""
    line = next(one for one in _rates()["first_calls"] if within <= one["within"])
    return (bool(line["night"]) or not night) and rng.random() < float(line["share"])


def duty_lines() -> float:
    """Lines of the duty log a shift."""
    return float(_rates()["duty_lines"])


def drawing(seed: int, number: str, round_: object = "") -> Draw:
    """Chance for one case: by what is drawn, and how far it is."""
    return lambda what: random.Random(f"astray:{seed}:{number}:{round_}:{what}")


def goes_wrong(draw: Draw, returned: int) -> bool:
    """Whether a dispatch goes to a unit whose it is not; ``draw`` by the case alone."""
    if returned == 0:
        return happens("misdirected", draw("misdirected"))
    if not goes_wrong(draw, returned - 1):
        return False  # it was returned for another reason, and goes to whom it belongs
    return happens("misdirected_again", draw(f"misdirected {returned}"))


def goes_on(case: Standing, draw: Draw) -> str | None:
    """The action that follows for a case; None: called units are awaited first."""
    if case.state == "handling":
        return _handled(case, draw)
    if case.straight:
        return STRAIGHT[case.state]
    if case.state == "accepted" and not (case.returned or case.reopened):
        return "dispatch" if end(draw) is None else "close_otherwise"
    if case.state == "dispatched":
        return _dispatched(case, draw)
    return STRAIGHT[case.state]


def _dispatched(case: Standing, draw: Draw) -> str:
    chance = draw("dispatched").random()
    steps: tuple[tuple[str, str], ...] = (("returned", "return"), ("contested", "contest"))
    if case.misdirected:
        steps = (("wrong_returned", "return"), ("wrong_reassigned", "reassign"))
    elif case.returned or case.reopened:
        return "start"
    for name, action in steps:
        chance -= share(name)
        if chance < 0:
            return action
    return "start"


def _handled(case: Standing, draw: Draw) -> str | None:
    if case.asked is not None:
        granted = happens(f"{case.asked}_granted", draw("granted"))
        return f"{'grant' if granted else 'refuse'}_{case.asked}"
    left = [stage for stage in case.parties if stage != "released"]
    if left:
        return "release" if all(stage == "reported" for stage in left) else None
    if case.straight or case.parties:
        return "report"
    whistled = "whistled_dispute" if case.nature == "dispute" else "whistled"
    if happens(whistled, draw("whistle")):
        return "whistle"
    if not case.reopened and happens("not_fixed", draw("not_fixed")):
        return "close_otherwise"
    return "report"


def end(draw: Draw) -> str | None:
    """As what a case ends that has just been accepted; None: it is dispatched."""
    chance = draw("end").random()
    for outcome in _ENDS_FIRST:
        chance -= share(outcome)
        if chance < 0:
            return outcome
    return None


def after_the_end(draw: Draw, *, late: bool, held: bool) -> str | None:
    """Whether a closed case is opened again, or appealed about by the unit that held it."""
    if happens("reopened", draw("reopened")):
        return "reopen"
    if held and happens("appealed_late" if late else "appealed", draw("appealed")):
        return "appeal"
    return None


def write_rates(path: Path) -> None:
    """The shares and delays as a table of the truth."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("key", "kind", "value", "of", "source"))
        for name, one in _rates()["shares"].items():
            writer.writerow((name, "share", one["share"], one["of"], one["source"]))
        for name, (median, _) in _rates()["delays"].items():
            writer.writerow((name, "median_minutes", median, "", "assumed"))
