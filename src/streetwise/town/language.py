"""How people tell it: one situation, many voices.

The phrases are the town's own (data/phrases.yaml). No engine reads them, and this module
imports none, or an engine would be tested on its own words.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .names import DISTRICT, SURNAMES, TOWN

CHANNELS = ("hotline12345", "street_hotline", "grid_worker", "wechat", "petition")

# 154 has never been assigned to an operator in the national numbering plan and the block 0000
# to no switch, so these eleven digits have the shape of a mobile number and belong to nobody.
PHONE_PREFIX = "1540000"


@dataclass(frozen=True)
class Theme:
    """What can go wrong, in the town's own words."""

    key: str
    category: str  # scheme:code
    weight: float
    places: tuple[str, ...]
    hours: str
    crowd: float
    topic: tuple[str, ...]
    say: tuple[str, ...]
    see: tuple[str, ...]
    more: tuple[str, ...]
    want: tuple[str, ...]


@cache
def themes() -> tuple[Theme, ...]:
    path = Path(__file__).parent / "data" / "phrases.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Theme(
            key,
            key.partition("/")[0],
            float(t["weight"]),
            tuple(t["places"]),
            t["hours"],
            float(t["crowd"]),
            *(tuple(t[k]) for k in ("topic", "say", "see", "more", "want")),
        )
        for key, t in content.items()
    )


@dataclass(frozen=True)
class Spot:
    """A place as the town knows it, for somebody to put into words."""

    code: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    road: str = ""  # the road it stands on, for a shop
    number: int = 0  # which house of a compound, or about which number of a road
    community: str = ""


@dataclass(frozen=True)
class Telling:
    title: str
    text: str


_SIDES = ("东北角", "西北角", "东南角", "西南角")
_FEELINGS = (
    "实在受不了了", "太闹心了", "已经不是一天两天了", "大家意见都很大", "真让人着急",
    "看着都心烦", "我们也没别的办法了", "再这样下去不行", "说出来都没人信",
)  # fmt: skip
_HELLOS = (
    "你好，", "您好，", "", "", "", "麻烦问下，", "在吗，", "领导好，", "想反映个事，", "打扰了，",
    "你好 ", "请问这个归谁管，",
)  # fmt: skip
_TAILS = (
    "", "", "，谢谢", "，谢谢了", "，拜托了", "，辛苦了", "，急",
    "[抱拳]", "[流泪]", "😡", "🙏", "！！",
)  # fmt: skip
_AGAIN = (
    "之前反映过，到现在也没解决。", "上回说派人来，一直没见着人。", "前几天就报过，没人管。",
    "怎么还没处理？", "这是第二次反映了。", "说好三天回复，一个信儿都没有。",
)  # fmt: skip
_GRID_HEADS = ("巡查发现，", "网格巡查：", "入户走访时发现", "今日巡查至此，", "", "例行检查，")
_GRID_TAILS = (
    "，已拍照，请派单处理", "，现场劝导无效，请协助", "，已设警示，请尽快处置", "，请安排处理",
    "，已告知物业", "，建议尽快整改", "。照片已上传",
)  # fmt: skip
_DESK_TAILS = ("，已登记，请转办", "，请协调处理", "，已做解释，请跟进", "，请相关部门答复")
_OPENINGS = (
    "来电人反映，", "市民来电称，", "{who}反映：", "{who}来电反映，", "来电人表示，", "市民反映：",
)  # fmt: skip
_CLOSINGS = (
    "，请核实处理。", "，请相关部门尽快处理并回复。", "，望尽快解决。", "，要求回复处理结果。",
    "，请调查处理。", "，盼复。",
)  # fmt: skip
_PETITION = (
    "尊敬的领导：您好！我是{home}的居民{who}。{body}{more}。{feeling}。恳请街道{want}，盼回复。",
    "{body}{more}。我们多次向物业和社区反映，一直没有结果。现请求：{want}。反映人：{who}。",
    "街道信访办：现将情况反映如下。{body}{more}。{feeling}，请求{want}。{who}等{n}户居民。",
)


def who(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(
        ("女士", "先生", "女士", "先生", "阿姨", "师傅", "大爷")
    )


def phone(rng: random.Random) -> str:
    return f"{PHONE_PREFIX}{rng.randrange(10_000):04d}"


_VAGUE = ("我们小区", "我家楼下", "单位门口", "家门口那条路", "楼后面", "我们这片儿")


def place_words(spot: Spot, rng: random.Random) -> str:
    """The place as somebody says it: in full, short, or with a corner."""
    name = spot.name
    if spot.aliases and rng.random() < 0.3:
        name = rng.choice(spot.aliases)
    if spot.kind == "compound":
        if rng.random() < 0.5 and spot.number:
            return f"{name}{spot.number}{rng.choice(('号楼', '号楼', '栋'))}"
        return name + rng.choice(("", "", "", "北门", "南门", "院里", "东边", "里面"))
    if spot.kind == "building":
        return name + (f"{rng.randint(1, 5)}单元" if "楼" in name and rng.random() < 0.5 else "")
    if spot.kind == "road":
        if spot.number and rng.random() < 0.6:
            # Nobody agrees on the number, but nobody is three houses off either.
            about = max(1, spot.number + rng.choice((0, 0, 0, 2, -2, 1)))
            return f"{name}{about}号{rng.choice(('附近', '门前', '对面', ''))}"
        return name + rng.choice(("", "", "路边", "中段", "路口往里", "公交站旁边"))
    if spot.kind == "junction":
        return name + rng.choice(("", "", *_SIDES))
    if spot.kind == "shop":
        return rng.choice(
            (f"{spot.road}{name}", f"{spot.road}上的{name}", f"{spot.road}那家{name}", name)
        )
    if spot.kind == "underpass":
        return name
    return name + rng.choice(("", "门口", "旁边", "对面", "附近", "东侧"))


def _filled(text: str, place: str, rng: random.Random) -> str:
    return text.format(
        p=place,
        n=rng.choice((2, 2, 3, 3, 4, 5, 6, 8)),
        days=rng.choice(("两天", "三四天", "好几天", "一个多星期", "半个月", "快一个月")),
        since=rng.choice(("从昨天开始", "这几天", "最近", "从上周起")),
    )


def tell(
    theme: Theme, spot: Spot, channel: str, rng: random.Random, *, again: bool = False
) -> Telling:
    """One report in the voice of its channel; `again` when the same person comes back."""
    # Some never say where they are; the office has to ask, or to look at the map.
    vague = channel != "grid_worker" and rng.random() < 0.05
    place = rng.choice(_VAGUE) if vague else place_words(spot, rng)
    say = _filled(rng.choice(theme.say), place, rng)
    see = _filled(rng.choice(theme.see), place, rng)
    more, want = rng.choice(theme.more), rng.choice(theme.want)
    topic = rng.choice(theme.topic)
    back = rng.choice(_AGAIN) if again else ""
    if channel == "grid_worker":
        tails = _DESK_TAILS if theme.category.startswith("request:") else _GRID_TAILS
        text = f"{rng.choice(_GRID_HEADS)}{see}{rng.choice(tails)}。"
        return Telling(f"{spot.name}{topic}" if rng.random() < 0.6 else topic, text)
    if channel == "hotline12345":
        return _hotline("" if vague else spot.name, (say, see, more, want, topic, back), rng)
    if channel == "street_hotline":
        tail = f"回电{phone(rng)}。" if rng.random() < 0.25 else ""
        bits = [say, more] if rng.random() < 0.7 else [say]
        return Telling(topic, f"{who(rng)}来电：{back}{'，'.join(bits)}，要求{want}。{tail}")
    if channel == "petition":
        text = rng.choice(_PETITION).format(
            home=_home(spot), who=who(rng), body=back + say + "。", more=more,
            feeling=rng.choice(_FEELINGS), want=want, n=rng.randint(5, 40),
        )  # fmt: skip
        if rng.random() < 0.6:
            text += f"联系电话：{phone(rng)}"
        return Telling(f"关于{spot.name}{topic}的来信", text)
    return _wechat(topic, (say, more, want, back), rng)


def _home(spot: Spot) -> str:
    return spot.name if spot.kind in ("compound", "building") else spot.community or TOWN[0]


def _hotline(name: str, parts: tuple[str, str, str, str, str, str], rng: random.Random) -> Telling:
    """The operator writes down what the caller says, more or less in office language."""
    say, see, more, want, topic, back = parts
    opening = rng.choice(_OPENINGS).format(who=who(rng))
    where = rng.choice((f"{DISTRICT[1]}{TOWN[0]}", TOWN[0], "", "", "", ""))
    body = see if rng.random() < 0.4 else say
    if not name or not name.startswith(body[:2]):
        where = ""  # "the office's district" goes only right before a place that has a name
    text = f"{opening}{back}{where}{body}"
    if rng.random() < 0.75:
        text += f"，{more}"
    text += rng.choice(("，希望", "。希望相关部门", "，诉求：", "，要求", "。来电人希望"))
    text += want + rng.choice(_CLOSINGS)
    if rng.random() < 0.08:
        text += f"来电号码{phone(rng)}。"
    title = rng.choice((f"反映{name}{topic}", f"{topic}的问题", f"{name}{topic}问题"))
    return Telling(title, text)


def _wechat(topic: str, parts: tuple[str, str, str, str], rng: random.Random) -> Telling:
    """Typed on a phone: short or long-winded, loose with stops."""
    say, more, want, back = parts
    ask = rng.choice(
        (f"能不能{want}", f"麻烦{want}", f"希望{want}", f"求求你们{want}", f"什么时候能{want}")
    )
    bits = [say]
    if rng.random() < 0.65:
        bits.append(more)
    if rng.random() < 0.25:
        bits.append(rng.choice(_FEELINGS))
    if rng.random() < 0.7:
        bits.append(ask)
    glue = rng.choice(("，", "，", "。", " ", "！"))
    text = f"{rng.choice(_HELLOS)}{back}{glue.join(bits)}{rng.choice(_TAILS)}"
    if rng.random() < 0.1:
        text += f" 电话{phone(rng)}"
    return Telling(topic if rng.random() < 0.6 else "", text)
