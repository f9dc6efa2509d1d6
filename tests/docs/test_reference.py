"""The documentation is true: nothing missing, nothing stale, nothing named that is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from scripts import code_facts, reference
from scripts.guide_shots import SHOTS
from streetwise.cli import main as cli
from streetwise.kernel.jobs import HANDLERS
from streetwise.kernel.journal import ACTIONS
from streetwise.kernel.settings import Settings
from streetwise.privacy import capabilities, roles
from streetwise.web.live import EVENTS
from streetwise.web.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "streetwise"
#: A path in the text may be written from one of these folders.
BASES = (ROOT, SOURCE, ROOT / "ui", SOURCE / "directory" / "data")
PAGES = sorted(
    [
        *(path for path in ROOT.glob("*.md")),
        *(path for path in DOCS.rglob("*.md")),
    ]
)
SCREENSHOTS = (
    *("sign-in", "overview", "overview-dark", "cases", "case", "import"),
    *(shot.name for shot in SHOTS),
)
SCREENSHOT_MAX_BYTES = 300 * 1024


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


# --- complete -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", reference.PAGES)
def test_generated_page_is_what_the_code_says(page: str) -> None:
    text = _page(page)
    fresh = reference.render(page, text) == text
    assert fresh, f"{page} is stale: run .venv/bin/python scripts/reference.py"


def test_every_setting_is_documented() -> None:
    for name in Settings.model_fields:
        assert f"| `{name}` | `STREETWISE_{name.upper()}` |" in _page("settings.md"), name


def test_every_environment_variable_in_the_source_is_documented() -> None:
    for path in SOURCE.rglob("*.py"):
        for name in re.findall(r"STREETWISE_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")):
            assert f"`{name}`" in _page("settings.md"), f"{name} in {_name(path)}"


def test_every_command_is_documented() -> None:
    for path in _commands(cli):
        assert f"### `streetwise {path}`" in _page("commands.md"), path


def test_every_make_target_is_documented() -> None:
    for target in _targets():
        assert f"| `make {target}` |" in _page("commands.md"), target


def test_every_role_and_capability_is_documented() -> None:
    for code in (*roles(), *capabilities()):
        assert f"| `{code}` |" in _page("roles.md"), code


def test_every_journal_action_is_documented() -> None:
    code_facts.import_rooms()
    for action in ACTIONS:
        assert f"| `{action}` |" in _page("journal.md"), action


def test_every_route_is_documented() -> None:
    for path, methods in code_facts.api()["paths"].items():
        for method in methods:
            assert f"### `{method.upper()} {path}`" in _page("api.md"), (method, path)


def test_every_live_event_is_documented() -> None:
    for event in EVENTS:
        assert f"| `{event}` |" in _page("api.md"), event


def test_every_error_code_is_documented() -> None:
    """Found here by text, not by the generator's way."""
    given = re.compile(
        r'\bcode=\s*"(\w+)"'  # Invalid("…", code="file_empty")
        r'|^    code = "(\w+)"'  # in the body of a class
        r'|\b(?:ReadError|BadCell)\(\s*"(\w+)"'
        r'|\bRowProblem\(\s*[\w.]+,\s*"(\w+)"',
        re.MULTILINE,
    )
    for path in SOURCE.rglob("*.py"):
        for match in given.finditer(path.read_text(encoding="utf-8")):
            code = next(group for group in match.groups() if group)
            assert f"| `{code}` |" in _page("errors.md"), f"{code} in {_name(path)}"


def test_every_mapping_is_documented() -> None:
    for path in (SOURCE / "gather" / "mappings").glob("*.yaml"):
        assert f"### `{path.stem}`" in _page("mappings.md"), path.stem


def test_every_decision_is_in_the_index_and_the_numbers_have_no_gap() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    for number, path in enumerate(records, start=1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04d}-"), path.name
        assert f"({path.name})" in index, path.name
        assert text.startswith(f"# {number:04d} "), path.name
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{path.name} lacks {part}"


# --- what is named is there ---------------------------------------------------------------


def _commands(command: click.Command, path: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, sub in command.commands.items():
            yield from _commands(sub, f"{path} {name}".strip())
    else:
        yield path


@cache
def _targets() -> tuple[str, ...]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return tuple(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def _code_of(text: str) -> Iterator[str]:
    """Inline code and the lines of code blocks; drawings left out."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language != "mermaid":
            yield from block.splitlines()
    bare = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", bare)


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{_name(path)} links to {target}"
        if anchor:
            assert anchor in _anchors(there), f"{_name(path)} links to {target}"


def _anchors(path: Path) -> set[str]:
    """Anchors as GitHub makes them of headings."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_paths_that_are_named_exist(path: Path) -> None:
    looks_like_path = re.compile(r"[\w.-]+(?:/[\w.*-]+)*(?:/|/[\w*-]+\.\w+)")
    for span in _code_of(path.read_text(encoding="utf-8")):
        for word in span.split():
            word = word.strip("(),;:'\"")
            if looks_like_path.fullmatch(word):
                found = any(any(base.glob(word.rstrip("/"))) for base in BASES)
                beside = (path.parent / word).exists()
                assert found or beside, f"{_name(path)} names {word}"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_commands_that_are_named_exist(path: Path) -> None:
    known = set(_commands(cli))
    for span in _code_of(path.read_text(encoding="utf-8")):
        for target in re.findall(r"(?:^|[\s;&])make ((?:[A-Z]+=\S+ )*)([a-z][a-z-]*)", span):
            assert target[1] in _targets(), f"{_name(path)} names make {target[1]}"
        # Not behind a slash: `/var/lib/streetwise serve` would be no command of ours.
        for first, second in re.findall(
            r"(?:^|[\s;&]|bin/)streetwise ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", span
        ):
            named = {first, f"{first} {second}"}
            assert named & known, f"{_name(path)} names streetwise {first} {second}"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_settings_and_roles_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    variables = {f"STREETWISE_{name.upper()}" for name in Settings.model_fields}
    for name in re.findall(r"STREETWISE_[A-Z_]*[A-Z]", text):
        assert name in variables | set(reference.ENVIRONMENT), f"{_name(path)} names {name}"


def test_screenshots_are_there_and_light() -> None:
    for name in SCREENSHOTS:
        path = DOCS / "img" / f"{name}.png"
        assert path.is_file(), f"{_name(path)} is missing: scripts/screenshots.py makes it"
        assert path.stat().st_size <= SCREENSHOT_MAX_BYTES, _name(path)


def test_readme_shows_the_screen() -> None:
    shown = re.findall(r"!\[[^\]]+\]\((docs/img/[\w-]+\.png)\)", _readme())
    assert "docs/img/overview.png" in shown


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_placeholder_is_left() -> None:
    for path in PAGES:
        found = re.findall(r"TODO|TBD|FIXME|XXX|lorem ipsum|待补充", path.read_text("utf-8"))
        assert not found, f"{_name(path)}: {found}"


# --- the guide speaks the screen's words --------------------------------------------------

GUIDES = (
    "duty-officer",
    "dispatcher",
    "inspector",
    "commander",
    "administrator",
    "accounts",
    "work-orders",
    "notify",
    "triage",
    "cameras",
    "findings",
    "warnings",
)


@cache
def _words(language: str) -> frozenset[str]:
    """All words of the screen in a language."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for value in node.values():
                walk(value)
        else:
            # "还剩 {{span}}" may be quoted as "还剩".
            found.update((str(node), re.sub(r"\s*{{\w+}}\s*", "", str(node))))

    for file in (ROOT / "ui" / "src" / "i18n").glob(f"*{language}.json"):
        walk(json.loads(file.read_text(encoding="utf-8")))
    return frozenset(found)


@pytest.mark.parametrize("guide", GUIDES)
def test_guide_has_both_languages_with_the_same_chapters(guide: str) -> None:
    counts = []
    for language in ("zh", "en"):
        text = (DOCS / "guide" / f"{guide}.{language}.md").read_text(encoding="utf-8")
        counts.append(
            (len(re.findall(r"^## ", text, re.M)), len(re.findall(r"^\d+\. ", text, re.M)))
        )
    assert counts[0] == counts[1]


@pytest.mark.parametrize("guide", GUIDES)
def test_words_of_the_screen_are_quoted_as_they_stand(guide: str) -> None:
    """In the Chinese guide they stand in 「」, in the English one in bold."""
    for language, words, quoted in (
        ("zh", _words("zh-CN"), r"「([^」]+)」"),
        ("en", _words("en"), r"\*\*([^*]+)\*\*"),
    ):
        text = (DOCS / "guide" / f"{guide}.{language}.md").read_text(encoding="utf-8")
        for word in re.findall(quoted, text):
            assert word in words, f"{guide}.{language}.md quotes {word!r}"


def test_guide_lists_the_keys_that_there_are() -> None:
    named = {"ArrowDown": "↓", "ArrowUp": "↑", "Escape": "Esc", "ctrl+k": "Ctrl K"}
    named |= {"alt+n": "Alt N"}
    keys = set()
    for path in (ROOT / "ui" / "src").rglob("*.tsx"):
        keys.update(re.findall(r'useShortcut\("([^"]+)"', path.read_text(encoding="utf-8")))
    for language in ("zh", "en"):
        text = (DOCS / "guide" / f"duty-officer.{language}.md").read_text(encoding="utf-8")
        listed = set(re.findall(r"<kbd>([^<]+)</kbd>", text))
        missing = {named.get(key, key) for key in keys} - listed
        # Ctrl Enter is the form's own, not a shortcut of the page.
        invented = listed - {named.get(key, key) for key in keys} - {"Ctrl Enter"}
        assert (missing, invented) == (set(), set()), language


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_job_has_its_words_on_the_system_page(language: str) -> None:
    assert ROOMS  # imported for the jobs that the rooms declare
    text = (ROOT / "ui" / "src" / "i18n" / f"system.{language}.json").read_text(encoding="utf-8")
    words = json.loads(text)["job"]
    ours = [name for name in HANDLERS if not name.startswith("test.")]
    assert ours
    for name in ours:
        room, verb = name.split(".")
        assert words.get(room, {}).get(verb), name
