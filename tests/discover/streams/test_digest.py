"""Basic and Digest, held against the examples of the standards."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.digest import (
    Challenge,
    Credentials,
    authorization,
    read_challenges,
    strongest,
)
from streetwise.discover.streams.errors import Malformed

#: RFC 2617 §3.5
OLD = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", '
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
#: RFC 7616 §3.9.1
NEW = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def answered(value: str, who: Credentials, uri: str, cnonce: str) -> str:
    (challenge,) = read_challenges([value])
    return authorization(challenge, who, "GET", uri, count=1, cnonce=cnonce)


def test_the_example_of_rfc_2617() -> None:
    value = answered(OLD, Credentials("Mufasa", "Circle Of Life"), "/dir/index.html", "0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in value
    assert "qop=auth, nc=00000001" in value
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in value
    assert "algorithm" not in value  # the server named none


def test_the_examples_of_rfc_7616() -> None:
    who = Credentials("Mufasa", "Circle of Life")
    md5 = answered(NEW.format("MD5"), who, "/dir/index.html", CNONCE)
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in md5
    sha = answered(NEW.format("SHA-256"), who, "/dir/index.html", CNONCE)
    expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert f'response="{expected}"' in sha
    assert "algorithm=SHA-256" in sha


def test_without_qop_the_old_form_of_rfc_2069_is_used() -> None:
    # RFC 2069 §2.4 as corrected by its erratum 749.
    value = answered(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
        Credentials("Mufasa", "CircleOfLife"),
        "/dir/index.html",
        "unused",
    )
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "cnonce" not in value


def test_the_example_of_rfc_7617() -> None:
    (challenge,) = read_challenges(['Basic realm="WallyWorld"'])
    value = authorization(challenge, Credentials("Aladdin", "open sesame"), "GET", "/")
    assert value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_the_strongest_offer_is_answered() -> None:
    offers = ['Basic realm="a, b", ' + OLD, NEW.format("SHA-256"), NEW.format("SHA-999")]
    found = read_challenges(offers)
    assert [one.algorithm for one in found] == ["", "MD5", "SHA-256"]
    best = strongest(found)
    assert best is not None and best.algorithm == "SHA-256"
    assert strongest(()) is None
    assert found[0].realm == "a, b"


def test_stale_and_quotes_are_read() -> None:
    (one,) = read_challenges(['digest nonce="n\\"1", REALM="r" , Stale=TRUE, qop=auth'])
    assert (one.nonce, one.realm, one.stale, one.qop_auth) == ('n"1', "r", True, True)
    assert read_challenges(['Digest realm="no nonce"', "Bearer x", ""]) == ()
    assert read_challenges(['Digest nonce="n", realm="r", qop="auth-int"']) == ()


def test_a_password_shows_in_no_repr() -> None:
    assert "hunter2" not in repr(Credentials("admin", "hunter2"))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=80), st.just(OLD), st.just("Basic ,,,=")), max_size=5))
def test_any_header_gives_challenges_that_can_be_answered(values: list[str]) -> None:
    try:
        found: tuple[Challenge, ...] = read_challenges(values)
    except Malformed:
        return
    for one in found:
        value = authorization(one, Credentials("u", "p"), "PLAY", "rtsp://h/")
        assert value.partition(" ")[0].lower() == one.scheme
