"""Words for the codes of a history, in the language of who takes it. Pure, but for package data.

What a thing is called is said by the screen (``data/history_words.json`` holds its words), and
how an entry becomes a sentence is as ui/src/shared/entry.ts does it. A code that has no word
stands for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

Language = Literal["zh-CN", "en"]
_GAP = re.compile(r"\{\{(\w+)\}\}")
#: Entries that say on what ground, of which action the grounds are.
_GROUNDS = {"returned": "return", "reopened": "reopen", "appealed": "appeal"}
#: Of these the screen has a sentence for what was corrected.
_CORRECTED = ("category", "place", "settled")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. ``frame``: of the table itself (``data/history.yaml``)."""

    screen: Mapping[str, str]
    frame: Mapping[str, Any]

    def word(self, key: str, code: str, **given: Any) -> str:
        """The word of a code in a branch of the screen's words, its gaps filled."""
        found = self.screen.get(f"{key}.{code}")
        return code if found is None else _filled(found, given)

    def entry(self, action: str, data: Mapping[str, Any]) -> str:
        """What was done, in a few words: 派遣至 环卫所."""
        verb = action.rpartition(".")[2]
        for ending, given in self._told(verb, data):
            found = self.screen.get(f"entry.{action}_{ending}")
            if found is not None:
                return _filled(found, given)
        return self.word("entry", action, **data)

    def _told(self, verb: str, data: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """What an entry says beside its name, and under which ending the screen has it."""
        unit, units = data.get("unit_name"), data.get("unit_names")
        if verb in _GROUNDS and (ground := data.get("ground")):
            return [("ground", {"ground": self.word(f"ground.{_GROUNDS[verb]}", str(ground))})]
        if verb == "closed_otherwise" and (outcome := data.get("outcome")):
            return [("outcome", {"outcome": self.word("outcome", str(outcome))})]
        if verb == "verified" and (way := data.get("way")) and way != "site":
            return [("way", {"way": self.word("check_way", str(way))})]
        if verb in ("dispatched", "reassigned") and (unit := unit or data.get("unit")):
            return [("to", {"unit": unit})]
        if verb in ("whistled", "released") and units:
            return [("to", {"units": self.listed(units)})]
        if verb == "corrected":
            return [(one, {}) for one in _CORRECTED if one in data]
        if verb == "detected" and str(data.get("source")).startswith("device-rounds"):
            return [("rounds", {})]
        if verb == "set_aside" and (what := data.get("what")):
            return [(str(what), {})]
        return []

    def listed(self, names: Sequence[str]) -> str:
        """Several names in one cell."""
        return self.screen["back.comma"].join(names)

    def says(self, told: Mapping[str, str]) -> str:
        """What a line says beside its name: 状态：待派遣；时限：2026-05-12 10:00:00."""
        stop, apart, names = self.frame["stop"], self.frame["apart"], self.frame["says"]
        found: str = apart.join(f"{names[name]}{stop}{said}" for name, said in told.items() if said)
        return found


def _filled(sentence: str, given: Mapping[str, Any]) -> str:
    def value(gap: re.Match[str]) -> str:
        found = given.get(gap[1])
        return "" if found is None else str(found)

    return _GAP.sub(value, sentence).strip()


@lru_cache(maxsize=4)
def words(language: Language) -> Words:
    """The words of a language."""
    folder = resources.files("streetwise.resolve") / "data"
    screen = json.loads((folder / "history_words.json").read_text("utf-8"))
    frames = yaml.safe_load((folder / "history.yaml").read_text("utf-8"))
    return Words(screen[language], frames[language])
