"""``streetwise eval text`` for people: tables of the figures."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from streetwise.evaluation.text import CONFUSED_PAIRS, TextScore


def print_text_score(reached: TextScore, console: Console) -> None:
    """All figures as tables, the summary last."""
    _classes(reached, console)
    _calibration(reached, console)
    _abstention(reached, console)
    _confusion(reached, console)
    sure = "–" if reached.sure_accuracy is None else f"{reached.sure_accuracy:.4f}"
    console.print(
        f"{reached.answers} texts: accuracy {reached.accuracy:.4f}, macro-F1"
        f" {reached.macro_f1:.4f}, weighted F1 {reached.weighted_f1:.4f}, calibration error"
        f" {reached.calibration_error:.4f}",
        soft_wrap=True,
    )
    console.print(
        f"sure of {reached.sure_share:.1%}, right in {sure} of them; training"
        f" {reached.train_seconds:.2f} s, guessing"
        f" {reached.guess_seconds / reached.answers * 1e6:.0f} µs a text (CPU)",
        soft_wrap=True,
    )


def _classes(reached: TextScore, console: Console) -> None:
    table = Table("label", "texts", "precision", "recall", "f1")
    for label, one in sorted(reached.per_class.items(), key=lambda item: -item[1].support):
        figures = (one.precision, one.recall, one.f1)
        table.add_row(label, str(one.support), *(f"{figure:.4f}" for figure in figures))
    console.print(table)


def _calibration(reached: TextScore, console: Console) -> None:
    table = Table("confidence", "texts", "mean", "right", title="Calibration")
    for one in reached.bins:
        table.add_row(
            f"{one.low:.1f}–{one.high:.1f}",
            str(one.texts),
            f"{one.confidence:.3f}",
            f"{one.right:.3f}",
        )
    console.print(table)


def _abstention(reached: TextScore, console: Console) -> None:
    table = Table("answered", "accuracy", "confidence from", title="Abstention")
    for share, right, least in reached.abstention:
        table.add_row(f"{share:.0%}", f"{right:.4f}", f"{least:.3f}")
    console.print(table)


def _confusion(reached: TextScore, console: Console) -> None:
    table = Table("label", "said instead", "times", title="Most confused")
    for label, said, count in reached.confusion[:CONFUSED_PAIRS]:
        table.add_row(label, said or "(nothing)", str(count))
    console.print(table)
