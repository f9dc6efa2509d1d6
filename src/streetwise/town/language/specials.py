"""Messages that are not one problem: two at once, thanks, nonsense, questions, and what follows."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import datetime
from functools import cache

from . import slips
from .callers import phone, who
from .drafts import Draft
from .phrase import Phrase, Pool, pool, read_yaml, render, voice
from .places import Spot, is_home, place_words
from .slips import tidy
from .telling import Telling, finished
from .themes import Theme


@cache
def _special(*path: str) -> Pool:
    """The phrases of a kind of message, by where they stand in the file."""
    content = read_yaml("phrases_specials.yaml")
    for key in path:
        content = content[key]
    return pool(content)


def tell_two(
    first: tuple[Theme, Spot],
    second: tuple[Theme, Spot],
    channel: str,
    rng: random.Random,
    *,
    at: datetime | None = None,
    sky: Collection[str] = (),
) -> Telling:
    """Two problems in one call; `errors` holds `two` and what was bent of either."""
    a = Draft(*first, channel, rng, at, sky)
    b = Draft(*second, channel, rng, at, sky)
    a.errors = [slips.TWO, *a.errors, *b.errors]
    saying = [d.told("say") for d in (a, b)]
    more = [d.told("more") for d in (a, b)]
    sides = [f"{s}，{m}" if rng.random() < 0.4 else s for s, m in zip(saying, more, strict=True)]
    if channel == "hotline12345":
        text = a.words(a.pick(_special("two", "hotline")), a=sides[0], b=sides[1])
    else:
        join = a.words(a.pick(_special("two", "join")))
        hello = a.words(a.pick(voice("hello"))) if rng.random() < 0.4 else ""
        caller = f"{a.given['who']}来电：" if channel == "street_hotline" else hello
        text = f"{caller}{sides[0]}{join}{sides[1]}"
        if rng.random() < 0.6:
            text += "，" + a.words(a.pick(voice("wechat", "ask")))
        text += "。"
    title = a.words(a.pick(_special("two", "titles")), ta=a.topic(), tb=b.topic())
    return finished(a, title, text)


def thanks(spot: Spot, channel: str, rng: random.Random) -> Telling:
    """Praise for somebody's work at a place."""
    text = render(_special("thanks").pick(rng), rng, {"p": place_words(spot, rng)})
    return Telling(rng.choice(("表扬", "感谢", "一封感谢信", "")), _opened(text, channel, rng))


def question(spot: Spot, channel: str, rng: random.Random) -> Telling:
    """Somebody who wants to know something and complains of nothing."""
    holds = ("home" if is_home(spot) else "street",)
    text = render(_special("question").pick(rng, holds), rng, {"p": place_words(spot, rng)})
    return Telling(
        rng.choice(("咨询", "问个事", "打听一下", "")), _opened(f"{text}？", channel, rng)
    )


def nonsense(channel: str, rng: random.Random) -> Telling:
    """Test calls, wrong numbers, pocket messages, and those whom no office can help."""
    kind = "called" if channel in ("hotline12345", "street_hotline") else "typed"
    text = render(_special("nonsense", kind).pick(rng), rng, {})
    return Telling("", text)


def urge(theme: Theme, spot: Spot, rng: random.Random, number: str) -> Telling:
    """Somebody asks how far it is; most name the upstream `number`, some do not know it."""
    text = _follow_up("urge", theme, spot, rng, number)
    return Telling(rng.choice(("催办", "催单", "再次催问", "")), text)


def supplement(theme: Theme, spot: Spot, rng: random.Random, number: str = "") -> Telling:
    """What was forgotten, has changed, or was said wrongly the first time."""
    text = _follow_up("supplement", theme, spot, rng, number)
    return Telling(rng.choice(("补充", "补充情况", "更正", "")), text)


def call_back_words(resolved: bool, satisfied: str, rng: random.Random) -> str:
    """The note of who called back. `satisfied`: yes, no, or anything else for no answer."""
    if satisfied not in ("yes", "no"):
        kind = "silent"
    else:
        kind = f"{'solved' if resolved else 'open'}_{'pleased' if satisfied == 'yes' else 'cross'}"
    return tidy(render(_special("call_back", kind).pick(rng), rng, {}))


def _follow_up(kind: str, theme: Theme, spot: Spot, rng: random.Random, number: str) -> str:
    given: dict[str, str | Phrase] = {
        "p": place_words(spot, rng),
        "number": number or "之前那单",
        "phone": phone(rng),
        "more": theme.more.pick(rng),
        "topic": theme.topic.pick(rng),
    }
    return tidy(render(_special(kind).pick(rng), rng, given))


def _opened(text: str, channel: str, rng: random.Random) -> str:
    """The same words in the frame of the channel."""
    if channel == "hotline12345":
        text = f"{rng.choice(('来电人', '市民来电，', f'{who(rng)}来电，'))}{text}。"
    elif channel == "street_hotline":
        text = f"{who(rng)}来电：{text}。"
    elif channel == "wechat" and rng.random() < 0.4:
        text = f"{rng.choice(('你好，', '您好，', '打扰了，'))}{text}"
    return tidy(text)
