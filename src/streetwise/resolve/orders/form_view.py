"""A work order's reply in upstream's form, from what is known of it; all of it masked."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.contacts import repository as contacts
from streetwise.resolve.contacts.tables import Contact
from streetwise.resolve.orders.repository import OrderRow
from streetwise.resolve.orders.schemas import UpstreamField, UpstreamForm
from streetwise.resolve.orders.upstream_forms import fill

_TIME = "%Y-%m-%d %H:%M"
#: The document is in Chinese, as the platform is.
_RESULTS = {
    "reached": "已联系上",
    "refused": "诉求人不愿沟通",
    "no_answer": "无人接听",
    "busy": "占线",
    "wrong_number": "号码有误",
}


async def of_order(session: AsyncSession, viewer: Viewer, row: OrderRow) -> UpstreamForm:
    """The form of an order that the viewer sees."""
    order = row.order
    zone = ZoneInfo((await directory.area(session, viewer, order.area)).timezone)
    calls = await contacts.of_voice(session, viewer, order.case_id, order.signal_id)
    filled = fill(
        order.scheme,
        {
            "number": order.number,
            "unit": row.unit[1] if row.unit else "",
            "contact": _called(calls, zone),
            "answer": order.answer or "",
            "answered_at": f"{order.answered_at.astimezone(zone):{_TIME}}"
            if order.answered_at
            else "",
            "exclusion": order.grounds or "" if order.exclusion == "applied" else "",
        },
    )
    return UpstreamForm(
        title=filled.title,
        title_en=filled.title_en,
        fields=[
            UpstreamField(
                label=one.label,
                value=one.value,
                limit=one.limit,
                over=one.over,
                missing=one.missing,
            )
            for one in filled.fields
        ],
        text=filled.text,
    )


def _called(calls: list[Contact], zone: ZoneInfo) -> str:
    """How often the reporter was called and what came of it."""
    if not calls:
        return ""
    counted = Counter(_RESULTS[one.result] for one in calls)
    what = "、".join(f"{word} {number} 次" for word, number in counted.items())
    last = calls[-1].at.astimezone(zone)
    return f"共联系 {len(calls)} 次（{what}），最近一次 {last:{_TIME}}"
