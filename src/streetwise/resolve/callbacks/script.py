"""The words of a call-back, from resolve/data/call_back.yaml. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from streetwise.resolve.understand.wordlists import load

Satisfied = Literal["yes", "basically", "no"]
#: What is said of a matter whose class is not known.
NO_CLASS = "问题"


@dataclass(frozen=True, slots=True)
class Line:
    """One line to say; ``code`` names the question that it asks, if any."""

    code: str
    text: str


def phone_script(street: str, day: str, matter: str | None) -> list[Line]:
    """What to say, line by line. ``day``: as people say it; ``matter``: the name of a class."""
    said = f"“{matter}”问题" if matter else NO_CLASS
    words = {"street": street, "day": day, "matter": said}
    return [
        Line(one["code"], one["text"].format(**words)) for one in load("call_back.yaml")["phone"]
    ]


def sms_text(street: str, hours: int, link: str) -> str:
    """The text message with the link."""
    text: str = load("call_back.yaml")["sms"]
    return text.format(street=street, hours=hours, link=link)
