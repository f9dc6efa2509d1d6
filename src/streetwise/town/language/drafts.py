"""What one voice has in mind before it speaks: the matter, the place, and what it may add."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from . import slips
from .callers import phone, who
from .channels import CHANNELS
from .phrase import Given, Phrase, Pool, render, voice
from .places import Spot, home_of, is_home, place_words, vague_place
from .themes import Theme, themes

_SEASONS = (
    "winter", "winter", "spring", "spring", "spring", "summer", "summer", "summer", "autumn",
    "autumn", "autumn", "winter",
)  # fmt: skip

# How often a voice gets no nearer to the matter than "it stinks", by channel: clerks and workers
# look closer than people on the phone.
SLOPPY = {
    "hotline12345": 0.08,
    "street_hotline": 0.12,
    "grid_worker": 0.02,
    "wechat": 0.12,
    "petition": 0.05,
    "police": 0.08,
    "media": 0.08,
    "district": 0.03,
}
# Who writes for another says "he", not "I", where the town knows both ways.
_THIRD_PERSON = (
    "hotline12345", "grid_worker", "police", "procuratorate", "court", "justice_office", "media",
    "district",
)  # fmt: skip
_LOOSE_TITLE = 0.3  # a title that names the kind of trouble only
_SAYS_NO_PLACE = ("hotline12345", "street_hotline", "wechat", "petition")


def season_of(at: datetime) -> str:
    """The season's name among the drivers, by month as people count them in the north."""
    return _SEASONS[at.month - 1]


class Draft:
    """One report in the making; every phrase drawn for it is about one matter and one place."""

    def __init__(
        self,
        theme: Theme,
        spot: Spot,
        channel: str,
        rng: random.Random,
        at: datetime | None,
        sky: Collection[str],
    ) -> None:
        if channel not in CHANNELS:
            raise ValueError(f"No such channel: {channel}")
        self.theme, self.spot, self.channel, self.rng, self.at = theme, spot, channel, rng, at
        self.errors: list[str] = []
        holds = {"home" if is_home(spot) else "street", *sky}
        if theme.nature == "dispute" or theme.family == "neighbours":
            holds.add("quarrel")
        if at is not None:
            holds.add(season_of(at))
        self.holds = frozenset(holds)
        self.named = True
        if channel in _SAYS_NO_PLACE and rng.random() < 0.05:
            self.named = False
            self.errors.append(slips.VAGUE_PLACE)
            self.holds |= {"unnamed"}
            self.place = vague_place(spot, rng)
        else:
            self.place = place_words(spot, rng)
        self._choose_words()
        self.given: dict[str, str | Phrase] = {
            "p": self.place,
            "who": who(rng),
            "home": home_of(spot),
            "date": self._date(),
            "say": self.pick(self.say_pool),
            "see": self.pick(self.see_pool),
            "more": self.pick(self.more_pool),
            "want": self.pick(self.want_pool),
            "topic": self.pick(self.topic_pool),
        }

    def _choose_words(self) -> None:
        """From which phrases this voice draws: the theme's own, or those it shares with others.

        Some never say what it is (all of it is vague); some only say what it does to them, and
        what they ask for gives it away (half of it is); many name the thing and complain of it in
        everybody's words.
        """
        theme, rng = self.theme, self.rng
        self.say_pool, self.see_pool, self.more_pool = theme.say, theme.see, theme.more
        self.want_pool, self.topic_pool = theme.want, theme.topic
        if not theme.vague:
            return
        sloppy = SLOPPY.get(self.channel, 0.0)
        vague = theme.vague[int(rng.random() * len(theme.vague))]
        draw = rng.random()
        if draw < 2 * sloppy:
            self.say_pool, self.see_pool, self.topic_pool = vague.say, vague.say, vague.topic
            self.errors.append(slips.VAGUE_MATTER if draw < sloppy else slips.HALF_VAGUE)
        if draw < sloppy or rng.random() < 2 * sloppy:
            self.more_pool = vague.more
        if draw < sloppy or rng.random() < 2 * sloppy:
            self.want_pool = vague.want
        if rng.random() < _LOOSE_TITLE:
            self.topic_pool = vague.topic

    def pick(self, pool: Pool) -> Phrase:
        """A phrase that fits the season, the weather and the kind of place."""
        found = pool.pick(self.rng, self.holds)
        for _ in range(3 if found.own and self.channel in _THIRD_PERSON else 0):
            if not found.own:
                break
            found = pool.pick(self.rng, self.holds)
        return found

    def words(self, phrase: Phrase, **given: str | Phrase) -> str:
        """The phrase said about this matter."""
        filled: Given = {**self.given, **given} if given else self.given
        return render(phrase, self.rng, filled)

    def told(self, name: str) -> str:
        """One of the phrases chosen for this matter: say, see, more, want or topic."""
        chosen = self.given[name]
        return chosen if isinstance(chosen, str) else self.words(chosen)

    def course(self, kind: str) -> Phrase:
        """A phrase of the kind (history, effort, feeling …) that fits how the matter runs."""
        return self.pick(voice(self.theme.course, kind))

    def _date(self) -> str:
        """A day some time ago."""
        back = 2 + int(self.rng.random() * 40)
        if self.at is None:
            return f"上个礼拜{'一二三四五六日'[back % 7]}"
        day = self.at - timedelta(days=back)
        return f"{day.month}月{day.day}号"

    def topic(self) -> str:
        """The matter in a few words."""
        return self.told("topic")

    def when(self) -> str:
        """When it was, as far as the teller minds."""
        pool = _when(self.theme.hours, self.at.hour if self.at else None)
        return pool[int(self.rng.random() * len(pool))]

    def aside(self) -> str:
        """Another problem, mentioned in passing: it is not what the report is about."""
        others = _asides()
        other = others[int(self.rng.random() * len(others))]
        self.errors.append(slips.ASIDE)
        topic = render(other.topic.pick(self.rng), self.rng, {"p": ""})
        return self.words(self.pick(voice("aside")), other=topic)

    def contradiction(self) -> str:
        """The place said once more, and differently."""
        self.errors.append(slips.CONTRADICTION)
        return self.words(self.pick(voice("contradiction")))

    def callback(self) -> str:
        """A number that is nobody's."""
        return phone(self.rng)


@cache
def _asides() -> tuple[Theme, ...]:
    """What can be mentioned at any time of the year."""
    return tuple(
        t
        for t in themes()
        if t.nature == "problem" and all(0.2 <= f <= 7 for f in t.drivers.values())
    )


@cache
def _when(hours: str, hour: int | None) -> tuple[str, ...]:
    """Words for a time shortly before `hour` at which such things happen."""
    if hours == "night":
        if hour is None:
            return ("昨天夜里", "昨晚", "前天半夜", "这几天夜里")
        return ("这会儿", "今晚") if hour >= 21 else ("昨天夜里", "昨晚", "这几天夜里")
    if hours == "morning":
        return ("今天一早", "早上", "这几天早上", "每天早上") if hour is None or hour >= 8 else (
            "这会儿", "每天早上", "昨天早上",
        )  # fmt: skip
    if hours == "evening":
        if hour is not None and hour >= 18:
            return ("这会儿", "今天傍晚", "从下午到现在", "昨天晚上")
        return ("昨天傍晚", "昨天晚上", "这几天晚上", "前天晚上")
    words = ["刚才", "这几天", "昨天下午", "前天"]
    if hour is not None and hour >= 10:
        words += ["今天一早", "早上出门的时候"]
    if hour is not None and hour >= 14:
        words += ["今天上午", "中午"]
    return tuple(words)
