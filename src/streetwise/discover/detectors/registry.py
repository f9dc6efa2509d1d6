"""The models of this installation: one folder each, with file, card and what was measured.

``STREETWISE_HOME/models/NAME/`` holds ``model.onnx``, ``card.yaml`` and ``measured.json``. A folder
is there whole or not at all, and the file is compared with its card's hash whenever it is opened:
what runs is what was licensed and measured.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from streetwise.discover.detectors.card import Card, read_card, shipped_cards
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.measuring import Measurement, measure
from streetwise.discover.detectors.resizing import resized
from streetwise.discover.detectors.runtime import engines, open_runtime
from streetwise.kernel.errors import Conflict, Invalid, NotFound

MODEL, CARD, MEASURED = "model.onnx", "card.yaml", "measured.json"
BYTES_MAX = 512 * 2**20
_TIMEOUT_SECONDS = 60.0
_REDIRECTS_MAX = 5
#: Makes the client of downloads; a test gives its own.
MakeClient = Callable[[], httpx.Client]


@dataclass(frozen=True, slots=True)
class Kept:
    """A model of this installation."""

    card: Card
    bytes: int
    measured: Measurement

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        card = self.card
        return {
            "name": card.name,
            "version": card.version,
            "licence": card.licence,
            "attribution": card.attribution,
            "sha256": card.sha256,
            "bytes": self.bytes,
            "layout": card.layout,
            "size": [card.width, card.height],
            "classes": len(card.classes),
            "masks": card.masks,
            **self.measured.as_dict(),
        }


def card_from(given: str) -> Card:
    """The card of a file's path, or, by its name, one that ships."""
    path = Path(given)
    if path.is_file():
        return read_card(path.read_text(encoding="utf-8"))
    shipped = shipped_cards()
    if given in shipped:
        return shipped[given]
    raise NotFound(
        f"There is no file {given} and no shipped card of that name"
        f" (shipped: {', '.join(shipped)}).",
        code="detector_card",
    )


class Registry:
    """The folder of models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self, source: str, card: Card, *, threads: int, make_client: MakeClient | None = None
    ) -> Kept:
        """Take a file or an https address in: verify the hash, try it, measure it, keep it.

        Errors: Conflict where the name is taken, Invalid for everything that is not as the card
        says. Nothing is left behind then.
        """
        if (self.folder / card.name).exists():
            raise Conflict(
                f"There is a model {card.name} already; remove it first.", code="detector_taken"
            )
        model = _fetched(source, make_client or _client)
        _verify(model, card)
        measured = measure(_fitting(model, card), card, engines(), threads)
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".adding-") as made:
            whole = Path(made) / card.name
            whole.mkdir(mode=0o755)
            _write(whole / MODEL, model)
            _write(whole / CARD, card.text.encode())
            _write(whole / MEASURED, json.dumps(measured.as_dict(), indent=1).encode())
            whole.rename(self.folder / card.name)
        return Kept(card, len(model), measured)

    def models(self) -> list[Kept]:
        """All models, by name."""
        if not self.folder.is_dir():
            return []
        names = sorted(one.name for one in self.folder.iterdir() if not one.name.startswith("."))
        return [self.get(name) for name in names]

    def get(self, name: str) -> Kept:
        """One model, not loaded; NotFound names those that there are."""
        place = self._place(name)
        try:
            card = read_card((place / CARD).read_text(encoding="utf-8"))
            content = json.loads((place / MEASURED).read_text(encoding="utf-8"))
            return Kept(card, (place / MODEL).stat().st_size, Measurement.from_dict(content))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Invalid(
                f"{place} is not whole; remove the model and add it again.", code="detector_broken"
            ) from error

    def only(self) -> str:
        """The name of the only model; Invalid where there is none, or a choice."""
        names = [one.card.name for one in self.models()]
        if len(names) != 1:
            raise Invalid(
                f"Name a model: {', '.join(names)}."
                if names
                else "There are no models; `streetwise model add` brings one in.",
                code="detector_choice",
            )
        return names[0]

    def open(self, name: str, *, threads: int) -> Detector:
        """Load a model on the engine that was the fastest here, its hash verified."""
        kept = self.get(name)
        model = (self._place(name) / MODEL).read_bytes()
        _verify(model, kept.card)
        engine = kept.measured.engine
        # Whoever takes an engine out again still has the other.
        chosen = engine if engine in engines() else engines()[0]
        return Detector(kept.card, open_runtime(_fitting(model, kept.card), chosen, threads))

    def remove(self, name: str) -> None:
        """Take a model away."""
        place = self._place(name)
        # First out of sight as a whole: a half-removed model would be listed as broken.
        gone = Path(tempfile.mkdtemp(dir=self.folder, prefix=".removing-"))
        place.rename(gone / name)
        shutil.rmtree(gone)

    def _place(self, name: str) -> Path:
        there = (
            sorted(one.name for one in self.folder.iterdir() if not one.name.startswith("."))
            if self.folder.is_dir()
            else []
        )
        if name not in there:
            raise NotFound(
                f"There is no model {name} ({'here are ' + ', '.join(there) if there else 'none'}"
                " added); `streetwise model add` brings one in.",
                code="detector_unknown",
            )
        return self.folder / name


def _verify(model: bytes, card: Card) -> None:
    found = hashlib.sha256(model).hexdigest()
    if found != card.sha256:
        raise Invalid(
            f"The file is not the one of the card {card.name}: its SHA-256 is {found},"
            f" the card says {card.sha256}.",
            code="detector_hash",
        )


def _fitting(model: bytes, card: Card) -> bytes:
    """As it is loaded: the file on disk stays the one that was licensed."""
    return resized(model, card.width, card.height) if card.resized else model


def _fetched(source: str, make_client: MakeClient) -> bytes:
    if "://" in source:
        return _downloaded(source, make_client)
    path = Path(source)
    if not path.is_file():
        raise NotFound(f"There is no file {source}.", code="detector_file")
    if path.stat().st_size > BYTES_MAX:
        raise _too_large()
    return path.read_bytes()


def _downloaded(address: str, make_client: MakeClient) -> bytes:
    """The bytes of an https address; it may send on to other https addresses only."""
    try:
        with make_client() as client:
            for _ in range(_REDIRECTS_MAX + 1):
                if urlsplit(address).scheme != "https":
                    raise Invalid(
                        "A model is fetched by https, or from a file.", code="detector_address"
                    )
                with client.stream("GET", address, follow_redirects=False) as answer:
                    if answer.next_request is not None:
                        address = str(answer.next_request.url)
                        continue
                    answer.raise_for_status()
                    return _within(answer)
    except httpx.HTTPError as error:
        raise Invalid(f"The model could not be fetched: {error}", code="detector_fetch") from error
    raise Invalid("The address sends on and on.", code="detector_fetch")


def _within(answer: httpx.Response) -> bytes:
    """The body, up to the limit, whatever its header says of its length."""
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > BYTES_MAX:
            raise _too_large()
    return bytes(body)


def _client() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT_SECONDS)


def _too_large() -> Invalid:
    return Invalid(f"A model may have {BYTES_MAX // 2**20} MiB.", code="detector_size")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
