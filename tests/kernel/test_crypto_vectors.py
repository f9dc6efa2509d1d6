"""The primitives against what their standards print, and both profiles beside each other."""

from __future__ import annotations

import hashlib
import hmac as reference_hmac
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.crypto import KEY_BYTES, MASTER_KEY_FILE, NONCE_BYTES, Keys, Sealer
from streetwise.kernel.crypto_providers import AES, PROVIDERS, SM, Aead, Profile, Provider, Sm4Gcm
from streetwise.kernel.files import FileStore
from streetwise.kernel.runtime import Urls, open_runtime
from streetwise.kernel.settings import Settings

x = bytes.fromhex

#: McGrew, Viega: The Galois/Counter Mode of Operation (the examples of SP 800-38D), AES-256:
#: test cases 13, 14, 15 and 16 (key, nonce, plain, associated data, cipher, tag).
_K = x("feffe9928665731c6d6a8f9467308308" * 2)
_IV = x("cafebabefacedbaddecaf888")
_P = x(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
_C = x(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
AES_GCM = [
    (bytes(32), bytes(12), b"", b"", b"", x("530f8afbc74536b9a963b4f1c4cb738b")),
    (bytes(32), bytes(12), bytes(16), b"", x("cea7403d4d606b6e074ec5d3baf39d18"),
     x("d0d1c8a799996bf0265b98b5d48ab919")),
    (_K, _IV, _P, b"", _C, x("b094dac5d93471bdec1a502270e3cc6c")),
    (_K, _IV, _P[:60], x("feedfacedeadbeeffeedfacedeadbeefabaddad2"), _C[:60],
     x("76fc6ece0f4e1768cddf8853bb2d551b")),
]  # fmt: skip
#: RFC 8998, appendix A.1.
SM4_GCM = (
    x("0123456789abcdeffedcba9876543210"),
    x("00001234567800000000abcd"),
    x("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
      "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"),
    x("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    x("17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
      "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"),
    x("83de3541e4c2b58177e065a9bf7b62ec"),
)  # fmt: skip


def _vectors() -> list[tuple[Aead, tuple[bytes, ...]]]:
    found: list[tuple[Aead, tuple[bytes, ...]]] = [(AES.aead(one[0]), one[1:]) for one in AES_GCM]
    return [*found, (Sm4Gcm(SM4_GCM[0]), SM4_GCM[1:])]


@pytest.mark.parametrize(("aead", "vector"), _vectors())
def test_gcm_gives_what_the_standards_print(aead: Aead, vector: tuple[bytes, ...]) -> None:
    nonce, plain, about, cipher, tag = vector
    assert aead.encrypt(nonce, plain, about) == cipher + tag
    assert aead.decrypt(nonce, cipher + tag, about) == plain
    for bad in (cipher + bytes([tag[0] ^ 1]) + tag[1:], tag[:-1]):
        with pytest.raises(InvalidTag):
            aead.decrypt(nonce, bad, about)


def test_sm4_gives_what_gbt_32907_prints() -> None:
    """Appendix A.1: one block."""
    key = x("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert encryptor.update(key).hex() == "681edf34d206965e86b3e94f536e4246"


def hash_of(provider: Provider, content: bytes) -> bytes:
    hasher = hashes.Hash(provider.hash)
    hasher.update(content)
    return hasher.finalize()


@pytest.mark.parametrize(
    ("provider", "content", "digest"),
    [
        # GB/T 32905, appendix A.1 and A.2
        (SM, b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (SM, b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        # FIPS 180-4
        (AES, b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_hashes_give_what_the_standards_print(provider, content: bytes, digest: str) -> None:  # type: ignore[no-untyped-def]
    assert hash_of(provider, content).hex() == digest


@pytest.mark.parametrize(
    ("key", "content", "mac"),
    [  # RFC 4231, cases 1, 2 and 6
        (b"\x0b" * 20, b"Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ],
)  # fmt: skip
def test_hmac_gives_what_rfc_4231_prints(key: bytes, content: bytes, mac: str) -> None:
    assert AES.mac(key, content).hex() == mac


@pytest.mark.parametrize(
    ("salt", "info", "okm"),
    [  # RFC 5869, A.1 and A.3
        (x("000102030405060708090a0b0c"), x("f0f1f2f3f4f5f6f7f8f9"),
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
        (None, b"",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    ],
)  # fmt: skip
def test_hkdf_gives_what_rfc_5869_prints(salt: bytes | None, info: bytes, okm: str) -> None:
    assert AES.hkdf(b"\x0b" * 22, info, salt=salt, length=42).hex() == okm


@given(key=st.binary(min_size=1, max_size=100), content=st.binary(max_size=200))
def test_hmac_and_hkdf_of_sm3_are_those_of_the_rfcs(key: bytes, content: bytes) -> None:
    """No standard prints vectors for them: the definition, written out over another SM3."""

    def mac(key: bytes, content: bytes) -> bytes:
        return reference_hmac.new(key, content, "sm3").digest()

    assert SM.mac(key, content) == mac(key, content)
    pseudo_random = mac(bytes(32), key)
    first = mac(pseudo_random, content + b"\x01")
    second = mac(pseudo_random, first + content + b"\x02")
    assert SM.hkdf(key, content, length=64) == first + second
    assert hashlib.new("sm3", content).digest() == hash_of(SM, content)


@given(
    plain=st.binary(max_size=100),
    context=st.binary(max_size=20),
    key=st.binary(min_size=32, max_size=32),
)
def test_what_one_profile_sealed_opens_under_the_other(
    plain: bytes, context: bytes, key: bytes
) -> None:
    sealers = {name: Sealer(key, provider) for name, provider in PROVIDERS.items()}
    for name, sealer in sealers.items():
        sealed = sealer.seal(plain, context)
        assert sealed[0] == PROVIDERS[name].number
        for other in sealers.values():
            assert other.open(sealed, context) == plain
        # The byte says which suite; saying the other one opens nothing.
        with pytest.raises(ValueError, match="sealed data"):
            sealer.open(bytes([3 - sealed[0]]) + sealed[1:], context)


@pytest.mark.parametrize("first", [0, 1, 2, 255])
def test_what_was_sealed_before_the_byte_opens(first: int) -> None:
    key = os.urandom(KEY_BYTES)
    nonce = bytes([first]) + os.urandom(NONCE_BYTES - 1)
    old = nonce + AES.aead(key).encrypt(nonce, b"plain", b"about")
    for provider in PROVIDERS.values():
        assert Sealer(key, provider).open(old, b"about") == b"plain"


def test_the_file_store_seals_by_the_profile_and_reads_both(tmp_path: Path) -> None:
    master = os.urandom(KEY_BYTES)
    aes, sm = (FileStore(tmp_path, Keys(master, seals=one)) for one in ("aes", "sm"))
    first, second = aes.put(b"one"), sm.put(b"two")
    assert [aes.get(second.digest), sm.get(first.digest)] == [b"two", b"one"]
    heads = {path.read_bytes()[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert heads == {1, 2}


@pytest.mark.parametrize("first", ["aes", "sm"])
async def test_fingerprints_stay_when_the_profile_changes(
    settings: Settings, bare_urls: Urls, first: Profile
) -> None:
    (settings.secrets_path / MASTER_KEY_FILE).unlink()
    found = []
    for profile in (first, "sm", "aes"):
        now = settings.model_copy(update={"crypto_profile": profile})
        async with open_runtime(now, bare_urls.app, create_keys=True) as runtime:
            assert runtime.keys.provider.profile == profile
            assert runtime.keys.hashing.profile == first
            found.append(runtime.keys.hasher("test").of(b"x"))
    assert len(set(found)) == 1
