"""``streetwise eval merge`` on the console: figures, and mistakes by ids and reasons."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from streetwise.evaluation.merge import GroupScore, Mistake, PairScore


def tell(score: GroupScore | PairScore, console: Console) -> None:
    """Either kind of score."""
    if isinstance(score, GroupScore):
        _tell_groups(score, console)
    else:
        _tell_pairs(score, console)


def _tell_groups(score: GroupScore, console: Console) -> None:
    """A table, the channels that matter most, and the worst mistakes."""
    table = Table("signals", "pairs P", "R", "F1", "B³ P", "R", "F1", "groups", "true")
    for name, part in (("all", score.overall), *score.by.items()):
        ratios = (part.precision, part.recall, part.f1,
                  part.bcubed_precision, part.bcubed_recall, part.bcubed_f1)  # fmt: skip
        figures = (f"{value:.4f}" for value in ratios)
        table.add_row(f"{name} {part.signals}", *figures, str(part.groups), str(part.true_groups))
    console.print(table)
    if score.same_kind_share is not None:
        console.print(f"of the wrong pairs, one class at one place: {score.same_kind_share:.2f}")
    for name, row in list(score.by_channels.items())[:10]:
        console.print(f"{name}: {row}")
    _print_mistakes(score.mistakes, console)


def _tell_pairs(score: PairScore, console: Console) -> None:
    """The figures, what became of each kind of pair, and the mistakes."""
    for name, value in score.as_dict().items():
        if name != "by_kind":
            console.print(f"{name}: {value}")
    for kind, counts in sorted(score.by_kind.items()):
        console.print(f"{kind}: {counts}")
    _print_mistakes(score.mistakes, console)


def _print_mistakes(mistakes: Sequence[Mistake], console: Console) -> None:
    for one in mistakes:
        console.print(one.line(), soft_wrap=True, markup=False)
