"""What is sealed opens to what came in, only by its own keys, and for nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.crypto import KEY_BYTES, Keys
from streetwise.kernel.crypto_providers import Profile
from streetwise.kernel.ids import new_id
from streetwise.privacy.fields import (
    Found,
    contact_values,
    grade_of,
    identity,
    normalised,
    purposes,
    values_in,
)
from streetwise.privacy.masking import mask
from streetwise.privacy.vault import REPORTER_KEY, Generation, ReporterKey, SealedItem, Vault

KEYS, OTHER_KEYS = Keys(bytes(KEY_BYTES)), Keys(b"\x01" * KEY_BYTES)
MOBILE, ID_CARD, PLATE = "13800138000", "110101198506158774", "京A12345"
PAYLOAD: dict[str, Any] = {"text": f"电话{MOBILE}", "reporter": None, "𠮷": "\n", "n": {"a": "7"}}


def a_generation(vault: Vault, number: int = 1) -> Generation:
    return vault.generation(number, vault.new_generation(number))


class TestItems:
    """Bound to id, kind, field number and keys."""

    vault = Vault(KEYS)
    generation = a_generation(vault)
    reporter = ReporterKey(new_id(), b"r" * KEY_BYTES)

    def sealed(self, reporter: ReporterKey | None) -> tuple[SealedItem, bytes]:
        found = [Found("mobile", MOBILE, "text", 2), Found("id_card", ID_CARD, "text", 9)]
        item = self.vault.seal(self.generation, new_id(), "signal", PAYLOAD, found, reporter)
        return item, self.generation.unwrap(item.id, "signal", item.wrapped)

    @pytest.mark.parametrize("known", [True, False])
    def test_it_opens_to_exactly_what_came_in(self, known: bool) -> None:
        reporter = self.reporter if known else None
        item, key = self.sealed(reporter)
        theirs = reporter.key if reporter else None
        assert self.vault.open(item.id, "signal", key, item.sealed, theirs) == PAYLOAD
        values = [
            self.vault.open_field(item.id, one.n, one.kind, key, one.sealed, theirs)
            for one in item.fields
        ]
        assert values == [MOBILE, ID_CARD]
        assert [one.grade for one in item.fields] == [3, 4]
        everything = item.wrapped + item.sealed + b"".join(one.sealed for one in item.fields)
        assert MOBILE.encode() not in everything

    def test_and_for_nothing_else(self) -> None:
        item, key = self.sealed(None)
        _, other_key = self.sealed(None)
        wrong: list[tuple[UUID, str, bytes, bytes]] = [
            (new_id(), "signal", key, item.sealed),
            (item.id, "note", key, item.sealed),
            (item.id, "signal", other_key, item.sealed),
            (item.id, "signal", key, item.sealed[:-1]),
            (item.id, "signal", key, item.fields[0].sealed),
        ]
        for one in wrong:
            with pytest.raises(ValueError, match="changed or belongs"):
                self.vault.open(*one)

    def test_no_field_opens_as_another(self) -> None:
        item, key = self.sealed(None)
        first, second = item.fields
        for n, kind, sealed in (
            (2, "mobile", first.sealed),
            (1, "id_card", first.sealed),
            (1, "mobile", second.sealed),
            (1, "mobile", item.sealed),
        ):
            with pytest.raises(ValueError, match="changed or belongs"):
                self.vault.open_field(item.id, n, kind, key, sealed)

    def test_without_the_reporters_key_nothing_opens(self) -> None:
        item, key = self.sealed(self.reporter)
        for theirs in (None, b"x" * KEY_BYTES):
            with pytest.raises(ValueError, match="changed or belongs"):
                self.vault.open(item.id, "signal", key, item.sealed, theirs)

    def test_a_key_opens_under_its_own_generation_id_and_kind(self) -> None:
        key_id, key = new_id(), b"k" * KEY_BYTES
        wrapped = self.generation.wrap(key_id, REPORTER_KEY, key)
        assert self.generation.unwrap(key_id, REPORTER_KEY, wrapped) == key
        for generation, one, kind in (
            (a_generation(self.vault), key_id, REPORTER_KEY),
            (self.generation, new_id(), REPORTER_KEY),
            (self.generation, key_id, "signal"),
        ):
            with pytest.raises(ValueError, match="changed or belongs"):
                generation.unwrap(one, kind, wrapped)

    def test_a_generation_opens_with_its_master_key_and_number(self) -> None:
        wrapped = self.vault.new_generation(1)
        for vault, number in ((self.vault, 2), (Vault(OTHER_KEYS), 1)):
            with pytest.raises(ValueError, match="changed or belongs"):
                vault.generation(number, wrapped)
        with pytest.raises(ValueError, match="retired"):
            self.vault.generation(1, None)

    @pytest.mark.parametrize("profile", ["aes", "sm"])
    def test_a_change_of_profile_leaves_everything_readable(self, profile: Profile) -> None:
        master = bytes(KEY_BYTES)
        other = Vault(Keys(master, seals="sm" if profile == "aes" else "aes"))
        vault = Vault(Keys(master, seals=profile))
        wrapped = vault.new_generation(1)
        item = vault.seal(vault.generation(1, wrapped), new_id(), "note", PAYLOAD)
        key = other.generation(1, wrapped).unwrap(item.id, "note", item.wrapped)
        assert other.open(item.id, "note", key, item.sealed) == PAYLOAD
        assert other.blind_index("mobile", MOBILE) == vault.blind_index("mobile", MOBILE)


@given(
    st.lists(
        st.sampled_from(["张女士", f"电话{MOBILE}", ID_CARD, "𠮷", PLATE, "，", "[手机]", "\n"])
    )
)
def test_every_value_stands_where_its_token_does(parts: list[str]) -> None:
    """The screen finds the field of a token by its place: it must be exact, whatever is around."""
    text = "。".join(parts)
    shown = mask(text).text
    found = list(values_in({"text": text, "reply": None}))
    assert len(found) == sum(mask(text).counts.values())
    for one in found:
        assert one.at is not None
        assert shown[one.at] == "["
        assert one.value in text
    places = [one.at for one in found]
    assert places == sorted(set(places), key=lambda at: at or 0)


@pytest.mark.parametrize(
    ("kind", "value", "folded"),
    [
        ("mobile", "13800138000", MOBILE),
        ("mobile", "138 0013-8000", MOBILE),
        ("mobile", "１３８００１３８０００", MOBILE),
        ("mobile", "+86 138 0013 8000", MOBILE),
        ("mobile", "0086-13800138000", MOBILE),
        ("mobile", "013800138000", MOBILE),
        ("mobile", "幺三八零零一三八〇〇〇", MOBILE),
        ("id_card", "11010119850615877x", "11010119850615877X"),
        ("plate", "京 a·12345", "京A12345"),
        ("landline", "(010) 6234-5678", "01062345678"),
    ],
)
def test_a_value_is_found_however_it_was_written(kind: str, value: str, folded: str) -> None:
    assert normalised(kind, value) == folded
    vault = Vault(KEYS)
    assert vault.blind_index(kind, value) == vault.blind_index(kind, folded)
    assert vault.blind_index(kind, value) != Vault(OTHER_KEYS).blind_index(kind, value)
    assert vault.blind_index(kind, value) != vault.reporter_index(kind, value)


def test_a_reporter_is_known_by_a_number_and_by_nothing_else() -> None:
    assert identity(contact_values(f"张女士 {MOBILE}")) == ("mobile", MOBILE)
    assert identity(contact_values({"name": "张女士", "mobile": MOBILE})) == ("mobile", MOBILE)
    assert identity(contact_values("U0001")) is None
    assert identity(contact_values({"name": "张女士"})) is None
    assert [one.kind for one in contact_values("U0001")] == ["reporter"]
    assert contact_values(None) == []


def test_what_nobody_thought_of_is_restricted() -> None:
    assert [grade_of(kind) for kind in ("mobile", "name", "id_card", "original", "iris")] == [
        3, 3, 4, 4, 4,
    ]  # fmt: skip
    assert [one.code for one in purposes().values() if one.needs_reason] == ["legal", "other"]
