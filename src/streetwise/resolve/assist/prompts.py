"""What a model is told: instructions, and the material, masked once more. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from streetwise.kernel.errors import Unavailable
from streetwise.privacy.masking import mask

Kind = Literal["summary", "draft"]
KINDS: tuple[Kind, ...] = ("summary", "draft")
#: Around the material, so that a model can tell it from what it is asked.
_FENCE = "=" * 12
#: What a model that thinks aloud writes first.
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
#: Control characters but line ends and tabs; and those that turn the direction of writing.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: the messages, and how many characters they have together."""

    messages: tuple[Mapping[str, str], ...]
    characters: int


def compose(
    kind: Kind, material: Sequence[tuple[str, str]], *, form: str, most_characters: int
) -> Prompt:
    """A prompt from the material: (what it is, masked text) each. What is too long loses its end.

    Raises Unavailable when masking fails: then nothing may be sent.
    """
    words = _words()
    asked = words[kind].format(form=words["forms"].get(form, form)).strip()
    room = most_characters - len(words["system"]) - len(asked) - 4 * len(_FENCE)
    given = redacted("\n".join(f"{name}：{text}" for name, text in material))[: max(0, room)]
    user = f"{asked}\n\n{words['material']}\n{_FENCE}\n{given}\n{_FENCE}"
    messages = (
        {"role": "system", "content": words["system"].strip()},
        {"role": "user", "content": user},
    )
    return Prompt(messages, sum(len(one["content"]) for one in messages))


def redacted(text: str) -> str:
    """The text masked once more. Raises Unavailable when that fails, and says nothing of it."""
    # A fence in the material would end it early.
    text = text.replace(_FENCE, "")
    try:
        masked = mask(text).text
        left = mask(masked).counts
    except Exception:  # noqa: BLE001 - whatever fails: unmasked text goes nowhere
        raise _unmasked() from None
    if left:
        raise _unmasked()
    return masked


def _unmasked() -> Unavailable:
    return Unavailable(
        "The text could not be masked, so nothing was sent to the model.",
        code="assist_not_masked",
    )


def readable(reply: str) -> str:
    """A reply as it may be shown: thoughts and unseen characters taken out, masked."""
    text = _UNSHOWN.sub("", _THOUGHT.sub("", reply).replace("\r\n", "\n")).strip()
    return redacted(text)


@cache
def _words() -> Mapping[str, Any]:
    table = resources.files("streetwise.resolve") / "data" / "assist.yaml"
    content: Mapping[str, Any] = yaml.safe_load(table.read_text(encoding="utf-8"))
    return content
