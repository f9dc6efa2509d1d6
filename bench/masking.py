"""Messages per second that one core masks, against a plain pass of all rules.

Measured: ``find`` and ``mask`` over messages in Chinese of the synthetic street; over the real
messages and replies beside the project, where they are (their texts are several times as long).
CPU seconds of this process, best of some rounds: the machine may be shared.

Baseline: every rule over every text, one after the other, without the cheap looks that tell
which rules can find anything: what is natural to write first. Same texts, same process.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import files
from bench.report import Row, row
from bench.street import SEED, Bench
from streetwise.privacy.masking import find_slowly, mask

GOAL = "value >= 20000"
BASELINE = "all rules, no hints"
REAL = files.MESSAGES.parent


def run(bench: Bench) -> list[Row]:
    """Town-made messages; the real ones too where they are."""
    bench.ready()
    file = bench.home / "masking.csv"
    files.reports_csv(file, bench.town, SEED, bench.size(6_000, 600))
    with file.open(encoding="utf-8", newline="") as opened:
        made = [" ".join(row.values()) for row in csv.DictReader(opened)]
    rounds = bench.size(5, 1)
    rows = [_row(bench, "masking.town", made, rounds, GOAL)]
    if not bench.quick and files.MESSAGES.exists():
        for path in sorted(REAL.glob("附件[34]*.xlsx")):
            for name, texts in _columns(path):
                rows.append(_row(bench, f"masking.{name}", texts, rounds, None))
    return rows


def _row(bench: Bench, name: str, texts: Sequence[str], rounds: int, goal: str | None) -> Row:
    characters = sum(map(len, texts)) // len(texts)
    bench.note(f"{name}: {len(texts)} texts of {characters} characters")
    ours, theirs = (_rate(work, texts, rounds) for work in (mask, find_slowly))
    return row(name, ours, "messages/CPU s", baseline=(BASELINE, theirs), goal=goal)


def _rate(work: Callable[[str], object], texts: Sequence[str], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for text in texts:
            work(text)
        best = min(best, time.process_time() - began)
    return len(texts) / best


def _columns(path: Path) -> list[tuple[str, list[str]]]:
    """The long columns of a real file: messages, and replies where it has them."""
    import python_calamine

    header, *lines = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
    found = []
    for column, name in (("留言详情", "messages"), ("答复意见", "replies")):
        if column in header:
            at = header.index(column)
            found.append((f"{path.name[2]}.{name}", [str(line[at]) for line in lines]))
    return found
