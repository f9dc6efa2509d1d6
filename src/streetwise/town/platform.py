"""The city's hotline platform, as far as a street meets it: its export, call-backs and returns.

What its call-back finds follows from how the case ended, from what its caller would tell us as
well, and from whether somebody spoke to them; how seldom it says otherwise stands in
``data/astray.yaml``. Chance is by the order's number, so that the same order told twice says the
same. The words in its files are its own; chances are invented and no figure of any real city.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO
from zoneinfo import ZoneInfo

from . import astray
from .answering import Answer
from .names import SURNAMES
from .reports import Report

CHANNEL = "hotline12345"
MAPPING = "hotline-orders"
COLUMNS = (
    "工单编号", "来电时间", "标题", "诉求内容", "事发地址", "诉求人", "办理时限", "答复内容",
    "答复时间", "办结时间", "紧急程度", "派单时间", "更新时间", "工单状态", "是否联系",
    "是否解决", "满意度", "回访时间", "剔除状态", "剔除理由",
)  # fmt: skip
_GRADES = (("2小时", 2, 4), ("24小时", 24, 44), ("7天", 168, 40), ("15天", 360, 12))
ANSWERS = (
    "已安排处理，现场已恢复，并向来电人反馈。",
    "经核实情况属实，已整改到位。",
    "已处理完毕，来电人表示知晓。",
    "已联系责任单位处置，后续加强巡查。",
)
#: Invented numbers begin so.
NUMBER_PREFIX = "1900"
_TIME = "%Y-%m-%d %H:%M:%S"
_DAY = re.compile(r"[A-Z]{1,2}(20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))")
SURE_AFTER = 2  # rounds of the case: nothing is returned for ever
#: Endings without "fixed" of which a caller thinks as of others.
_GOOD_ENDS = ("duplicate", "withdrawn")
_WORDS = {"yes": "满意", "basically": "基本满意", "no": "不满意"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a call-back finds out. ``updates``: of the order; ``rounds``: how often its case was
    opened again, and ``outcome`` as what that ended (None: fixed); ``told``: what its caller says
    of this round; ``contacted``: whether somebody of the street had spoken to them.
    """

    number: str
    updates: int
    told: Answer
    contacted: bool
    outcome: str | None = None
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the platform finds. ``called``: somebody answered its call, else the rest says nothing;
    ``reached``: the caller says that the street was in touch.
    """

    called: bool
    returned: bool
    reached: bool
    resolved: bool
    satisfied: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the platform will say of a contest (派单异议), so many hours after it was made."""

    hours: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """An order that the street has answered, as the platform knows it."""

    number: str
    updates: int
    title: str
    answered_at: datetime
    due_at: datetime | None


def day_of(number: str) -> date | None:
    """The day of which a number tells that it was called; None: it is not one of these."""
    found = _DAY.match(number)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:  # the thirtieth of February
        return None


def order_row(report: Report) -> dict[str, str]:
    """A hotline call as the platform's export has it when it sends it to the street.

    Who urges or adds something is told of under the number of the first call.
    """
    if report.refers_to:
        return _further_row(report)
    rng = random.Random(f"order:{report.upstream_key}")
    name, hours, _ = rng.choices(_GRADES, [weight for *_, weight in _GRADES])[0]
    sent = report.at + timedelta(minutes=rng.randint(2, 12))
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "工单编号": report.upstream_key,
        "来电时间": f"{report.at:{_TIME}}",
        "标题": report.title,
        "诉求内容": report.text,
        "诉求人": caller(report.upstream_key),
        "办理时限": f"{sent + timedelta(hours=hours):{_TIME}}",
        "紧急程度": name,
        "派单时间": f"{sent:{_TIME}}",
        "更新时间": f"{sent:{_TIME}}",
        "工单状态": "办理中",
        "剔除状态": "未申请",
    }
    return row


def caller(key: str) -> str:
    """Who called, as the export names them: a surname and an invented number. Some leave none."""
    rng = random.Random(f"caller:{key}")
    name = rng.choice(SURNAMES) + rng.choice(("先生", "女士"))
    number = f"{NUMBER_PREFIX}{rng.randrange(10**7):07}"
    return f"{name} {number}" if astray.happens("leaves_number", rng) else name


def _further_row(report: Report) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "")
    return row | {
        "工单编号": report.refers_to,
        "来电时间": f"{report.at:{_TIME}}",
        "标题": report.title,
        "诉求内容": report.text,
        "更新时间": f"{report.at:{_TIME}}",
    }


def hours_until_verdict(number: str, updates: int) -> float:
    """How long after the street's answer the platform calls back."""
    return 14 * random.Random(f"verdict:{number}:{updates}").lognormvariate(0, 0.8)


def verdict(known: Known) -> Verdict:
    """The platform's finding on an order."""
    draw = astray.drawing(0, f"platform {known.number}", known.updates)
    if astray.happens("platform_unreached", draw("unreached")):
        return Verdict(called=False, returned=False, reached=False, resolved=False, satisfied="")
    resolved = known.told.resolved
    if known.outcome is not None and known.outcome not in _GOOD_ENDS:
        resolved = astray.happens("unfixed_solved", draw("unfixed"))
    if astray.happens("platform_differs", draw("differs")):
        resolved = not resolved
    satisfied = known.told.satisfied
    if resolved != known.told.resolved:
        satisfied = "basically" if resolved else "no"
    again = not resolved and known.rounds < SURE_AFTER
    return Verdict(
        called=True,
        returned=again and astray.happens("platform_returns", draw("returns")),
        reached=known.contacted and not astray.happens("platform_denies_contact", draw("denies")),
        resolved=resolved,
        satisfied=_WORDS[satisfied],
    )


def is_due(order: Answered, now: datetime) -> bool:
    """Whether an order was answered long enough ago for a call-back."""
    hours = hours_until_verdict(order.number, order.updates)
    return order.answered_at + timedelta(hours=hours) <= now


def verdict_row(
    number: str, title: str, due_at: datetime | None, found: Verdict, at: datetime
) -> dict[str, str]:
    """The order's row in the export after the call-back. Times are the street's local ones."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "工单编号": number,
        "来电时间": f"{at:{_TIME}}",
        "标题": title,
        "办理时限": f"{due_at:{_TIME}}" if due_at else "",
        "更新时间": f"{at:{_TIME}}",
        "工单状态": "退回重办" if found.returned else "已办结",
        "办结时间": "" if found.returned else f"{at:{_TIME}}",
        "是否联系": _yes(found, said=found.reached),
        "是否解决": _yes(found, said=found.resolved),
        "满意度": found.satisfied,
        "回访时间": f"{at:{_TIME}}" if found.called else "",
        "剔除状态": "未申请",
    }
    return row


def _yes(found: Verdict, *, said: bool) -> str:
    return ("是" if said else "否") if found.called else ""


def contest_verdict(number: str) -> Heard:
    """The platform's decision on a contest of an order."""
    rng = random.Random(f"contest:{number}")
    hours = astray.delay("contest_verdict", rng) / 60
    return Heard(hours, astray.happens("contest_accepted", rng))


def contest_verdicts(
    orders: Iterable[Answered], now: datetime, zone: ZoneInfo
) -> list[dict[str, str]]:
    """The rows of the orders that were contested long enough ago; ``answered_at``: when."""
    rows = []
    for order in orders:
        heard = contest_verdict(order.number)
        if order.answered_at + timedelta(hours=heard.hours) <= now:
            due = order.due_at.astimezone(zone) if order.due_at else None
            local = now.astimezone(zone)
            rows.append(contest_row(order.number, order.title, due, heard, local))
    return rows


def contest_row(
    number: str, title: str, due_at: datetime | None, heard: Heard, at: datetime
) -> dict[str, str]:
    """The order's row in the export once a contest is decided: taken back, or refused."""
    row = dict.fromkeys(COLUMNS, "")
    return row | {
        "工单编号": number,
        "来电时间": f"{at:{_TIME}}",
        "标题": title,
        "办理时限": f"{due_at:{_TIME}}" if due_at else "",
        "更新时间": f"{at:{_TIME}}",
        "工单状态": "已撤单" if heard.accepted else "异议驳回",
        "剔除状态": "未申请",
    }


def answer_words(number: str) -> str:
    """What the street writes back."""
    return random.Random(f"answer:{number}").choice(ANSWERS)


def orders_csv(file: IO[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write the platform's export."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
