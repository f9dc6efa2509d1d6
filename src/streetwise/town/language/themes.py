"""What can go wrong in the town, in the town's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from .phrase import Pool, pool, read_yaml

NATURES = ("problem", "hazard", "dispute", "request")

# What raises or lowers the rate of a theme: names of weather, seasons and kinds of days.
DRIVERS = (
    "rain", "storm", "heat", "cold", "snow", "wind", "spring", "summer", "autumn", "winter",
    "festival", "school_term", "weekend",
)  # fmt: skip

FILES = (
    "phrases_cityscape.yaml",
    "phrases_works.yaml",
    "phrases_parts.yaml",
    "phrases_requests.yaml",
    "phrases_requests_public.yaml",
    "phrases_hazards.yaml",
    "phrases_disputes.yaml",
)

# How a matter runs, by the family of its theme: something sudden has no long history to tell,
# and who asks how to get a permit does not speak of stench.
_SUDDEN = ("pipe", "gas", "ice")
_CLAIM = ("dispute_labour", "dispute_market", "dispute_property")
_MATTER = ("education", "health", "labour", "market", "renewal", "service", "culture", "other")


@dataclass(frozen=True)
class Vague:
    """Words that several classes share, so that nobody can tell which is meant."""

    topic: Pool
    say: Pool
    more: Pool
    want: Pool


@dataclass(frozen=True, eq=False)
class Theme:
    """One kind of trouble: where and when it comes, and how it is told."""

    key: str
    category: str  # scheme:code
    weight: float  # reports of it among all, before what drives it
    places: tuple[str, ...]
    hours: str
    crowd: float  # how often the next person reports it too
    topic: Pool
    say: Pool
    see: Pool
    more: Pool
    want: Pool
    nature: str = "problem"
    drivers: Mapping[str, float] = field(default_factory=dict)  # driver -> factor on the weight
    condition: str = ""  # key of the taxonomy's condition, where the words tell it
    family: str = "other"  # whose handling notes fit
    course: str = "lasting"  # lasting, sudden, matter, dispute, claim or note
    vague: tuple[Vague, ...] = ()


@cache
def themes() -> tuple[Theme, ...]:
    """All themes, in the order of the files."""
    groups = [
        (
            Vague(*(pool(g[k], varied=k != "topic") for k in ("topic", "say", "more", "want"))),
            tuple(g["classes"]),
        )
        for g in read_yaml("phrases_shared.yaml")["vague"].values()
    ]
    return tuple(_theme(key, content, groups) for key, content in _contents())


@cache
def confusable() -> Mapping[str, tuple[str, ...]]:
    """Category -> the categories that an operator takes it for, nearest classes of the schemes."""
    found: dict[str, list[str]] = {}
    for group in read_yaml("phrases_shared.yaml")["beside"]:
        for code in group:
            mates = found.setdefault(_category(code), [])
            mates += [m for m in map(_category, group) if m != _category(code) and m not in mates]
    return {category: tuple(mates) for category, mates in sorted(found.items())}


def _category(code: str) -> str:
    return f"{'request' if code.startswith('R-') else 'urban-management'}:{code}"


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in FILES:
        yield from read_yaml(name).items()
    yield from _covers()


def _covers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind of cover in every condition: the same sentences about another lid."""
    content = read_yaml("phrases_covers.yaml")
    for code, kind in content["kinds"].items():
        it = f"({kind['it']}|{content['anyhow']})"
        for name, condition in content["conditions"].items():
            told = {
                key: value.replace("{it}", it)
                if isinstance(value, str)
                else [v.replace("{it}", it) for v in value]
                for key, value in condition.items()
                if key in ("topic", "say", "see", "more", "want")
            }
            yield (
                f"urban-management:{code}/{name}",
                {
                    **condition,
                    **told,
                    "weight": round(kind["weight"] * condition["share"] / 3, 3),
                    "places": ["asset"],
                    "family": "cover",
                },
            )


def _theme(key: str, content: dict[str, Any], groups: list[tuple[Vague, tuple[str, ...]]]) -> Theme:
    category = key.partition("/")[0]
    family = content.get("family", "other")
    nature = content.get("nature", "request" if key.startswith("request:") else "problem")
    issue = key.partition(":")[2]
    return Theme(
        key,
        category,
        float(content["weight"]),
        tuple(content["places"]),
        content["hours"],
        float(content["crowd"]),
        topic=pool(content["topic"]),
        say=pool(content["say"], varied=True),
        see=pool(content["see"]),
        more=pool(content["more"], varied=True),
        want=pool(content["want"], varied=True),
        nature=nature,
        drivers=content.get("drivers", {}),
        condition=str(content.get("condition", "")),
        family=family,
        course=content.get("course", _course(nature, family)),
        vague=tuple(
            vague
            for vague, classes in groups
            if any(fnmatchcase(issue, c if "/" in c else f"{c}/*") for c in classes)
        ),
    )


def _course(nature: str, family: str) -> str:
    if nature == "dispute":
        return "claim" if family in _CLAIM else "dispute"
    if family in _SUDDEN:
        return "sudden"
    return "matter" if family in _MATTER else "lasting"
