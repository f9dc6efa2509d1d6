"""`streetwise model` and the folder of models: verified, measured, whole or not there at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from click.testing import CliRunner, Result
from discover.cards import SIDE, card_of, content, small_model

from streetwise.cli import main
from streetwise.discover.detectors import registry as registry_module
from streetwise.discover.detectors.card import read_card
from streetwise.discover.detectors.registry import Registry
from streetwise.discover.detectors.runtime import engines
from streetwise.kernel.errors import Conflict, Invalid, NotFound

MODEL = small_model()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STREETWISE_HOME", str(tmp_path / "home"))
    (tmp_path / "model.onnx").write_bytes(MODEL)
    (tmp_path / "card.yaml").write_text(yaml.safe_dump(card_of(MODEL)), encoding="utf-8")
    return tmp_path


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def _added(home: Path) -> Result:
    return _run("model", "add", home / "model.onnx", "--card", home / "card.yaml", "--threads", "1")


def test_a_model_is_added_listed_and_removed(home: Path) -> None:
    added = _added(home)
    assert added.exit_code == 0, added.output
    assert "small 1 (Apache-2.0) is added" in added.output and "ms per picture" in added.output
    (listed,) = json.loads(_run("model", "list", "--json").output)
    assert listed["name"] == "small" and listed["size"] == [SIDE, SIDE]
    assert [one["engine"] for one in listed["speeds"]] == list(engines())
    assert all(one["agrees"] and one["ms"] > 0 for one in listed["speeds"])
    assert "small" in _run("model", "list").output
    assert json.loads(_run("model", "remove", "small", "--json").output) == {"removed": "small"}
    assert json.loads(_run("model", "list", "--json").output) == []
    assert list((home / "home" / "models").iterdir()) == []


def test_adding_prints_one_json_object(home: Path) -> None:
    words = ("model", "add", home / "model.onnx", "--card", home / "card.yaml", "--json")
    told = json.loads(_run(*words).output)
    assert told["engine"] in engines() and told["licence"] == "Apache-2.0"


def test_a_name_is_given_once(home: Path) -> None:
    assert _added(home).exit_code == 0
    again = _added(home)
    assert again.exit_code == 2 and "remove it first" in again.stderr


def _refused(home: Path, made: dict[str, Any], word: str) -> None:
    (home / "card.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    result = _added(home)
    assert result.exit_code == 2 and word in result.stderr, result.output
    assert Registry(home / "home" / "models").models() == []
    folder = home / "home" / "models"
    assert not folder.exists() or not list(folder.iterdir())


def test_another_file_than_the_cards_is_refused(home: Path) -> None:
    _refused(home, content(), "SHA-256")


def test_without_a_licence_nothing_is_added(home: Path) -> None:
    _refused(home, card_of(MODEL, licence={"spdx": None, "attribution": "x"}), "licence.spdx")


def test_another_input_or_output_than_the_cards_is_refused(home: Path) -> None:
    _refused(home, card_of(MODEL, input__size=[96, 96]), "96×96")
    _refused(home, card_of(MODEL, classes=["person", "car"]), "output")


def test_a_missing_file_or_card_is_one_sentence(home: Path) -> None:
    gone = _run("model", "add", home / "gone.onnx", "--card", home / "card.yaml")
    assert gone.exit_code == 2 and "gone.onnx" in gone.stderr
    nobody = _run("model", "add", home / "model.onnx", "--card", "nobody")
    assert nobody.exit_code == 2 and "yolox-nano-coco" in nobody.stderr
    unknown = _run("model", "remove", "nobody")
    assert unknown.exit_code == 2 and "no model nobody" in unknown.stderr
    assert _run("model", "remove", "..").exit_code == 2


def test_a_changed_file_is_not_opened(home: Path) -> None:
    assert _added(home).exit_code == 0
    registry = Registry(home / "home" / "models")
    assert registry.open("small", threads=1).card.name == "small"
    path = home / "home" / "models" / "small" / "model.onnx"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(Invalid, match="SHA-256"):
        registry.open("small", threads=1)


def test_a_broken_folder_is_told_and_can_be_removed(home: Path) -> None:
    assert _added(home).exit_code == 0
    registry = Registry(home / "home" / "models")
    (registry.folder / "small" / "measured.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Invalid, match="not whole"):
        registry.open("small", threads=1)
    registry.remove("small")
    with pytest.raises(NotFound):
        registry.get("small")


def _client(answers: dict[str, httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda request: answers[str(request.url)]))


def test_an_address_may_send_on_to_https_only(tmp_path: Path) -> None:
    made = read_card(yaml.safe_dump(card_of(MODEL)))
    good = {
        "https://a.example/m": httpx.Response(302, headers={"location": "https://b.example/m"}),
        "https://b.example/m": httpx.Response(200, content=MODEL),
    }
    registry = Registry(tmp_path / "models")
    kept = registry.add("https://a.example/m", made, threads=1, make_client=lambda: _client(good))
    assert kept.bytes == len(MODEL)
    with pytest.raises(Conflict):
        registry.add("https://a.example/m", made, threads=1, make_client=lambda: _client(good))
    registry.remove("small")
    bad = {"https://a.example/m": httpx.Response(302, headers={"location": "http://b.example/m"})}
    round_and_round = {
        "https://a.example/m": httpx.Response(302, headers={"location": "https://a.example/m"})
    }
    for address, answers in (
        ("https://a.example/m", bad),
        ("https://a.example/m", round_and_round),
        ("http://a.example/m", good),
        ("file:///etc/passwd", good),
        ("https://a.example/m", {"https://a.example/m": httpx.Response(404)}),
    ):
        with pytest.raises(Invalid):
            registry.add(address, made, threads=1, make_client=lambda a=answers: _client(a))
    assert registry.models() == []


def test_a_download_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "BYTES_MAX", len(MODEL) - 1)
    made = read_card(yaml.safe_dump(card_of(MODEL)))
    answers = {"https://a.example/m": httpx.Response(200, content=MODEL)}
    with pytest.raises(Invalid, match="MiB"):
        Registry(tmp_path).add(
            "https://a.example/m", made, threads=1, make_client=lambda: _client(answers)
        )
