"""Write the words of an exported history from the screen's own, so that a thing has one name.

    python scripts/history_words.py           bring resolve/data/history_words.json up to date

What an entry, a state, a clock, a ground is called is said once, in ui/src/i18n; the server needs
it for files that people read. tests/resolve/test_history_words.py holds both together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORDS = ROOT / "ui" / "src" / "i18n"
TARGET = ROOT / "src" / "streetwise" / "resolve" / "data" / "history_words.json"
LANGUAGES = ("zh-CN", "en")
#: Branches of the screen's words that a history speaks of, by file.
TAKEN = {
    "": (
        *(f"entry.{room}" for room in ("case", "order", "petition", "answer", "signal", "photo")),
        *(f"entry.{room}" for room in ("assist", "contact", "letter", "hazard", "dispute")),
        *(f"entry.{room}" for room in ("call_back", "directive", "incident", "desk", "vault")),
        *("state", "nature", "ground", "outcome", "check_way", "orders.state"),
        *("back.comma", "common.system", "entry.reconciliation"),
    ),
    "clocks.": ("clock.kind", "clock.met", "clock.late", "clock.paused"),
}


def words() -> dict[str, dict[str, str]]:
    """By language, the words by their keys with dots."""
    found: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        taken: dict[str, str] = {}
        for file, branches in TAKEN.items():
            tree = json.loads((WORDS / f"{file}{language}.json").read_text("utf-8"))
            for branch in branches:
                taken |= dict(_leaves(branch, _at(tree, branch)))
        found[language] = dict(sorted(taken.items()))
    return found


def text() -> str:
    """What the file has to hold."""
    return json.dumps(words(), ensure_ascii=False, indent=1) + "\n"


def _at(tree: Any, branch: str) -> Any:
    for part in branch.split("."):
        tree = tree[part]
    return tree


def _leaves(path: str, tree: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield path, tree
        return
    for name, below in tree.items():
        yield from _leaves(f"{path}.{name}", below)


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
