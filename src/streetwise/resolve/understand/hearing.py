"""From what is known of signals to the voices that merging compares. Pure.

A batch at a time: prints are made in one pass. Place and classes come from the engines of their
own; what they do not know stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streetwise.kernel.search import fold
from streetwise.resolve.understand.evidence import Voice
from streetwise.resolve.understand.kinds import Class
from streetwise.resolve.understand.marks import marks, names
from streetwise.resolve.understand.similar import Rarity, prints

#: A text of so many characters is the same when it comes again under another title.
WHOLE_CHARACTERS = 40
#: How far off a telephone's point is, as far as phones say; and points that operators set.
POINT_METRES = 30.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal with masked words, and what other engines made of it.

    ``place``, ``above``: codes of the gazetteer, see ``Voice``. ``lon``, ``lat``, ``metres``: the
    reported point, else that of the place. ``matched``: the words that named the place.
    """

    id: str
    at: datetime
    title: str | None
    text: str | None
    place: str | None = None
    above: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    metres: float = POINT_METRES
    matched: tuple[str, ...] = ()
    classes: tuple[tuple[Class, float], ...] = ()
    channel: str = ""
    reporter: str | None = None
    refers: tuple[str, ...] = ()
    urgency: int = 0
    alarm: bool = False

    @property
    def words(self) -> str:
        """Title and text."""
        return f"{self.title or ''} {self.text or ''}"


def voices(heard: Sequence[Heard], rarity: Rarity | None = None) -> list[Voice]:
    """A voice for each signal, in their order."""
    texts = [fold(one.words) for one in heard]
    # A short text is known by its title too.
    bodies = [
        one.text if one.text and len(one.text) >= WHOLE_CHARACTERS else one.words for one in heard
    ]
    made = prints(
        texts, bodies=bodies, names=[tuple(map(fold, one.matched)) for one in heard], rarity=rarity
    )
    # Where the place is known it is known better than by names that stand in the text.
    nowhere = [at for at, one in enumerate(heard) if one.lon is None or one.lat is None]
    said = prints([" ".join(names(texts[at])) for at in nowhere], rarity=rarity)
    named = dict(zip(nowhere, said, strict=True))
    return [
        Voice(
            id=one.id,
            at=one.at,
            text=text_print,
            place=one.place,
            above=one.above,
            lon=one.lon,
            lat=one.lat,
            metres=one.metres,
            classes=one.classes,
            marks=marks(folded),
            names=named.get(at, b""),
            channel=one.channel,
            reporter=one.reporter,
            refers=one.refers,
            urgency=one.urgency,
            alarm=one.alarm,
        )
        for at, (one, folded, text_print) in enumerate(zip(heard, texts, made, strict=True))
    ]
