"""Other spellings of the same thing, as people type them."""

from __future__ import annotations

import random
import re

from .ground import Ground

_FULL = {ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"}
_DIGITS = "零一二三四五六七八九"


def full_width(text: str) -> str:
    """Digits and capitals as an input method in full-width mode makes them."""
    return text.translate(_FULL)


def chinese_number(n: int) -> str:
    """A number from 1 to 99 in Chinese."""
    tens, ones = divmod(n, 10)
    head = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


class Speller:
    """Knows the other names of the world's places and units."""

    def __init__(self, ground: Ground) -> None:
        self._aliases = ground.aliases
        town = ground.world.town
        self._before = f"{town['district']['name']}{town['name']}"
        short = ground.words["owners_short"]
        self._units: dict[str, list[str]] = {
            ground.unit(c): names for c, names in short.items() if c in ground.units
        }

    def other(self, text: str, kind: str, rng: random.Random) -> str:
        """Another spelling; the text itself if there is none."""
        if kind == "phone":
            parts = (text[:3], text[3:7], text[7:])
            return rng.choice(("-".join(parts), " ".join(parts), full_width(text)))
        if kind == "unit":
            return rng.choice(self._units.get(text) or [text.replace("公司", "有限公司")])
        if kind == "community":
            stem = text.removesuffix("社区")
            return rng.choice((stem, f"{stem}居委会", f"{stem}社区居委会"))
        if kind == "grid":
            return rng.choice((full_width(text), text.lower(), text.replace("-", "")))
        choices = [v for v in self._address(text, kind) if v != text]
        return rng.choice(choices) if choices else text

    def _address(self, text: str, kind: str) -> list[str]:
        out = [full_width(text), text.replace("（", "(").replace("）", ")")]
        if "号楼" in text:
            out += [text.replace("号楼", other) for other in ("栋", "#楼", "号 楼")]
        found = re.search(r"(?<!\d)([1-9]\d?)(?=号)", text)
        if found:
            out.append(text[: found.start()] + chinese_number(int(found[1])) + text[found.end() :])
        number = re.search(r"(?<!^)(?<!\d)\d", text)
        if number:
            out.append(f"{text[: number.start()]} {text[number.start() :]}")
        if text.endswith("号"):
            out += [f"{text}院", text[:-1] + "號"]
        for n in range(len(text), 1, -1):
            out += [alias + text[n:] for alias in self._aliases.get(text[:n], ())]
        if kind in ("name", "place", "address"):
            out.append(f"{self._before}{text}")
        # A short word without any other spelling is spaced out to fill its cell.
        return out if any(v != text for v in out) else [f"{text[:1]} {text[1:]}"]
