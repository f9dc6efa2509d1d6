"""What docs/reference/scenes.md says of scenes, from the code: their keys, and those that ship."""

from __future__ import annotations

from dataclasses import fields

from scripts.code_facts import code, table
from streetwise.discover.scenes import Scene, shipped_scenes

#: What a scene's keys mean; a new one must be explained here.
SCENE_KEYS = {
    "key": "How it is called in zones, findings and the API: small letters, digits, low dashes.",
    "name": "What people read, in Chinese.",
    "name_en": "The same in English.",
    "classes": "What counts, by the words of detectors' cards; only a detector that knows one of"
    " them serves the scene.",
    "zone": "What is drawn in the picture: `lane`, `ground`, `wall`, `water` or `sky`.",
    "touch": "`foot`: the middle of a box's lower edge lies in the zone; `area`: half of the box"
    " does.",
    "area_least": "The smallest box that counts, as a share of the picture.",
    "score": "From how sure the detector must be, 0 to 1.",
    "stationary": "Whether the thing must stay in one place, or it is enough that one is there.",
    "dwell_seconds": "From the first look that saw it to the last, at least, before it is a"
    " finding.",
    "seen": "In so many of the last `of` inferred looks it must have been seen.",
    "of": "See `seen`.",
    "cadence_seconds": "How often to look while something may be there: the gate saw a change, or"
    " a finding or a case is open.",
    "least_every_seconds": "How often to look in any case, whatever the gate says.",
    "clear_looks": "After so many inferred looks in a row without it, it is gone; blind looks"
    " count as nothing.",
    "clear_seconds": "And these looks lie at least so far apart, first to last.",
    "priority": "1 goes before 2 before 3 where not everything can be looked at in time.",
    "scheme": "The taxonomy that the class of a finding is from.",
    "code": "The class in it; where a street has no such class, triage guesses one from the words.",
    "hours": 'When it counts, by the street\'s clock, such as `["07:00-22:30"]`; left out: always.',
}


def scene_keys_block() -> str:
    """The keys of a scene's file."""
    keys = [one.name for one in fields(Scene)]
    return table(["key", "meaning"], [[code(key), SCENE_KEYS[key]] for key in keys])


def scenes_block() -> str:
    """Every scene that ships."""
    parts = []
    for one in shipped_scenes().values():
        shown = [
            [code(key), _scene_value(getattr(one, key))]
            for key in (part.name for part in fields(Scene))
            if key not in ("key", "name", "name_en")
        ]
        parts += [f"### `{one.key}`", f"{one.name} · {one.name_en}", table(["key", "value"], shown)]
    return "\n\n".join(parts)


def _scene_value(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        spans = (f"{one.since:%H:%M}-{one.until:%H:%M}" for one in value)
        return ", ".join(spans) or "always"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
