"""Blocks of docs/reference about the API: routes, events, what they answer, errors."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import Any

from fastapi.routing import APIRoute

from scripts.code_facts import (
    api,
    code,
    error_classes,
    plain,
    raised_codes,
    routes,
    row_codes,
    table,
)
from streetwise.directory import deps
from streetwise.kernel import shown
from streetwise.kernel.errors import StreetwiseError
from streetwise.web.live import EVENTS


def routes_block() -> str:
    """Every route with what it takes and gives."""
    parts = []
    public = _public_routes()
    for method, path, operation in routes():
        lines = [f"### `{method} {path}`", "", plain(operation.get("description", ""))]
        if (method, path) in public:
            lines[-1] += " No session needed."
        if operation.get("parameters"):
            lines += ["", table(["parameter", "in", "type", "default"], _parameters(operation))]
        body = operation.get("requestBody", {}).get("content", {})
        for kind, content in body.items():
            lines += ["", f"Takes {code(kind)}: {_type(content['schema'])}."]
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                lines += ["", f"Gives {status}{_given(answer)}."]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _public_routes() -> set[tuple[str, str]]:
    """Routes whose function does not ask who is signed in."""
    found = set()
    modules = ("directory.api", "directory.session_api", "directory.account_api")
    for name in (*modules, "gather.api", "resolve.api", "web.live"):
        router = importlib.import_module(f"streetwise.{name}").router
        for route in router.routes:
            if isinstance(route, APIRoute):
                asks = {dependency.call for dependency in route.dependant.dependencies}
                if deps.current not in asks:
                    found |= {(method, f"/api/v1{route.path}") for method in route.methods or ()}
    return found


def _parameters(operation: dict[str, Any]) -> list[list[str]]:
    rows = []
    for parameter in operation["parameters"]:
        if parameter["in"] == "cookie":
            continue
        schema = parameter["schema"]
        default = "required" if parameter.get("required") else json.dumps(schema.get("default"))
        rows.append(
            [
                code(parameter["name"]),
                parameter["in"],
                _type(schema),
                "" if default == "null" else default,
            ]
        )
    return rows


def _given(answer: dict[str, Any]) -> str:
    kinds = [
        f"{_type(content.get('schema') or {})}" if kind == "application/json" else code(kind)
        for kind, content in answer.get("content", {}).items()
    ]
    kinds = [kind for kind in kinds if kind]
    return ": " + " or ".join(kinds) if kinds else ""


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return " or ".join(code(json.dumps(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"object of {_type(inner)}" if isinstance(inner, dict) and inner else "object"
    kind = str(schema.get("format") or schema.get("type") or "anything")
    limits = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "≥"),
            ("maximum", "≤"),
            ("maxLength", "at most"),
            ("pattern", "pattern"),
        )
        if key in schema
    ]
    return f"{kind} ({', '.join(limits)})" if limits else kind


def events_block() -> str:
    """Events of the live stream."""
    rows = [[code(name), plain(text)] for name, text in EVENTS.items()]
    return table(["event", "meaning"], rows)


def schemas_block() -> str:
    """Every schema of the API."""
    parts = []
    for name, schema in sorted(api()["components"]["schemas"].items()):
        if name in ("HTTPValidationError", "ValidationError"):
            continue  # FastAPI's own; we answer with problems instead
        needed = set(schema.get("required", ()))
        rows = [
            [code(field), _type(part), "" if field in needed else "optional", _grade(part)]
            for field, part in schema.get("properties", {}).items()
        ]
        text = plain(schema.get("description", ""))
        head = ["field", "type", "", "shows"]
        parts.append("\n\n".join(filter(None, [f"### {name}", text, table(head, rows)])))
    return "\n\n".join(parts)


def _grade(part: dict[str, Any]) -> str:
    if shown.X_GRADE not in part:
        return ""
    return f"L{part[shown.X_GRADE]} {part[shown.X_CATEGORY]}"


def classes_block() -> str:
    """Codes that belong to a class of errors."""
    rows = [[code(cls.code), str(cls.status), _meaning(cls)] for cls in error_classes()]
    return table(["code", "status", "meaning"], rows)


def _meaning(cls: type[StreetwiseError]) -> str:
    if cls is StreetwiseError:
        return "Something that we did not foresee; nothing was changed, and the log says more."
    return plain(inspect.getdoc(cls) or cls.title)


def problems_block() -> str:
    """Codes that say more than their class."""
    rows = [
        [
            code(problem.code),
            str(problem.status or "that of the failure"),
            problem.sentence,
            code(problem.where),
        ]
        for problem in raised_codes()
    ]
    return table(["code", "status", "sentence", "where"], rows)


def rows_block() -> str:
    """Codes of files and rows."""
    rows = [
        [
            code(problem.code),
            "file" if problem.kind == "ReadError" else "row",
            problem.sentence,
            code(problem.where),
        ]
        for problem in row_codes()
    ]
    return table(["code", "of a", "sentence", "where"], rows)
