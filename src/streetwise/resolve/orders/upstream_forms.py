"""A reply in the form of the upstream platform. Pure; resolve/data/upstream_forms.yaml.

Too long or missing is said and nothing is cut: what to leave out is the officer's to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streetwise.resolve.understand.wordlists import load

ANY = "*"
#: What of an order may stand in a form.
VALUES = ("number", "unit", "contact", "answer", "answered_at", "exclusion")


@dataclass(frozen=True, slots=True)
class Filled:
    """A field of the form. ``limit`` counts characters; None: as long as one likes."""

    label: str
    value: str
    limit: int | None
    needed: bool

    @property
    def over(self) -> bool:
        """Longer than the platform takes."""
        return self.limit is not None and len(self.value) > self.limit

    @property
    def missing(self) -> bool:
        """The platform wants one, and there is none."""
        return self.needed and not self.value


@dataclass(frozen=True, slots=True)
class Form:
    """A form, filled in."""

    title: str
    title_en: str
    fields: tuple[Filled, ...]

    @property
    def text(self) -> str:
        """All that is filled in, a line a field, to be copied."""
        return "\n".join(f"{one.label}：{one.value}" for one in self.fields if one.value)


def fill(scheme: str, values: Mapping[str, str]) -> Form:
    """The form of a scheme with these values (``VALUES``)."""
    listed = load("upstream_forms.yaml")["schemes"]
    form = listed.get(scheme) or listed[ANY]
    return Form(
        form["title"],
        form["title_en"],
        tuple(
            Filled(
                line["label"],
                values.get(line["value"], "").strip(),
                line.get("limit"),
                line.get("needed", False),
            )
            for line in form["fields"]
        ),
    )
