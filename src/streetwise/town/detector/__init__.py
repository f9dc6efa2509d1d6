"""The detector of the town's own cameras: it ships, so that a demo sees without any download.

It has learned from rendered pictures alone (``pictures.py``, ``scripts/train_town_detector.py``)
and knows how the town draws things, not how things look: for the demo only, of no use on a real
camera. ``card.yaml`` has its figures. Only a demo installs it; no set-up of a street does.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from streetwise.discover.detectors.card import Card, read_card
from streetwise.discover.detectors.registry import Kept, Registry

MODEL, CARD = "town-nano.onnx", "card.yaml"


def card() -> Card:
    """What the shipped card says."""
    return read_card(_folder().joinpath(CARD).read_text(encoding="utf-8"))


def model() -> bytes:
    """The shipped file."""
    return _folder().joinpath(MODEL).read_bytes()


def install(models: Path, *, threads: int = 1) -> Kept:
    """Have it among the models of a demo's installation, in the folder ``models``.

    Nothing is done where this very file is there already; one of another release makes way. Adding
    measures its speed, which takes a second or two of CPU. Errors: as ``Registry.add``.
    """
    mine, registry = card(), Registry(models)
    kept = {one.card.name: one for one in registry.models()}.get(mine.name)
    if kept is not None and kept.card.text == mine.text:
        return kept
    if kept is not None:
        registry.remove(mine.name)
    with resources.as_file(_folder().joinpath(MODEL)) as file:
        return registry.add(str(file), mine, threads=threads)


def _folder() -> resources.abc.Traversable:
    return resources.files(__name__)
