"""Blocks of docs/reference about who may do and see what."""

from __future__ import annotations

import csv
import io

from scripts.code_facts import (
    code,
    import_rooms,
    plain,
    routes,
    table,
)
from streetwise.directory.answers import ShownRoute
from streetwise.kernel import grades, journal, shown
from streetwise.kernel.access import NEEDS
from streetwise.kernel.database import Base
from streetwise.migrations import walls
from streetwise.privacy import capabilities, roles
from streetwise.privacy.access import openings
from streetwise.web.answers import let_in
from streetwise.web.app import ROUTERS


def roles_block() -> str:
    """The role table, turned so that it fits a page."""
    head = ["role", "", "tier", "scope", "clearance"]
    rows = [
        [
            code(role.code),
            f"{role.name} · {role.name_en}",
            role.tier,
            role.scope,
            f"L{role.clearance}",
        ]
        for role in roles().values()
    ]
    rights = [
        [code(capability), ", ".join(_holders(capability)) or "nobody"]
        for capability in capabilities()
    ]
    return "\n\n".join([table(head, rows), table(["capability", "roles that have it"], rights)])


def _holders(capability: str) -> list[str]:
    return [code(role.code) for role in roles().values() if capability in role.can]


def access_block() -> str:
    """Every route with what it declares, and the roles that have that."""
    head = ["route", "needs", *(role.name_en for role in roles().values())]
    rows = []
    for method, path, operation in routes():
        declared = operation.get(NEEDS, [])
        marks = ["✓" if let_in(role, declared) else "" for role in roles().values()]
        needed = " or ".join(map(code, declared)) or "**not declared**"
        rows.append([code(f"{method} {path.removeprefix('/api/v1')}"), needed, *marks])
    return table(head, rows)


def access_csv() -> str:
    """The same as a file: route, needs, and a column for each role with its marks."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["method", "route", "needs", *roles()])
    for method, path, operation in routes():
        declared = operation.get(NEEDS, [])
        marks = ["x" if let_in(role, declared) else "" for role in roles().values()]
        lines.writerow([method, path.removeprefix("/api/v1"), " or ".join(declared), *marks])
    return out.getvalue()


def opens_block() -> str:
    """Which capability opens which category beyond the clearance."""
    rows = [[code(one.capability), one.category, f"L{one.grade}", one.why] for one in openings()]
    return table(["capability", "category", "up to", "because who has it"], rows)


def withheld_block() -> str:
    """Every field that some role lets in to its route does not get."""
    rows = []
    for route in (route for router in ROUTERS for route in router.routes):
        if not isinstance(route, ShownRoute):
            continue
        needed = (route.openapi_extra or {}).get(NEEDS, [])
        models = {model for answer in route.answers for model in shown.reached(answer)}
        for model in sorted(models, key=lambda one: one.__name__):
            found: dict[tuple[str, ...], list[str]] = {}
            for role in roles().values():
                fields = tuple(sorted(shown.above(model, role.rights)))
                if fields and let_in(role, needed):
                    found.setdefault(fields, []).append(role.name_en)
            name = f"{'/'.join(sorted(route.methods or ()))} {route.path}"
            rows += [
                [code(name), code(model.__name__), ", ".join(map(code, fields)), ", ".join(who)]
                for fields, who in found.items()
            ]
    return table(["route", "model", "left out", "for"], sorted(rows))


def data_block() -> str:
    """Every column with its grade and category."""
    import_rooms()
    rows = [
        [code(f"{column.table}.{column.name}"), f"L{column.grade}", column.category]
        for column in grades.classified(Base)
    ]
    return table(["column", "grade", "category"], rows)


def categories_block() -> str:
    """The categories and what they mean."""
    return table(
        ["category", "meaning"], [[name, text] for name, text in grades.CATEGORIES.items()]
    )


def walls_block() -> str:
    """Every table with what PostgreSQL itself shows of it."""
    rows = []
    for name, wall in sorted(walls.WALLS.items()):
        is_open = isinstance(wall, walls.Open)
        rows.append([code(name), "open" if is_open else "walled", wall.because])
    return table(["table", "", "who sees a row, or why it is open"], rows)


def journal_block() -> str:
    """All journal actions."""
    import_rooms()
    rows = [[code(name), plain(text)] for name, text in sorted(journal.ACTIONS.items())]
    return table(["action", "meaning"], rows)
