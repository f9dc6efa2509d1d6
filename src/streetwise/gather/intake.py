"""From records to rows: mask, hash, and say what the vault must keep. Pure; a chunk at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.gather.mapping import Record
from streetwise.gather.order_columns import TEXT_FIELDS
from streetwise.kernel import logs
from streetwise.kernel.crypto import Keys
from streetwise.kernel.ids import new_ids
from streetwise.privacy.fields import REPORTER, Found, values_at
from streetwise.privacy.keeping import Original
from streetwise.privacy.masking import RULES_VERSION, Masked, find, mask

log = logs.get(__name__)

#: Shorter texts repeat by chance ("谢谢", "路灯不亮"): they are never taken for the same.
REPEAT_MIN_CHARACTERS = 12
SIGNAL_GRADE = 2
#: Texts up to this length repeat within a chunk (categories, districts): masked once for all.
MASKED_ONCE_CHARACTERS = 64

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signal ready to be stored, and its original where it differs from what is shown."""

    values: dict[str, Any]
    original: dict[str, Any] | None
    found: tuple[Found, ...] = ()

    @property
    def id(self) -> UUID:
        """The id of the signal, and of its vault item."""
        found: UUID = self.values["id"]
        return found

    def to_keep(self) -> Original | None:
        """What the vault must keep of it, with the values that the masking found. What was
        withheld has none: the masking that would find them has failed.
        """
        if self.original is None:
            return None
        contact = _given(self.original)
        return Original(self.id, "signal", self.original, contact=contact, found=self.found)


def _given(original: Mapping[str, Any]) -> str | dict[str, str | None] | None:
    """What the reporter gave: a number with its name, or one text of anything."""
    number, named = original.get("contact"), original["reporter"]
    if not number:
        return None if named is None else str(named)
    kinds = [span.kind for span in find(number)]
    return {kinds[0] if kinds else REPORTER: number, "name": named}


class Intake:
    """Prepares the records of one chunk. It holds short texts in the clear: not to be kept."""

    def __init__(self, keys: Keys) -> None:
        self._known: dict[str, Masked] = {}
        self._content = keys.hasher("signal-content")
        self._repeats = keys.hasher("signal-text")

    def prepare(
        self,
        records: Sequence[Record],
        *,
        source_id: UUID,
        area: str,
        batch_id: UUID | None,
        received_at: datetime,
        channels: dict[str, str],
        ids: Sequence[UUID] | None = None,
    ) -> list[Prepared]:
        """One Prepared per record, in order; ids ascend, unless they are given."""
        ids = new_ids(len(records)) if ids is None else ids
        return [
            self._one(record, signal_id, source_id, area, batch_id, received_at, channels)
            for record, signal_id in zip(records, ids, strict=True)
        ]

    def _one(
        self,
        record: Record,
        signal_id: UUID,
        source_id: UUID,
        area: str,
        batch_id: UUID | None,
        received_at: datetime,
        channels: dict[str, str],
    ) -> Prepared:
        texts = {
            "title": record.title,
            "text": record.text,
            "reply": record.reply,
            "place_text": record.place,
            "channel": channels.get(record.channel or "", record.channel),
            "upstream_category": record.category,
        }
        found: list[Found] = []
        shown, counts, withheld = self._masked(texts, signal_id, found)
        facts, _, facts_withheld = self._masked(record.facts, signal_id, found, "facts.")
        lost = False
        upstream = record.upstream
        if upstream is not None:
            free = {name: upstream[name] for name in TEXT_FIELDS if name in upstream}
            free, _, lost = self._masked(free, signal_id, found, "upstream.")
            upstream = {**upstream, **free}
        original = None
        if found or withheld or facts_withheld or lost or record.reporter or record.contact:
            original = {**texts, "facts": record.facts, "reporter": record.reporter}
            if record.contact:
                original["contact"] = record.contact
            if record.upstream is not None:
                original["upstream"] = record.upstream
        values = {
            "id": signal_id,
            "area": area,
            "source_id": source_id,
            "source_key": record.key,
            "refers_to": None,
            "batch_id": batch_id,
            "received_at": received_at,
            "reported_at": record.reported_at or received_at,
            **shown,
            "text_withheld": withheld,
            "masked": counts,
            "mask_version": RULES_VERSION,
            "replied_at": record.replied_at,
            "lon": record.lon,
            "lat": record.lat,
            "original_point": record.original_point,
            "due_at": record.due_at,
            "closed_at": record.closed_at,
            "facts": {name: value for name, value in facts.items() if value is not None},
            "grade": SIGNAL_GRADE,
            "upstream": upstream,
            "upstream_at": record.upstream_at,
            "answer_by": record.answer_by,
            "content_hash": self._content_hash(source_id, record),
            "text_hash": self._text_hash(record.text),
        }
        return Prepared(values, original, () if withheld else tuple(found))

    def _masked(
        self, texts: Mapping[str, str | None], signal_id: UUID, found: list[Found], room: str = ""
    ) -> tuple[dict[str, str | None], dict[str, int], bool]:
        """(masked texts, counts by kind, withheld), and the values added to ``found``, under the
        texts' names behind ``room``. If masking fails, all texts are withheld.
        """
        counts: dict[str, int] = {}
        values: list[Found] = []
        shown: dict[str, str | None] = {}
        try:
            for name, text in texts.items():
                if text is None:
                    shown[name] = None
                    continue
                masked = self._mask(text)
                shown[name] = masked.text
                if masked.spans:
                    values += values_at(room + name, text, masked.spans)
                for kind, count in masked.counts.items():
                    counts[kind] = counts.get(kind, 0) + count
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the text must not get out
            log.error("masking_failed", signal=str(signal_id), error=type(error).__name__)
            return dict.fromkeys(texts), {}, True
        found += values
        return shown, counts, False

    def _mask(self, text: str) -> Masked:
        if len(text) > MASKED_ONCE_CHARACTERS:
            return mask(text)
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = mask(text)
        return found

    def _content_hash(self, source_id: UUID, record: Record) -> bytes:
        content: list[Any] = [
            record.key,
            record.title,
            record.text,
            record.reply,
            record.category,
            record.place,
            record.channel,
            record.facts,
            [
                moment and moment.timestamp()
                for moment in (
                    record.reported_at,
                    record.replied_at,
                    record.closed_at,
                    record.due_at,
                )
            ],
            record.original_point,
        ]
        if record.upstream is not None:
            # Only then: a row without an order keeps the hash that it had before there were any.
            content += [record.upstream, record.upstream_at and record.upstream_at.timestamp()]
        return self._content.of(source_id.bytes, _encode(content).encode())

    def _text_hash(self, text: str | None) -> bytes | None:
        if text is None:
            return None
        bare = "".join(text.split())
        if len(bare) < REPEAT_MIN_CHARACTERS:
            return None
        return self._repeats.of(bare.encode())


def row_to_keep(item_id: UUID, row: Mapping[str, Any]) -> Original:
    """What the vault must keep of a row that goes to quarantine: all of it."""
    plain = {name: value if _is_json(value) else str(value) for name, value in row.items()}
    texts = {f"row.{name}": str(value) for name, value in plain.items() if value is not None}
    return Original(item_id, "quarantine", plain, texts)


def _is_json(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
