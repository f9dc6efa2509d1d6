"""What the code says of itself, for the reference: classes, calls, commands, routes."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import streetwise  # noqa: E402
from streetwise.cli import main as cli  # noqa: E402
from streetwise.gather import mapping  # noqa: E402
from streetwise.kernel.errors import StreetwiseError  # noqa: E402
from streetwise.kernel.settings import Settings  # noqa: E402
from streetwise.web import openapi  # noqa: E402

SOURCE = ROOT / "src" / "streetwise"
#: Importing these would start something or is of no use here.
_NOT_IMPORTED = ("streetwise.migrations", "streetwise.town", "streetwise.cli")

#: Codes whose sentence comes from elsewhere.
_SENTENCES = {
    "http": "What the web server says of a request that it cannot serve.",
    "import_failed": "What stopped the import.",
}


# --- Markdown -----------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; pipes and line ends in cells are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """Inline code."""
    return f"`{text}`"


def plain(docstring: str) -> str:
    """A docstring as one line of Markdown."""
    return " ".join(docstring.split()).replace("``", "`")


def fenced(text: str, language: str = "") -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


# --- what the code says -------------------------------------------------------------------


@cache
def import_rooms() -> None:
    """Import every module of every room, so that all that they declare is declared."""
    for module in pkgutil.walk_packages(streetwise.__path__, "streetwise."):
        if not module.name.startswith(_NOT_IMPORTED):
            importlib.import_module(module.name)


@cache
def _trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def environment_variables() -> list[str]:
    """Names of STREETWISE_* variables that stand in the source, settings aside."""
    found = set()
    for tree in _trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\bSTREETWISE_[A-Z_]+[A-Z]\b", node.value))
    of_settings = {variable_of(name) for name in Settings.model_fields}
    return sorted(found - of_settings | {"STREETWISE_HOME"})


def variable_of(setting: str) -> str:
    """The environment variable of a setting."""
    return f"STREETWISE_{setting.upper()}"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error code, the class that carries it, and one sentence that goes with it."""

    code: str
    kind: str
    status: int | None
    sentence: str
    where: str


def error_classes() -> list[type[StreetwiseError]]:
    """StreetwiseError and all its subclasses."""
    import_rooms()
    found: list[type[StreetwiseError]] = [StreetwiseError]
    for cls in found:
        found += [sub for sub in cls.__subclasses__() if sub not in found]
    return sorted(found, key=lambda cls: (cls.status, cls.code))


def raised_codes() -> list[Problem]:
    """Codes given where an error is made: ``Invalid("…", code="file_empty")``."""
    classes = {cls.__name__: cls for cls in error_classes()}
    found: dict[tuple[str, str], Problem] = {}
    for where, call, name in _calls(set(classes)):
        given = {word.arg: word.value for word in call.keywords}
        value = given.get("code")
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            cls = classes[name]
            status = None if cls is StreetwiseError else cls.status
            sentence = _SENTENCES.get(value.value) or _sentence(call.args[0])
            problem = Problem(value.value, name, status, sentence, where)
            found.setdefault((problem.code, problem.where), problem)
    return sorted(found.values(), key=lambda problem: (problem.code, problem.where))


def row_codes() -> list[Problem]:
    """Codes of files and rows that cannot be read: ReadError, RowProblem, BadCell."""
    import_rooms()
    found: dict[str, Problem] = {}
    for where, call, name in _calls({"ReadError", "RowProblem", "BadCell"}):
        given = _arguments(name, call)
        value = given.pop("code", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            known = (_assigned(where, part, call.lineno) for part in given.values())
            texts = [text for text in map(_sentence, known) if " " in text]
            sentence = texts[0] if texts else ""
            found.setdefault(value.value, Problem(value.value, name, None, sentence, where))
    return sorted(found.values(), key=lambda problem: problem.code)


def _calls(names: set[str]) -> Iterator[tuple[str, ast.Call, str]]:
    for where, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                name = node.func.id if isinstance(node.func, ast.Name) else name
                if name in names:
                    yield where, node, name


def _arguments(name: str, call: ast.Call) -> dict[str, ast.expr]:
    """The call's arguments by the names of the parameters."""
    readers = importlib.import_module("streetwise.gather.readers")
    cls = getattr(readers, name, None) or getattr(mapping, name)
    parameters = [
        parameter.name
        for parameter in inspect.signature(cls.__init__).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ][1:]
    given = dict(zip(parameters, call.args, strict=False))
    return given | {word.arg: word.value for word in call.keywords if word.arg}


def _assigned(where: str, node: ast.expr, before: int) -> ast.expr:
    """What a variable was last set to above the line; anything else as it is."""
    if isinstance(node, ast.Name):
        for line in sorted(
            (line for line in ast.walk(_trees()[where]) if isinstance(line, ast.Assign)),
            key=lambda line: -line.lineno,
        ):
            named = [target.id for target in line.targets if isinstance(target, ast.Name)]
            if line.lineno < before and node.id in named:
                return line.value
    return node


def _sentence(node: ast.expr) -> str:
    """The text of a string or f-string; what is filled in stands in braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            names = re.findall(r"[A-Za-z_]+", ast.unparse(part.value))
            simple = isinstance(part.value, ast.Name | ast.Attribute)
            parts.append(f"{{{names[-1]}}}" if simple else "…")
    return "".join(parts)


def commands() -> Iterator[tuple[str, click.Command]]:
    """All commands with their path behind ``streetwise``, groups left out."""

    def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        if isinstance(command, click.Group):
            for name, sub in sorted(command.commands.items()):
                yield from walk(f"{path} {name}".strip(), sub)
        else:
            yield path, command

    yield from walk("", cli)


def make_targets() -> list[tuple[str, str]]:
    """(target, explanation) of the Makefile, explained ones first, in its order."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = re.findall(r"^([a-z][a-z-]*):.*?## (.*)$", text, re.MULTILINE)
    phony = re.findall(r"^\.PHONY:(.*)$", text, re.MULTILINE)
    known = {name for name, _ in explained}
    others = [name for line in phony for name in line.split() if name not in known]
    return explained + [(name, "part of `make test`") for name in others]


def make_variables() -> list[tuple[str, str]]:
    """(name, default) of what the Makefile takes."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.findall(r"^([A-Z]+) \?= *(.*)$", text, re.MULTILINE)


@cache
def api() -> dict[str, Any]:
    """The description of the API."""
    return cast(dict[str, Any], json.loads(openapi.openapi_json()))


def routes() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of every route, by path."""
    found = []
    for path, methods in sorted(api()["paths"].items()):
        for method, operation in methods.items():
            found.append((method.upper(), path, operation))
    return found
