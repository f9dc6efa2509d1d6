"""The loop as an officer would tell it, written out by hand: slow, plain, and knowing nothing of
the product's table. What ``streetwise.resolve.loop`` makes of a sequence is compared with this.

People, units and cases are plain words and a dictionary; one function says what becomes of one
thing that somebody tries, or that it may not be.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass
class Told:
    """A case as the reference knows it."""

    state: str = "received"
    holder: str | None = None
    lead: str | None = None
    reporter: str | None = None
    returned: int = 0
    reopened: int = 0
    reworked: int = 0
    outcome: str | None = None
    body: str | None = None
    returned_from: str | None = None
    #: unit → called, here, reported, released
    parties: dict[str, str] = field(default_factory=dict)
    appeal: str | None = None
    spoke: list[str] = field(default_factory=list)
    #: Whether its rules know more time and suspension (挂账); what is asked for, by whom, until.
    rules: bool = True
    asked: str | None = None
    asker: str | None = None
    asked_until: str | None = None
    extended: int = 0
    suspended: int = 0
    until: str | None = None

    def left(self) -> list[str]:
        return [unit for unit, stage in self.parties.items() if stage != "released"]


@dataclass(frozen=True)
class Try:
    """What somebody tries: who, of which unit, with what."""

    who: str
    of: str
    may: Collection[str]
    action: str
    result: str | None = None
    unit: str | None = None
    units: tuple[str, ...] = ()
    note: bool = False
    ground: str | None = None
    outcome: str | None = None
    body: str | None = None
    #: The day that is named; whether the case's own clock is late when it is tried.
    until: str | None = None
    late: bool = False
    #: Nobody tries it: the day has come and the case goes on by itself.
    by_itself: bool = False


GROUNDS = {
    "return": {"not_our_duty", "wrong_place", "unclear", "no_such_problem", "needs_others"},
    "whistle": {"emergency", "joint", "beyond_us"},
    "reopen": {"resident", "camera", "sensor", "upstream", "check"},
    "appeal": {"not_our_duty", "force_majeure", "unreasonable", "data_wrong", "upstream_late"},
}
#: Days that may be named for a suspension: within the year, and not past.
DAYS = {"soon"}
NAMES_A_BODY = {"not_our_duty", "duplicate"}
NAMES_NOBODY = {"withdrawn", "unverifiable", "not_fixed"}


def attempt(case: Told, t: Try) -> bool:
    """Change the case as the attempt does and return True; or change nothing and return False."""
    if t.by_itself:
        if case.state != "suspended":
            return False
        case.state, case.until = "handling", None
        return True
    before = case.state
    if not _attempt(case, t):
        return False
    # What was asked for needs no decision when the case goes on without it.
    if before == "handling" != case.state:
        case.asked, case.asker, case.asked_until = None, None, None
    return True


def _attempt(case: Told, t: Try) -> bool:
    if f"case.{t.action}" not in t.may:
        return False
    if t.until is not None and t.action not in ("ask_suspension", "whistle"):
        return False
    if (t.action in ("verify", "review_appeal")) != (t.result is not None):
        return False
    # Nothing may be brought along that the action has no use for.
    if t.unit is not None and t.action not in ("dispatch", "reassign"):
        return False
    if t.units and t.action not in ("whistle", "release"):
        return False
    if t.ground is not None and t.action not in GROUNDS:
        return False
    if t.ground is not None and t.ground not in GROUNDS[t.action]:
        return False
    if (t.outcome is not None or t.body is not None) and t.action != "close_otherwise":
        return False

    if t.action == "ask_extension":
        if case.state != "handling" or case.holder != t.of or not t.note or case.asked:
            return False
        if not case.rules or case.extended >= 2 or t.late:
            return False
        case.asked, case.asker = "extension", t.who
    elif t.action == "ask_suspension":
        if case.state != "handling" or case.holder != t.of or not t.note or case.asked:
            return False
        if not case.rules or case.suspended >= 1 or t.until not in DAYS:
            return False
        case.asked, case.asker, case.asked_until = "suspension", t.who, t.until
    elif t.action in ("grant_extension", "refuse_extension"):
        if case.state != "handling" or case.asked != "extension" or case.asker == t.who:
            return False
        if t.action == "refuse_extension" and not t.note:
            return False
        case.asked, case.asker = None, None
        if t.action == "grant_extension":
            case.extended += 1
    elif t.action in ("grant_suspension", "refuse_suspension"):
        if case.state != "handling" or case.asked != "suspension" or case.asker == t.who:
            return False
        if t.action == "refuse_suspension":
            if not t.note:
                return False
        else:
            if case.left():
                return False
            case.state, case.suspended, case.until = (
                "suspended",
                case.suspended + 1,
                case.asked_until,
            )
        case.asked, case.asker, case.asked_until = None, None, None
    elif t.action == "resume":
        if case.state != "suspended" or case.holder != t.of:
            return False
        case.state, case.until = "handling", None
    elif t.action == "accept":
        if case.state != "received":
            return False
        case.state = "accepted"
    elif t.action == "dispatch":
        if case.state != "accepted" or t.unit is None or t.unit in case.left():
            return False
        case.state, case.holder, case.lead = "dispatched", t.unit, None
    elif t.action == "start":
        if case.state != "dispatched" or case.holder != t.of:
            return False
        case.state = "handling"
        case.lead = case.lead or t.of
    elif t.action == "report":
        if case.state != "handling" or case.holder != t.of or not t.note or case.left():
            return False
        case.state, case.reporter = "reported", t.who
    elif t.action == "verify":
        if case.state not in ("reported", "verified") or case.reporter == t.who:
            return False
        if t.result == "pass":
            if case.state == "verified":
                return False
            case.state = "verified"
        else:
            if not t.note:
                return False
            case.state, case.reworked = "handling", case.reworked + 1
    elif t.action == "close":
        if case.state != "verified":
            return False
        case.state = "closed"
    elif t.action == "return":
        if case.state not in ("dispatched", "handling") or case.holder != t.of:
            return False
        if not t.note or t.ground is None or case.left():
            return False
        case.state, case.returned = "accepted", case.returned + 1
        case.returned_from, case.holder, case.lead = case.holder, None, None
    elif t.action == "reassign":
        if case.state not in ("dispatched", "handling") or t.unit is None:
            return False
        if t.unit == case.holder or t.unit in case.left():
            return False
        case.state, case.holder, case.lead = "dispatched", t.unit, None
    elif t.action == "whistle":
        if case.state not in ("dispatched", "handling") or not t.units or not t.note:
            return False
        if t.ground is None:
            return False
        if any(unit == case.holder or unit in case.left() for unit in t.units):
            return False
        for unit in t.units:
            case.parties[unit] = "called"
    elif t.action == "arrive":
        if case.state not in ("dispatched", "handling") or case.parties.get(t.of) != "called":
            return False
        case.parties[t.of] = "here"
    elif t.action == "co_report":
        if case.state not in ("dispatched", "handling") or case.parties.get(t.of) != "here":
            return False
        if not t.note:
            return False
        case.parties[t.of] = "reported"
    elif t.action == "release":
        if case.state != "handling" or case.lead != t.of or not t.units:
            return False
        if any(unit not in case.left() for unit in t.units):
            return False
        if not t.note and any(case.parties[unit] != "reported" for unit in t.units):
            return False
        for unit in t.units:
            case.parties[unit] = "released"
    elif t.action == "close_otherwise":
        if case.state in ("suspended", "verified", "closed") or t.outcome is None or not t.note:
            return False
        if case.holder == t.of or case.reporter == t.who or case.left():
            return False
        if t.outcome not in NAMES_A_BODY | NAMES_NOBODY:
            return False
        if (t.outcome in NAMES_A_BODY) != (t.body is not None):
            return False
        if t.outcome == "not_fixed" and case.state not in ("handling", "reported"):
            return False
        case.state, case.outcome, case.body = "closed", t.outcome, t.body
    elif t.action == "reopen":
        if case.state != "closed" or t.ground is None:
            return False
        case.state, case.reopened = "accepted", case.reopened + 1
        case.holder, case.lead, case.outcome, case.body = None, None, None, None
    elif t.action == "appeal":
        if case.state != "closed" or case.holder != t.of or case.appeal is not None:
            return False
        if t.ground is None or not t.note:
            return False
        case.appeal, case.spoke = "asked", [t.who]
    elif t.action == "review_appeal":
        if case.state != "closed" or case.appeal not in ("asked", "seconded"):
            return False
        if t.who in case.spoke or case.holder == t.of:
            return False
        if t.result == "fail" and not t.note:
            return False
        case.spoke = [*case.spoke, t.who]
        if t.result == "fail":
            case.appeal = "refused"
        else:
            case.appeal = "granted" if case.appeal == "seconded" else "seconded"
    else:
        return False
    return True
