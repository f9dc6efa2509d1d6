"""Write docs/reference from the code: what stands between two `generated` marks of a page.

    python scripts/reference.py           bring all pages up to date
    python scripts/reference.py --check   change nothing; name stale pages and exit 1

The text around the marks is written by hand. A page without one of its marks counts as stale.
Settings and commands are told of here, the rest in the modules ``reference_*`` beside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from scripts.code_facts import (  # noqa: E402
    code,
    commands,
    environment_variables,
    fenced,
    make_targets,
    make_variables,
    plain,
    table,
    variable_of,
)
from scripts.reference_access import (  # noqa: E402
    access_block,
    access_csv,
    categories_block,
    data_block,
    journal_block,
    opens_block,
    roles_block,
    walls_block,
    withheld_block,
)
from scripts.reference_api import (  # noqa: E402
    classes_block,
    events_block,
    problems_block,
    routes_block,
    rows_block,
    schemas_block,
)
from scripts.reference_work import (  # noqa: E402
    disputes_block,
    folder_block,
    hazards_block,
    loop_block,
    mapping_fields_block,
    mappings_block,
    orders_block,
    petitions_block,
    taxonomies_block,
)
from scripts.scene_page import scene_keys_block, scenes_block  # noqa: E402
from streetwise.cli import main as cli  # noqa: E402
from streetwise.kernel.settings import Settings  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
WIDTH = 100

#: Variables that are read directly and not by Settings; a new one must be explained here.
ENVIRONMENT = {
    "STREETWISE_SECRETS_DIR": "Folder of files that are named like a setting's variable in lower"
    " case (`streetwise_database_url`) and hold its value; for secrets that must not stand in the"
    " environment.",
    "STREETWISE_HOME": "The same as the setting `home`; the embedded database reads it as well.",
    "STREETWISE_ENGINE_DIR": "Run as root: where PostgreSQL's programs are copied to, so that the"
    " system user `streetwise-db` can read them (default `/var/lib/streetwise/engine`).",
}
#: What a default says that depends on the machine.
_DEFAULTS = {"home": "`/var/lib/streetwise` as root, else the user's data folder"}
_UNITS = {
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "bytes": "bytes",
    "pixels": "pixels",
    "rows": "rows",
    "entries": "entries",
    "connections": "connections",
    "signals": "signals",
    "attempts": "attempts",
    "archives": "archives",
    "days": "days",
    "mib": "MiB",
}


# --- blocks -------------------------------------------------------------------------------


def settings_block() -> str:
    """All settings."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = _DEFAULTS.get(name) or _default(field.default)
        unit = _UNITS.get(name.rsplit("_", 1)[-1], "")
        rows.append(
            [code(name), code(variable_of(name)), unit, default, plain(field.description or "")]
        )
    return table(["setting", "environment variable", "unit", "default", "meaning"], rows)


def _default(value: object) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def environment_block() -> str:
    """Variables besides the settings."""
    rows = [[code(name), ENVIRONMENT[name]] for name in environment_variables()]
    return table(["environment variable", "meaning"], rows)


def make_block() -> str:
    """The Makefile's targets and variables."""
    targets = [[code(f"make {name}"), text] for name, text in make_targets()]
    variables = [
        [code(name), code(value) if value else "empty"] for name, value in make_variables()
    ]
    return "\n\n".join(
        [table(["command", "what it does"], targets), table(["variable", "default"], variables)]
    )


def commands_block() -> str:
    """Every command with its own help."""
    parts = []
    for path, command in commands():
        context = click.Context(
            cli, info_name="streetwise", terminal_width=WIDTH, **cli.context_settings
        )
        for name in path.split():
            group = cast(click.Group, context.command)
            context = click.Context(group.commands[name], context, name, terminal_width=WIDTH)
        hidden = " (for development; not in `streetwise --help`)" if command.hidden else ""
        parts.append(f"### `streetwise {path}`{hidden}\n\n{fenced(command.get_help(context))}")
    return "\n\n".join(parts)


#: Page → block → who writes it.
PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "settings.md": {"settings": settings_block, "environment": environment_block},
    "commands.md": {"make": make_block, "commands": commands_block},
    "roles.md": {"roles": roles_block},
    "access.md": {"access": access_block, "walls": walls_block},
    "data.md": {
        "categories": categories_block,
        "columns": data_block,
        "opens": opens_block,
        "withheld": withheld_block,
    },
    "journal.md": {"actions": journal_block},
    "api.md": {"routes": routes_block, "events": events_block, "schemas": schemas_block},
    "loop.md": {
        "loop": loop_block,
        "hazards": hazards_block,
        "disputes": disputes_block,
        "orders": orders_block,
        "petitions": petitions_block,
    },
    "mappings.md": {"fields": mapping_fields_block, "mappings": mappings_block},
    "scenes.md": {"keys": scene_keys_block, "scenes": scenes_block},
    "town-folder.md": {"files": folder_block, "taxonomies": taxonomies_block},
    "errors.md": {"classes": classes_block, "problems": problems_block, "rows": rows_block},
}


#: Files that are written whole.
FILES: dict[str, Callable[[], str]] = {"access.csv": access_csv}


def render(page: str, text: str) -> str:
    """The page with its generated blocks as they should be. Raises ValueError: a mark is lost."""
    for name, write in PAGES[page].items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, mark, rest = text.partition(begin)
        _, second, after = rest.partition(end)
        if not (mark and second):
            raise ValueError(f"docs/reference/{page} lacks the marks of the block '{name}'")
        text = f"{before}{begin}\n\n{write()}\n\n{end}{after}"
    return text


def stale() -> list[str]:
    """Names of pages that are missing or not what the code says."""
    found = [
        name
        for name, write in FILES.items()
        if not (REFERENCE / name).is_file()
        or (REFERENCE / name).read_text(encoding="utf-8") != write()
    ]
    for page in PAGES:
        path = REFERENCE / page
        try:
            text = path.read_text(encoding="utf-8")
            if render(page, text) != text:
                found.append(page)
        except (FileNotFoundError, ValueError):
            found.append(page)
    return found


def main(arguments: Sequence[str]) -> int:
    """Write, or check."""
    if list(arguments) == ["--check"]:
        names = stale()
        for name in names:
            print(f"docs/reference/{name} is not what the code says")
        if names:
            print("Run: .venv/bin/python scripts/reference.py")
        return 1 if names else 0
    if arguments:
        print(__doc__)
        return 2
    for name, write in FILES.items():
        (REFERENCE / name).write_text(write(), encoding="utf-8")
    for page in PAGES:
        path = REFERENCE / page
        path.write_text(render(page, path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
