"""``streetwise eval redact``: what it counts, how it says it, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streetwise.cli import main
from streetwise.evaluation.redact import Snippet, parse, score
from streetwise.kernel.errors import Invalid
from streetwise.privacy.masking import Span


def test_marks_become_spans() -> None:
    assert parse("市民{name:王女士}住3号楼{address:2单元}") == Snippet(
        "市民王女士住3号楼2单元", (Span("name", 2, 5), Span("address", 9, 12))
    )


@pytest.mark.parametrize("marked", ["{name:王女士", "{nam:王女士}", "王}", "{name:}"])
def test_a_mark_that_is_none_is_refused(marked: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse(marked)
    assert raised.value.code == "truth_unreadable"


def test_right_missed_and_wrong_are_counted() -> None:
    snippets = [parse("甲{name:王女士}"), parse("乙{name:李先生}"), parse("丙{mobile:13812345678}")]
    found = {"甲王女士": [Span("name", 1, 4)], "丙13812345678": [Span("name", 0, 1)]}
    reached = score(snippets, lambda text: found.get(text, []))
    names = reached.per_kind["name"]
    assert (names.meant, names.found, names.right) == (2, 2, 1)
    assert (names.precision, names.recall, names.f1) == (0.5, 0.5, 0.5)
    assert reached.of("mobile").recall == 0 and reached.of("mobile").precision is None
    assert [(one.what, one.around) for one in reached.mistakes] == [
        ("missed", "乙【李先生】"),
        ("missed", "丙【13812345678】"),
        ("wrong", "【丙】13812345678"),
    ]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["eval", "redact", *arguments])
    return done.exit_code, done.output


def test_the_command_prints_one_json_object(tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("id,text\n1,市民{name:王女士}来电\n2,高峰期堵车\n", encoding="utf-8")
    status, output = run("--truth", str(truth), "--json")
    told = json.loads(output)
    assert status == 0
    assert (told["precision"], told["recall"], told["f1"], told["snippets"]) == (1, 1, 1, 2)
    assert told["per_class"]["name"]["right"] == 1
    assert told["per_class"]["qq"]["recall"] is None


def test_the_command_shows_its_mistakes(tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("text\n市民{address:王女士}来电\n", encoding="utf-8")
    status, output = run("--truth", str(truth))
    assert status == 0
    assert "missed address: 市民【王女士】来电" in output
    assert "wrong name: 市民【王女士】来电" in output


@pytest.mark.parametrize(
    "content",
    [None, b"", b"words\nx\n", b"text\n", b"text\n\xff\xfe\n", "text\n{name:王\n".encode()],
)
def test_bad_input_exits_2_with_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    truth = tmp_path / "truth.csv"
    if content is not None:
        truth.write_bytes(content)
    status, _ = run("--truth", str(truth))
    assert status == 2
