"""The rules of the house, read from the source: see docs/architecture.md and CONTRIBUTING.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "streetwise"
LINES_MAX = 800
GENERATED = {"ui/src/api/schema.d.ts"}
CODE_FOLDERS = ("src", "ui/src", "ui/scripts", "tests", "bench", "scripts")
CODE_ENDINGS = (".py", ".ts", ".tsx", ".css", ".mjs")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def _product() -> Iterator[tuple[str, ast.Module]]:
    """All modules but those of the town."""
    for where, tree in _trees().items():
        if not where.startswith("town/"):
            yield where, tree


def test_no_file_is_too_long() -> None:
    long = []
    for folder in CODE_FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix not in CODE_ENDINGS or "/static/" in name or name in GENERATED:
                continue
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > LINES_MAX:
                long.append(f"{name}: {lines} lines")
    assert not long


def test_every_module_says_what_it_is() -> None:
    silent = [
        where
        for where, tree in _trees().items()
        # Alembic wants the folder to be a package; its revisions speak for themselves.
        if where != "migrations/versions/__init__.py" and not ast.get_docstring(tree)
    ]
    assert not silent


def test_everything_public_says_what_it_is() -> None:
    """Of the town only what others use: its own modules draw houses, and their names say it."""
    used = _names_taken_from_the_town()
    silent = []
    for where, tree in _trees().items():
        if where.startswith("migrations/versions/"):
            continue  # `upgrade` is Alembic's word
        for node in tree.body:
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            if where.startswith("town/") and node.name not in used:
                continue
            overload = any("overload" in ast.unparse(mark) for mark in node.decorator_list)
            if not overload and not ast.get_docstring(node):
                silent.append(f"{where}: {node.name}")
    assert not silent


def _names_taken_from_the_town() -> set[str]:
    names: set[str] = set()
    for _, tree in _product():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "streetwise.town"
            ):
                names.update(alias.name for alias in node.names)
    return names


#: Functions of a repository that take no Viewer, and why. What is not here takes one.
_MAKES_VIEWERS = "a Viewer is made from what it gives"
_INTAKE = "stores what an action has prepared and its Viewer was asked about"
_KEYS = "wrapped keys, which show nothing; what they open is asked for"
_TOKEN = "the holder of the token is its own proof"
_ITS_ACTION = "its action asks"
_COUNTS = "waits after wrong sign-ins: nobody is signed in yet"
_LOADING = "part of loading a folder, whose action asks"
_PLANNED = "carries out a plan that its Viewer was asked about"
WITHOUT_VIEWER = {
    "directory/repository.py": {
        "belonging": _MAKES_VIEWERS,
        "unit_tree": _MAKES_VIEWERS,
        "close_accounts": _LOADING,
        "lock_loading": "a lock, not a read",
    },
    "directory/duty_repository.py": {},
    "privacy/repository.py": {
        "share_generations": _KEYS,
        "generations": _KEYS,
        "add_generation": _KEYS,
        "reporter_keys": _KEYS,
        "add_reporter_keys": _KEYS,
        "store": _INTAKE,
        "store_keys": _INTAKE,
        "destroy": "its action asks and has locked the keys",
    },
    "privacy/rotation_repository.py": {
        "lock_generations": "a lock, not a read",
        "rewrap": "its action asks and has locked the keys",
        "retire_before": "its action asks",
    },
    "privacy/forgetting_repository.py": {},
    "directory/account_repository.py": {
        "staff_by_login": _MAKES_VIEWERS,
        "session_staff": _MAKES_VIEWERS,
        "stood_in_for": _MAKES_VIEWERS,
        "lock_staff": _ITS_ACTION,
        "any_security_admin": "whether there is one at all",
        "touch_session": _TOKEN,
        "end_session": _TOKEN,
        "change_token": _TOKEN,
        "set_stand_in": _TOKEN,
        "offer_secret": _TOKEN,
        "sessions_of": "its route asks for the viewer's own",
        "end_sessions": "deletes and shows nothing; its action asks",
        "end_session_of": "deletes and shows nothing; its action asks",
        "end_old_sessions": "deletes only what has ended",
        "former_passwords": _ITS_ACTION,
        "keep_password": _ITS_ACTION,
        "replace_recovery_codes": _ITS_ACTION,
        "use_recovery_code": _ITS_ACTION,
        "recovery_codes_left": "a number only, of the viewer's own",
        "lock_counts": _COUNTS,
        "save_count": _COUNTS,
        "forget_count": _COUNTS,
        "trim_counts": _COUNTS,
        "waiting_keys": "keyed hashes, which say nothing",
        "setup_code": "a hash; nobody can sign in yet",
        "save_setup_code": "a hash; nobody can sign in yet",
    },
    "directory/staff_repository.py": {
        "lock_accounts": "a lock, not a read",
    },
    "directory/records/repository.py": {
        "ordinals": _PLANNED,
        "area_is_known": "whether a code is taken must be asked with the eyes of the system",
    },
    "directory/records/write_repository.py": {
        "write": _PLANNED,
        "upsert": _PLANNED,
        "set_order": _PLANNED,
        "end": _PLANNED,
        "end_stand_ins": _PLANNED,
        "add_history": _PLANNED,
        "replace_forms": _LOADING,
        "write_area": _LOADING,
        "new_revision": _PLANNED,
    },
    "notify/repository.py": {
        "only_releaser": "a lock, not a read",
    },
    "gather/repository.py": {
        "upsert_source": _INTAKE,
        "store_signals": _INTAKE,
    },
    "resolve/repository.py": {
        "count_to": "a number only; the query that it counts asks",
        "lock_triage": "a lock, not a read",
        "next_numbers": "draws numbers; shows nothing",
        "insert_cases": _INTAKE,
        "insert_case_signals": _INTAKE,
        "add_voices": _INTAKE,
    },
    "resolve/lists.py": {},
    "resolve/facts_repository.py": {},
    "resolve/counts_repository.py": {},
    "gather/counts_repository.py": {},
    "gather/weather_repository.py": {},
    "warn/repository.py": {"one_at_a_time": "a lock, not a read"},
    "warn/tasks_repository.py": {},
    "discover/repository.py": {},
    "discover/findings_repository.py": {},
    "discover/health_repository.py": {},
    "discover/thresholds_repository.py": {},
    "resolve/numbers_repository.py": {},
    "resolve/orders/repository.py": {},
    "resolve/scores/repository.py": {"lock_facts": "a lock, not a read"},
    "resolve/flow/repository.py": {"lock_steps": "a lock, not a read"},
    "resolve/speed/repository.py": {"lock_baselines": "a lock, not a read"},
    "resolve/reports/repository.py": {"lock_reports": "a lock, not a read"},
    "resolve/parties_repository.py": {},
    "resolve/contacts/repository.py": {},
    "gather/listed_repository.py": {},
    "resolve/saved/repository.py": {},
    "resolve/reconcile/repository.py": {"one_at_a_time": "a lock, not a read"},
    "resolve/verify/repository.py": {},
    "resolve/callbacks/repository.py": {},
    "resolve/phone/repository.py": {},
    "resolve/answers/repository.py": {},
    "resolve/merging/repository.py": {
        "print_of": "what is kept of a case that the caller has locked",
        "prints_of": "what is kept of cases that the caller has locked",
        "put_print": _INTAKE,
        "put_prints": _INTAKE,
        "store_prints": _INTAKE,
        "end_print": _INTAKE,
        "end_prints": _INTAKE,
        "store_offers": _INTAKE,
        "move_links": "of cases that the caller has locked",
        "move_orders": "of cases that the caller has locked",
    },
    "notify/urgent_repository.py": {},
    "resolve/directives/repository.py": {},
    "resolve/desklock/repository.py": {},
    "resolve/dispatch/repository.py": {},
    "resolve/incidents/repository.py": {},
    "resolve/hazards/repository.py": {"insert_new": "adds rows"},
    "resolve/hazards/count_repository.py": {},
    "resolve/disputes/repository.py": {},
    "resolve/petitions/repository.py": {"move": "of cases that the caller has locked"},
    "resolve/duty/people_repository.py": {},
    "resolve/duty/repository.py": {
        "lock_duty": "a lock, not a read",
    },
    "resolve/merging/offer_repository.py": {},
    "resolve/merging/cause_repository.py": {
        "lock_causes": "a lock, not a read",
    },
    "resolve/learning/repository.py": {},
    "resolve/clocks/repository.py": {
        "insert_new": _INTAKE,
        "put": _INTAKE,
    },
    "resolve/desk/repository.py": {
        "store_asides": _INTAKE,
    },
    "kernel/file_repository.py": {},
    "kernel/seals/repository.py": {
        "only_sealer": "a lock, not a read",
        "wall_time": "what time it is",
        "add": "called by the sealing job only",
    },
    "kernel/journal.py": {
        "write": "called by the unit of work only",
        "last_seq": "a number only",
    },
}


def _takes_database(node: Function) -> bool:
    return any(argument.arg in ("session", "connection") for argument in node.args.args)


@pytest.mark.parametrize("where", WITHOUT_VIEWER)
def test_every_read_takes_a_viewer(where: str) -> None:
    without = {
        node.name
        for node in _trees()[where].body
        if isinstance(node, Function)
        and not node.name.startswith("_")
        and _takes_database(node)
        and not any(argument.arg == "viewer" for argument in node.args.args)
    }
    assert without == set(WITHOUT_VIEWER[where])


def test_every_repository_is_looked_at() -> None:
    found = {where for where in _trees() if where.endswith(("repository.py", "/lists.py"))}
    assert found <= set(WITHOUT_VIEWER)


def test_only_the_unit_of_work_commits() -> None:
    found = [
        f"{where}:{node.lineno}"
        for where, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and where != "kernel/database.py"
        and not where.startswith("migrations/")
    ]
    assert not found


#: Where SQL may be written as text, and why not elsewhere: there it could not be overlooked.
RAW_SQL = {
    "kernel/database.py": "session settings and the clock",
    "kernel/bulk.py": "many rows at once",
    "kernel/journal.py": "the one writer of the journal",
    "kernel/live.py": "LISTEN",
    "kernel/job_book.py": "the job queue's own tables, which have no model",
    "kernel/periodic.py": "one claim, which has to be one statement",
    "kernel/seals/repository.py": "entries exactly as they are hashed",
    "kernel/postgres.py": "the server's own roles and database",
    "directory/repository.py": "",
    "directory/staff_repository.py": "",
    "directory/records/repository.py": "",
    "gather/repository.py": "",
    "notify/repository.py": "a lock",
    "notify/tables.py": "conditions of indexes",
    "privacy/repository.py": "",
    "resolve/repository.py": "",
    "resolve/lists.py": "",
    "resolve/numbers_repository.py": "the number of a column to group by",
    "privacy/tables.py": "conditions of indexes",
    "gather/tables.py": "conditions of indexes",
    "resolve/tables.py": "conditions of indexes",
    "resolve/clocks/tables.py": "conditions of indexes",
    "resolve/flow/tables.py": "conditions of indexes",
    "resolve/orders/tables.py": "conditions of indexes",
    "resolve/answers/tables.py": "conditions of indexes",
    "resolve/petitions/tables.py": "conditions of indexes",
    "resolve/contacts/tables.py": "conditions of indexes",
    "resolve/reconcile/tables.py": "conditions of indexes",
    "resolve/verify/tables.py": "conditions of indexes",
    "resolve/callbacks/tables.py": "conditions of indexes",
    "discover/tables.py": "conditions of indexes",
    "warn/tables.py": "conditions of indexes",
    "resolve/merging/tables.py": "conditions of indexes",
    "resolve/directives/tables.py": "conditions of indexes",
    "resolve/incidents/tables.py": "conditions of indexes",
    "resolve/duty/tables.py": "conditions of indexes",
    "town/demo.py": "the owner's role: the simulated clock, the demo's passwords",
    "town/control.py": "the owner's role: the simulated clock",
    "town/chunks.py": "databases copied, and rows moved from one to another by COPY",
}
_RUNS_SQL = {"execute", "executemany", "copy", "exec_driver_sql"}


def test_sql_as_text_stands_where_it_belongs() -> None:
    found = [
        f"{where}:{line}"
        for where, tree in _trees().items()
        if where not in RAW_SQL and not where.startswith("migrations/")
        for line in _raw_sql(tree)
    ]
    assert not found


def _raw_sql(tree: ast.Module) -> Iterator[int]:
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name == "text"
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in imported:
            yield node.lineno
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in _RUNS_SQL
            and node.args
            and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
        ):
            yield node.lineno


#: The kernel has few repositories: what is one table's affair stands beside the table.
KERNEL_SQL = (
    "kernel/journal.py",
    "kernel/key_check.py",
    "kernel/job_book.py",
    "kernel/periodic.py",
)


def test_sql_is_built_in_repositories_only() -> None:
    """`select` and its like belong to repository.py and lists.py (and the kernel's two)."""
    builders = {"select", "insert", "update", "delete"}
    found = []
    for where, tree in _trees().items():
        if where.endswith(("repository.py", "/lists.py")) or where in KERNEL_SQL:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                found += [f"{where}: {name.name}" for name in node.names if name.name in builders]
    assert not found


def _imports(tree: ast.Module) -> Iterator[str]:
    """Modules and names that are imported, wherever in the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names)


def test_the_product_does_not_know_the_town() -> None:
    found = [
        f"{where}: {name}"
        for where, tree in _product()
        if where != "cli/__init__.py"  # the command `demo`
        for name in _imports(tree)
        if name.startswith("streetwise.town")
    ]
    assert not found


#: Engines and their words. A town that knew them would be scored by its own echo.
ENGINES = (
    "streetwise.privacy.masking",
    "streetwise.resolve.place",
    "streetwise.resolve.deadlines",
    "streetwise.resolve.understand",
)
ENGINE_DATA = (
    "keywords.yaml",
    "starter.yaml",
    "names.yaml",
    "streetwise.privacy.data",
    "resolve/data",
    "streetwise.resolve.data",
)


def test_the_town_knows_no_engine_and_none_of_its_words() -> None:
    found = []
    for where, tree in _trees().items():
        if not where.startswith("town/"):
            continue
        found += [f"{where}: {name}" for name in _imports(tree) if name.startswith(ENGINES)]
        found += [
            f"{where}: {node.value!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and any(name in node.value for name in ENGINE_DATA)
        ]
    assert not found


def test_the_engines_know_nothing_of_the_town() -> None:
    for path in (SOURCE / "resolve" / "data").glob("*"):
        assert "town" not in path.read_text(encoding="utf-8")
