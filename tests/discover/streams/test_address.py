"""Addresses show nothing secret."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.address import read_address, shown
from streetwise.discover.streams.errors import Malformed

URL = "rtsp://admin:p%40ss@192.0.2.7:8554/live/1?token=s3cret"


def test_user_and_password_are_taken_out() -> None:
    address = read_address(URL)
    assert (address.host, address.port) == ("192.0.2.7", 8554)
    assert address.url == "rtsp://192.0.2.7:8554/live/1?token=s3cret"
    assert address.shown == shown(URL) == "rtsp://192.0.2.7:8554/live/1"
    assert address.who is not None
    assert (address.who.user, address.who.password) == ("admin", "p@ss")
    for secret in ("p@ss", "p%40ss", "s3cret"):
        assert secret not in repr(address) + str(address)


def test_ports_and_hosts() -> None:
    assert read_address("rtsp://[2001:db8::1]/a").host == "2001:db8::1"
    assert read_address("rtsp://h/a").port == 554
    assert read_address("https://h/a", schemes=("http", "https")).port == 443


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://h/",
        "rtsp:///a",
        "rtsp://h:99999/",
        "rtsp://h/a b",
        "rtsp://[::1/",
        "rtsp://h/\r\nX",
        "rtsp://h/" + "a" * 5000,
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Malformed) as raised:
        read_address(url)
    assert not url or url not in str(raised.value)


@settings(max_examples=100, deadline=None)
@given(st.text(":/?#[]@%.ab1 \n", max_size=30), st.booleans())
def test_any_text_is_an_address_or_malformed(rest: str, with_password: bool) -> None:
    url = f"rtsp://u:hunter2@h{rest}" if with_password else f"rtsp:{rest}"
    try:
        address = read_address(url)
    except Malformed:
        assert "hunter2" not in shown(url)
        return
    assert "hunter2" not in address.shown + repr(address) + address.url
    assert address.host
