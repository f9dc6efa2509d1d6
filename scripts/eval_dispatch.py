"""How good is the suggestion that is learnt from history, and how honest its confidence?

    python scripts/eval_dispatch.py TOWN...

Each TOWN is a folder of ``streetwise town make --years 1``. Classes, communities and times are
the town's own (truth/signals.csv); who handles what is made up here, because the town's office
follows its matrix to the letter and so would teach nothing:

- the street's practice is the town's matrix, but for ``PRACTICE`` of the pairs of class and
  community another unit has taken the matter over, and nobody wrote it down;
- the product knows the matrix with ``FORGOTTEN`` of its lines missing;
- each case goes to the right unit, or with ``WRONG`` first to whom the matrix names, which
  returns it where it is wrong;
- with ``VARIES`` some other unit takes care of it, for reasons that nobody can know before.

Three quarters of the year teach, the last one is asked. Printed: how often each way names the
unit that kept the case (matrix alone, history alone, both as shipped), how many are asked
instead, and the expected calibration error of the confidence in ten bins.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import Counter
from pathlib import Path

from streetwise.directory.responsibility import Question, Rule, responsible
from streetwise.resolve.dispatch.decide import Asked, Decider, catches_all
from streetwise.resolve.dispatch.learn import History, Past

PRACTICE, FORGOTTEN, WRONG, VARIES = 0.1, 0.3, 0.15, 0.05
TEACHES = 0.75
Matter = tuple[str, str, str]


def main() -> None:
    """Print the figures of each town."""
    for name in sys.argv[1:]:
        for line in _figures(Path(name)):
            sys.stdout.write(f"{Path(name).name}  {line}\n")


def _figures(town: Path) -> list[str]:
    rng = random.Random(f"dispatch {town.name}")
    rules = [_rule(row) for row in _rows(town / "responsibility.csv")]
    matters = _matters(town / "truth" / "signals.csv")
    units = sorted({rule.unit for rule in rules if not rule.unit.startswith("@")})
    practice = {
        matter: rng.choice(units) if rng.random() < PRACTICE else _named(rules, matter)
        for matter in sorted(set(matters))
    }
    known = [rule for rule in rules if catches_all(rule) or rng.random() >= FORGOTTEN]
    learnt: Counter[tuple[Matter, str, str]] = Counter()
    split = int(len(matters) * TEACHES)
    kept = [rng.choice(units) if rng.random() < VARIES else practice[matter] for matter in matters]
    for matter, right in zip(matters[:split], kept, strict=False):
        first = _named(known, matter)
        if first != right and rng.random() < WRONG:
            learnt[matter, first, "against"] += 1
        learnt[matter, right, "kept"] += 1
    past = [
        Past(*matter, "", unit, *((count, 0) if how == "kept" else (0, count)))
        for (matter, unit, how), count in learnt.items()
    ]
    history = History(past)
    decider = Decider(known, history, lambda unit: True)
    alone = Decider([], history, lambda unit: True)
    bare = Decider(known, History(), lambda unit: True)
    asked = zip(matters[split:], kept[split:], strict=True)
    test = [(_question(matter), right) for matter, right in asked]
    return [
        f"{len(matters)} cases, {len(test)} asked",
        _told("matrix", bare, test),
        _told("history", alone, test),
        _told("both", decider, test),
    ]


def _told(name: str, decider: Decider, test: list[tuple[Question, str]]) -> str:
    right = named = 0
    bins: list[list[float]] = [[0, 0.0, 0.0] for _ in range(10)]
    for question, unit in test:
        found = decider.suggest(Asked(question))
        if not found.options:
            continue
        first = found.options[0]
        hit = first.unit == unit
        if found.unit is not None:
            named += 1
            right += hit
        one = bins[min(int(first.confidence * 10), 9)]
        one[0] += 1
        one[1] += first.confidence
        one[2] += hit
    total = sum(one[0] for one in bins)
    error = sum(abs(one[1] - one[2]) for one in bins) / total if total else 0.0
    shape = " ".join(f"{one[1] / one[0]:.2f}:{one[2] / one[0]:.2f}" for one in bins if one[0] > 9)
    return (
        f"{name:8} names {named / len(test):.3f}, of those right {right / max(named, 1):.3f},"
        f" right of all {right / len(test):.3f}, ECE {error:.3f} ({shape})"
    )


def _named(rules: list[Rule], matter: Matter) -> str:
    answer = responsible(rules, _question(matter))
    assert answer is not None
    return answer.unit


def _question(matter: Matter) -> Question:
    scheme, code, community = matter
    return Question(scheme, code, None, None, community)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _rule(row: dict[str, str]) -> Rule:
    return Rule(
        row["scheme"], row["class"], row["condition"], row["grid"], row["unit"], row["note"],
        days=row["days"] or None, hours=row["hours"] or None, exception=row["exception"] == "yes",
    )  # fmt: skip


def _matters(path: Path) -> list[Matter]:
    """(scheme, class, community) of each problem, in the order in which they began."""
    seen: set[str] = set()
    found: list[Matter] = []
    for row in _rows(path):
        if row["kind"] != "problem" or not row["category"] or not row["community"]:
            continue
        if row["problem"] in seen:
            continue
        seen.add(row["problem"])
        scheme, _, code = row["category"].partition(":")
        found.append((scheme, code, row["community"]))
    return found


if __name__ == "__main__":
    main()
