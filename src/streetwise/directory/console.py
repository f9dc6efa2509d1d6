"""What a load would change, told on a terminal."""

from __future__ import annotations

from rich.console import Console

from streetwise.directory.records.actions import Plan
from streetwise.directory.records.book import title_of
from streetwise.directory.records.kinds import KINDS

LINES_TOLD = 40
#: A border of a grid is not for a line of a terminal.
VALUE_CHARACTERS = 40


def tell_plan(plan: Plan, console: Console) -> None:
    """Print counts, the first effects with what changes, and mistakes."""
    for kind, op, count in plan.counts:
        console.print(f"{count:>6} {op:<8} {KINDS[kind].name_en}", markup=False)
    for effect in [one for one in plan.effects if one.op != "new"][:LINES_TOLD]:
        title = title_of(KINDS[effect.kind], effect.code, effect.before)
        fields = [
            f"{name}: {_short(before)} -> {_short(after)}"
            for name, before, after in effect.fields()
            if effect.op == "changed"
        ]
        console.print(
            f"{effect.op} {effect.kind} {effect.code} {title} {'; '.join(fields)}".rstrip(),
            markup=False,
            soft_wrap=True,
        )
    for mistake in plan.mistakes:
        console.print(f"mistake: {mistake}", markup=False, soft_wrap=True)
    console.print("Nothing was changed." if plan.effects else "Nothing would change.")


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= VALUE_CHARACTERS else text[:VALUE_CHARACTERS] + "…"
