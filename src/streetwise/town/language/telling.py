"""How people tell it: one situation, many voices.

The phrases are the town's own (``data/phrases_*.yaml``). No engine reads them, and this package
imports none, or an engine would be tested on its own words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from ..names import DISTRICT, TOWN
from . import slips
from .callers import id_number
from .drafts import Draft
from .phrase import Phrase, Pool, voice
from .places import Spot
from .themes import Theme


@dataclass(frozen=True)
class Telling:
    """A report in words. `errors`: what was bent or left out, see `slips.ERRORS`."""

    title: str
    text: str
    errors: tuple[str, ...] = ()


def tell(
    theme: Theme,
    spot: Spot,
    channel: str,
    rng: random.Random,
    *,
    again: bool = False,
    at: datetime | None = None,
    sky: Collection[str] = (),
) -> Telling:
    """One report in the voice of its channel.

    `again`: the same person comes back. `at`: local time of the report, so that season and hour
    of what is said fit; without it nothing is said that only fits one season. `sky`: which of
    the drivers (rain, snow, festival …) hold.
    """
    draft = Draft(theme, spot, channel, rng, at, sky)
    back = again and theme.course != "note"
    draft.given["back"] = draft.words(draft.pick(voice("again"))) if back else ""
    return _VOICES.get(channel, _other)(draft)


def finished(draft: Draft, title: str, text: str) -> Telling:
    """The report after its way through ears, thumbs and machines."""
    text = _slipped(draft, slips.tidy(text))
    return Telling(slips.tidy(title), text, tuple(dict.fromkeys(draft.errors)))


# Per channel: how often words are misheard, places are misheard, words mistyped, said as at
# home, and typed without stops.
_SLIPS = {
    "hotline12345": (0.14, 0.04, 0.02, 0.02, 0.0),
    "street_hotline": (0.22, 0.06, 0.03, 0.12, 0.0),
    "grid_worker": (0.02, 0.0, 0.05, 0.0, 0.02),
    "wechat": (0.05, 0.02, 0.12, 0.12, 0.12),
    "petition": (0.0, 0.0, 0.05, 0.05, 0.0),
    "police": (0.03, 0.01, 0.02, 0.0, 0.0),
    "media": (0.0, 0.0, 0.02, 0.03, 0.0),
}


def _slipped(draft: Draft, text: str) -> str:
    odds = _SLIPS.get(draft.channel)
    if odds is None:
        return text
    rng = draft.rng
    words, places, thumbs, home, stops = odds
    steps: tuple[tuple[float, str, Callable[[str], str]], ...] = (
        (words, slips.MISHEARD_WORD, lambda t: slips.mishear(t, rng)),
        (places, slips.MISHEARD_PLACE, lambda t: slips.mishear_place(t, draft.place, rng)),
        (thumbs, slips.MISTYPED, lambda t: slips.mistype(t, rng)),
        (home, slips.DIALECT, lambda t: slips.at_home(t, rng)),
        (stops, slips.NO_STOPS, lambda t: slips.without_stops(t, rng)),
    )
    for odd, error, bend in steps:
        if rng.random() < odd:
            bent = bend(text)
            if bent != text:
                draft.errors.append(error)
                text = bent
    return text


# --- What may be added to the bare matter, and how often, by how the matter runs. ---

_EXTRAS = {
    "lasting": (("more", 5), ("more", 3), ("history", 3), ("effort", 3), ("feeling", 3),
                ("detail", 3), ("detail", 1.5), ("argue", 1.5), ("digress", 0.8), ("aside", 0.5),
                ("contradiction", 0.4)),
    "matter": (("more", 5), ("more", 2), ("history", 3), ("effort", 3.5), ("feeling", 2.5),
               ("detail", 3), ("argue", 2), ("digress", 1.5)),
    "dispute": (("more", 5), ("more", 3), ("history", 3), ("effort", 3.5), ("feeling", 2.5),
                ("detail", 3), ("argue", 2), ("digress", 1)),
    "claim": (("more", 5), ("more", 3), ("history", 3), ("effort", 3.5), ("feeling", 2.5),
              ("detail", 3), ("argue", 2), ("digress", 1)),
    "sudden": (("more", 6), ("more", 4), ("history", 1.5), ("effort", 1.5), ("feeling", 1.5),
               ("contradiction", 0.5)),
    "note": (("more", 6), ("feeling", 1)),
}  # fmt: skip


# Only these are long enough to be told as a story.
_STORIED = ("lasting", "matter", "dispute", "claim")


def clauses(draft: Draft, extra: int) -> list[str]:
    """The matter with up to `extra` things that people add, in an order that people use."""
    rng = draft.rng
    kinds = list(_EXTRAS[draft.theme.course])
    said = [draft.told("say")]
    used: set[int] = set()
    for _ in range(min(extra, len(kinds))):
        at = rng.random() * sum(w for _, w in kinds)
        index = 0
        while at > kinds[index][1]:
            at -= kinds[index][1]
            index += 1
        kind = kinds.pop(index)[0]
        clause = _extra(draft, kind, used)
        if not clause:
            continue
        if kind == "feeling" and rng.random() < 0.15:
            said.insert(0, clause)
        elif kind == "more" and rng.random() < 0.6:
            said.insert(_after_say(said), clause)
        else:
            said.append(clause)
    return said


def _after_say(said: list[str]) -> int:
    return min(len(said), 2)


def _extra(draft: Draft, kind: str, used: set[int]) -> str:
    if kind == "aside":
        return draft.aside()
    if kind == "contradiction":
        return draft.contradiction() if draft.named else ""
    phrase = draft.pick(draft.more_pool) if kind == "more" else draft.course(kind)
    if id(phrase) in used:
        return ""
    used.add(id(phrase))
    return draft.words(phrase)


def _introduced(draft: Draft, said: list[str], odds: float) -> list[str]:
    """Who one is and when it was, before the matter."""
    rng = draft.rng
    first = []
    if rng.random() < odds:
        first.append(draft.words(draft.pick(voice("self"))))
    if rng.random() < odds and draft.theme.course in ("lasting", "sudden"):
        said[0] = f"{draft.when()}{said[0]}"
    return first + said


def joined(said: list[str], rng: random.Random) -> str:
    """Clauses into sentences: some people know only the comma, some end every clause."""
    habit = rng.random()
    out = said[0]
    for clause in said[1:]:
        full = habit < 0.25 or (habit < 0.8 and rng.random() < 0.5)
        out += ("。" if full else " " if habit > 0.93 else "，") + clause
    return out


# --- The voices. ---


def _grid_worker(draft: Draft) -> Telling:
    theme, rng = draft.theme, draft.rng
    if theme.nature == "dispute":
        tails = voice("grid_worker", "dispute")
    elif theme.nature == "hazard":
        tails = voice("grid_worker", "hazard")
    else:
        tails = voice("grid_worker", "desk" if theme.nature == "request" else "tail")
    see = draft.told("see")
    if rng.random() < 0.18:
        see += "，" + draft.told("more")
    text = f"{draft.words(_line('grid_worker', 'head'))}{see}{draft.words(draft.pick(tails))}。"
    topic = draft.topic()
    return finished(draft, f"{draft.spot.name}{topic}" if rng.random() < 0.6 else topic, text)


def _line(*path: str) -> Phrase:
    return voice(*path)[0]


def _hotline(draft: Draft) -> Telling:
    """The operator writes down what the caller says, more or less in office language."""
    rng = draft.rng
    open_ = draft.words(draft.pick(voice("hotline12345", "open")))
    body = draft.told("see" if rng.random() < 0.4 else "say")
    where = ""
    if draft.named and rng.random() < 0.35 and body.startswith(draft.spot.name[:2]):
        # "The office's district" goes only right before a place that has a name.
        where = TOWN[0] if rng.random() < 0.5 else f"{DISTRICT[1]}{TOWN[0]}"
    text = f"{open_}{draft.given['back']}{where}{body}"
    used: set[int] = set()
    storied = draft.theme.course in _STORIED
    note = draft.theme.course == "note"
    for kind, odds in (
        ("more", 0.8),
        ("more", 0.4),
        ("history", 0.35),
        ("effort", 0.35),
        ("detail", 0.2),
    ):
        if rng.random() < odds and (kind == "more" or not note):
            extra = _extra(draft, kind, used) if kind != "detail" or storied else ""
            # What the caller says of himself in the first person, the operator leaves out.
            if extra and "我" not in extra:
                text += ("。" if rng.random() < 0.3 else "，") + extra
    if not note:
        told = int(rng.random() + 0.45) + int(rng.random() + 0.2)
        for phrase in voice("hotline12345", "third").pick_some(told, rng, draft.holds):
            text += "，" + draft.words(phrase)
        if draft.named and rng.random() < 0.03:
            text += "，" + draft.contradiction()
        if rng.random() < 0.03:
            text += "，" + draft.aside()
    text += draft.words(draft.pick(voice("hotline12345", "ask")))
    text += "。" if note else draft.words(draft.pick(voice("hotline12345", "close")))
    if rng.random() < 0.08:
        text += f"来电号码{draft.callback()}。"
    topic = draft.topic()
    name = draft.spot.name if draft.named else ""
    title = (f"反映{name}{topic}", f"{topic}的问题", f"{name}{topic}问题")[int(rng.random() * 3)]
    title = topic if note else title
    return finished(draft, title, text)


def _street_hotline(draft: Draft) -> Telling:
    text = _by_line(draft, voice("street_hotline", "text"))
    if draft.rng.random() < 0.2:
        text += f"回电{draft.callback()}。"
    return finished(draft, draft.topic(), text)


def _by_line(draft: Draft, lines: Pool) -> str:
    """A line of the channel's own with everything that it may ask for."""
    return draft.words(
        draft.pick(lines),
        history=draft.course("history"),
        effort=draft.course("effort"),
        feeling=draft.course("feeling"),
    )


def _wechat(draft: Draft) -> Telling:
    """Typed on a phone: short or long-winded, loose with stops."""
    rng = draft.rng
    size = rng.random()
    long = draft.theme.course in _STORIED
    if long and size > 0.975:
        body = _story(draft, 5 + int(rng.random() * 8))
    else:
        extra = (0 if size < 0.2 else 1 if size < 0.5 else 2 + int(rng.random() * 2)
                 if size < 0.88 or not long else 4 + int(rng.random() * 4))  # fmt: skip
        said = _introduced(draft, clauses(draft, extra), 0.02 + 0.06 * extra)
        if rng.random() < 0.7:
            ask = draft.words(draft.pick(voice("wechat", "ask")))
            said.insert(0 if rng.random() < 0.08 else len(said), ask)
        body = joined(said, rng)
    hello = draft.words(draft.pick(voice("hello"))) if rng.random() < 0.5 else ""
    byes = voice("note", "bye") if draft.theme.course == "note" else voice("bye")
    bye = draft.words(draft.pick(byes)) if rng.random() < 0.45 else ""
    text = f"{hello}{draft.given['back']}{body}{bye}"
    told = finished(draft, draft.topic() if rng.random() < 0.6 else "", text)
    if rng.random() < 0.1:
        return Telling(told.title, f"{told.text} 电话{draft.callback()}", told.errors)
    return told


_SAY = Phrase("{say}")


def _story(draft: Draft, size: int) -> str:
    """The whole story from the beginning, `size` sentences and as many again around them."""
    rng, course = draft.rng, draft.theme.course
    chosen = [
        draft.pick(voice("story", "begin")),
        _SAY,
        *draft.more_pool.pick_some(2, rng, draft.holds),
        *voice("story", course).pick_some(size, rng, draft.holds),
        *draft.more_pool.pick_some(1, rng, draft.holds),
        *voice("story", "effort").pick_some(max(1, size // 2), rng, draft.holds),
        *voice(course, "detail").pick_some(1 + size // 2, rng, draft.holds),
        draft.course("feeling"),
        *voice(course, "argue").pick_some(1 + size // 4, rng, draft.holds),
        *voice("story", "appeal").pick_some(max(1, size // 3), rng, draft.holds),
    ]
    said = [draft.words(p) for p in chosen]
    # The same matter said twice in one letter: people do, but not in the very same words.
    return "。".join(dict.fromkeys(said))


def _petition(draft: Draft) -> Telling:
    rng = draft.rng
    size = rng.random()
    if draft.theme.course not in _STORIED or size < 0.3:
        body = joined(clauses(draft, 2 + int(rng.random() * 2)), rng)
    else:
        body = _story(
            draft, 2 + int(rng.random() * 3) if size < 0.75 else 7 + int(rng.random() * 12)
        )
    note = draft.theme.course == "note"
    frame = voice("note", "petition") if note else voice("petition", "text")
    text = draft.words(
        draft.pick(frame),
        body=f"{draft.given['back']}{body}。",
        count=str(rng.randint(5, 40)),
    )
    if rng.random() < 0.5:
        text = f"{text.rstrip('。')}。联系电话：{draft.callback()}"
    told = finished(draft, f"关于{draft.spot.name}{draft.topic()}的来信", text)
    if rng.random() < 0.05:
        return Telling(told.title, f"{told.text} 身份证号{id_number(rng)}", told.errors)
    return told


_AS_IT_IS = Phrase("{say}，{more}。")


def _other(draft: Draft) -> Telling:
    """What another office, or the press, passes on."""
    if draft.theme.course == "note":
        text = draft.words(_AS_IT_IS)
    else:
        text = _by_line(draft, voice(draft.channel, "text"))
    topic = draft.topic()
    title = topic if draft.rng.random() < 0.4 else f"{draft.spot.name}{topic}"
    return finished(draft, title, text)


_VOICES = {
    "grid_worker": _grid_worker,
    "hotline12345": _hotline,
    "street_hotline": _street_hotline,
    "wechat": _wechat,
    "petition": _petition,
}
