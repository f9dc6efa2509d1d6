"""What the cells of one row have to do with each other."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from ..geometry import rng_for
from .ground import Subject
from .subjects import Desk

Facts = dict[str, str]

_SPECIES = (("国槐", 31), ("毛白杨", 14), ("白蜡", 13), ("银杏", 9), ("悬铃木", 7), ("元宝枫", 6),
            ("臭椿", 4), ("旱柳", 5), ("栾树", 8), ("油松", 2), ("侧柏", 1))  # fmt: skip
_NAMES = [n for n, _ in _SPECIES]
_SHARES = [w for _, w in _SPECIES]
_STOCK = (
    ("编织袋", "条", 3000), ("防汛沙袋", "袋", 2000), ("抽水泵", "台", 12), ("强光手电", "把", 60),
    ("救生衣", "件", 80), ("反光背心", "件", 120), ("铁锹", "把", 90), ("折叠床", "张", 120),
    ("棉被", "床", 200), ("饮用水", "箱", 300), ("灭火器", "具", 90), ("警戒带", "卷", 60),
    ("融雪剂", "袋", 400), ("发电机", "台", 6),
)  # fmt: skip
_HAZARDS = ("消防通道堵塞", "灭火器失效", "私拉电线", "电动车违规充电", "燃气软管老化",
            "安全出口上锁", "疏散标志缺失", "违规住人", "可燃物堆放", "外墙脱落风险")  # fmt: skip
_PATROL_NOTES = ("", "", "", "", "", "雨天改走沿街", "夜间照明不足路段已记", "与社区联合巡查",
                 "重点时段加巡一圈")  # fmt: skip


def _tree(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    old = subject.kind == "P-04-01" or rng.random() < 0.003
    species = rng.choices(_NAMES, _SHARES)[0]
    if old:
        species, age = rng.choice(("国槐", "侧柏", "油松", "银杏")), rng.randint(110, 620)
        klass = "古树一级" if age >= 300 else rng.choice(("古树二级", "古树二级", "名木"))
    else:
        age, klass = max(3, round(rng.gauss(22, 9))), "行道树"
    girth = min(210.0, (age * 0.42 if old else age * 1.15) * rng.uniform(0.75, 1.3) + 4)
    height = min(31.5, 2.5 + girth**0.62 * rng.uniform(0.8, 1.15))
    return {"species": species, "class": klass, "age": str(age), "girth": f"{girth:.1f}",
            "height": f"{height:.1f}"}  # fmt: skip


def _lift(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    last = desk.until - timedelta(days=rng.randint(1, 330))
    last = max(last, date(desk.until.year - 1, 1, 1))
    return {"last": last.isoformat(), "next": (last + timedelta(days=365)).isoformat()}


def _site(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    start = desk.until - timedelta(days=rng.randint(2, 640))
    return {"start": start.isoformat(),
            "end": (start + timedelta(days=rng.randint(20, 780))).isoformat()}  # fmt: skip


def _stock(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    item, measure, most = rng.choice(_STOCK)
    count = max(1, round(most * rng.random() ** 1.7))
    sound = count - (rng.randint(0, max(0, count // 12)) if rng.random() < 0.4 else 0)
    return {"item": item, "measure": measure, "count": str(count), "sound": str(sound)}


def _patrol(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    u = rng.random()
    found = 0 if u < 0.52 else 1 if u < 0.77 else 2 if u < 0.9 else rng.randint(3, 9)
    solved = sum(rng.random() < 0.7 for _ in range(found))
    return {"found": str(found), "solved": str(solved), "sent": str(found - solved),
            "note": rng.choice(_PATROL_NOTES)}  # fmt: skip


def _hazard(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    """Found, rectified, checked again, written off; as far as it came until today."""
    found, until = date.fromisoformat(day), desk.until
    level = rng.choices(("一般", "较大", "重大"), (88, 10, 2))[0]
    due = found + timedelta(days={"一般": 7, "较大": 15, "重大": 30}[level])
    facts = {"what": rng.choice(_HAZARDS), "level": level, "due": due.isoformat(), "fixed": "",
             "checked": "", "written_off": ""}  # fmt: skip
    fixed = found + timedelta(days=round(rng.lognormvariate(1.5, 0.8)))
    if fixed > until or rng.random() < 0.012:
        return {**facts, "state": "整改中" if due >= until else "逾期"}
    facts["fixed"] = fixed.isoformat()
    checked = fixed + timedelta(days=rng.randint(0, 6))
    if checked > until:
        return {**facts, "state": "待复查"}
    facts["checked"] = checked.isoformat()
    gone = checked + timedelta(days=rng.randint(0, 4))
    if gone > until:
        return {**facts, "state": "待销号"}
    return {**facts, "written_off": gone.isoformat(), "state": "已销号"}


def _visit(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    u = rng.random()
    found = 0 if u < 0.63 else 1 if u < 0.85 else 2 if u < 0.95 else rng.randint(3, 7)
    result = "未发现问题"
    if found:
        result = rng.choices(("当场改正", "责令限期改正", "立案"), (62, 35, 3))[0]
    return {"found": str(found), "result": result}


def _storm(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    # One rain for all points of a day, a little more here and less there.
    fallen = rng_for(desk.ground.seed, "ledgers", "rain", day).lognormvariate(3.2, 0.7)
    rain = min(259.0, max(1.0, fallen * rng.uniform(0.85, 1.15)))
    depth = min(139, max(0, round(rain * rng.uniform(0.1, 0.75) - 6)))
    return {"rain": f"{rain:.1f}", "depth": str(depth),
            "minutes": str(min(899, round(depth * rng.uniform(2, 6))))}  # fmt: skip


#: What a cover is for: share, classes of assets, owner.
_COVERS = {
    "雨水": (34, ("P-01-03", "P-01-04"), "OUT-WATER"),
    "污水": (26, ("P-01-02",), "OUT-WATER"),
    "上水": (14, ("P-01-01",), "OUT-WATER"),
    "电力": (8, ("P-01-06",), "OUT-POWER"),
    "通信": (9, (), "CT-SZ"),
    "燃气": (4, ("P-01-11",), "OUT-GAS"),
    "热力": (3, ("P-01-10",), "OUT-GAS"),
    "化粪池": (2, ("P-01-18",), "OUT-CLEAN"),
}
_USES = list(_COVERS)
_USE_SHARES = [share for share, _, _ in _COVERS.values()]
_SUPPLIES = {"停水": "OUT-WATER", "停电": "OUT-POWER", "停气": "OUT-GAS"}


def _cover(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    use = next((u for u in _USES if subject.kind in _COVERS[u][1]), None)
    use = use or rng.choices(_USES, _USE_SHARES)[0]
    # One in twenty lies in a yard and belongs to whoever looks after the houses.
    if rng.random() < 0.05:
        return {"use": use, "owner": rng.choice(desk.ground.firms)}
    return {"use": use, "owner": desk.ground.unit(_COVERS[use][2])}


def _outage(subject: Subject, day: str, desk: Desk, rng: random.Random) -> Facts:
    what = rng.choices(list(_SUPPLIES), (46, 41, 13))[0]
    return {"what": what, "by": desk.ground.unit(_SUPPLIES[what])}


#: By the key of the ledger. What a house is comes with its subject.
FACTS: dict[str, Callable[[Subject, str, Desk, random.Random], Facts]] = {
    "manholes": _cover,
    "outages": _outage,
    "trees": _tree,
    "lifts": _lift,
    "sites": _site,
    "materials": _stock,
    "patrols": _patrol,
    "hazards": _hazard,
    "visits": _visit,
    "low_points": _storm,
}
