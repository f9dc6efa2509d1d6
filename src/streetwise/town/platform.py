"""The city's hotline platform, as far as a street meets it: its export, call-backs and returns.

It decides by the order's number alone, so that telling the same order twice says the same. The
words in its files are the platform's; chances are invented and no figure of any real city.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO
from zoneinfo import ZoneInfo

from . import astray
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
RETURNED, UNSOLVED, UNREACHED = 0.08, 0.1, 0.06
SURE_AFTER = 2  # rounds: nothing is returned for ever


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the platform will find, so many hours after the street has answered."""

    hours: float
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


def verdict(number: str, updates: int) -> Verdict:
    """The platform's finding on an order, after so many updates of it."""
    rng = random.Random(f"verdict:{number}:{updates}")
    returned = updates < SURE_AFTER and rng.random() < RETURNED
    reached = rng.random() >= UNREACHED
    resolved = not returned and rng.random() >= UNSOLVED
    liked = ("满意", "满意", "基本满意") if resolved else ("不满意", "基本满意")
    satisfied = rng.choice(liked) if reached else ""
    return Verdict(14 * rng.lognormvariate(0, 0.8), returned, reached, resolved, satisfied)


def verdicts(orders: Iterable[Answered], now: datetime, zone: ZoneInfo) -> list[dict[str, str]]:
    """The rows of the orders that were answered long enough ago for a call-back."""
    rows = []
    for order in orders:
        found = verdict(order.number, order.updates)
        if order.answered_at + timedelta(hours=found.hours) <= now:
            due = order.due_at.astimezone(zone) if order.due_at else None
            rows.append(verdict_row(order.number, order.title, due, found, now.astimezone(zone)))
    return rows


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
        "是否联系": "是" if found.reached else "否",
        "是否解决": ("是" if found.resolved else "否") if found.reached else "",
        "满意度": found.satisfied,
        "回访时间": f"{at:{_TIME}}" if found.reached else "",
        "剔除状态": "未申请",
    }
    return row


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
