"""The pure parts of sign-in: codes, waits, devices, what makes a poor password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.directory import devices, passwords, throttle, totp
from streetwise.directory.throttle import Count, Rule
from streetwise.kernel.errors import Invalid

AT = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)
RULE = Rule(5, timedelta(seconds=60), timedelta(hours=1), timedelta(hours=24))

#: RFC 6238, appendix B (SHA-1, 8 digits there; the last 6 of them here).
RFC_SECRET = b"12345678901234567890"
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(RFC_SECRET, totp.step_of(at)) == code
    assert totp.matching_step(RFC_SECRET, code, at, None) == totp.step_of(at)


@given(st.integers(-4, 4), st.integers(-4, 4))
def test_a_code_is_taken_one_step_early_or_late_and_no_step_twice(shift: int, used: int) -> None:
    now = totp.step_of(AT)
    code = totp.code_at(RFC_SECRET, now + shift)
    found = totp.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]}", AT, now + used)
    assert found == (now + shift if abs(shift) <= 1 and shift > used else None)


def test_recovery_codes_are_read_as_people_write_them() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert totp.recovery_text(f" {code.upper()} ") == code.replace("-", "")
    assert totp.recovery_text("123456") is None


def test_the_address_for_the_qr_code_holds_issuer_login_and_secret() -> None:
    assert totp.uri(b"\0" * 20, "li ming", "街智") == (
        "otpauth://totp/%E8%A1%97%E6%99%BA:li%20ming?secret=" + "A" * 32
        + "&issuer=%E8%A1%97%E6%99%BA"
    )  # fmt: skip


def test_waits_double_up_to_the_cap() -> None:
    count: Count | None = None
    waits = []
    for _ in range(14):
        count = throttle.one_more(count, RULE, AT)
        waits.append(throttle.seconds_left(count, RULE, AT))
    assert waits[:4] == [0] * 4
    assert waits[4:9] == [61, 121, 241, 481, 961]
    assert waits[-1] == 3601


@given(st.integers(1, 60))
def test_an_attempt_given_back_leaves_the_count_as_it_was(failures: int) -> None:
    count: Count | None = None
    for _ in range(failures):
        count = throttle.one_more(count, RULE, AT)
    assert count is not None
    back = throttle.one_less(throttle.one_more(count, RULE, AT), RULE)
    assert (back.failures, back.first_at) == (count.failures, count.first_at)
    assert (back.wait_until is None) == (count.wait_until is None)


def test_a_count_is_forgotten_and_a_clock_set_back_locks_nobody_out() -> None:
    count = Count(30, AT, AT, AT + timedelta(hours=1))
    assert throttle.one_more(count, RULE, AT + timedelta(hours=25)).failures == 1
    assert throttle.one_more(count, RULE, AT + timedelta(hours=23)).failures == 31
    assert throttle.seconds_left(count, RULE, AT - timedelta(days=30)) == 0
    by_first = Rule(50, RULE.first_wait, RULE.longest_wait, timedelta(hours=1), from_first=True)
    busy = Count(30, AT, AT + timedelta(minutes=59), None)
    assert throttle.one_more(busy, by_first, AT + timedelta(minutes=61)).failures == 1


@pytest.mark.parametrize(
    "poor",
    [
        "123456123456", "woaini1314520", "qwertyuiop123", "1qaz2wsx3edc", "Password2026!",
        "aaaaaaaaaaaa", "dispatcher2026", "派遣员甲派遣员甲派遣员甲",
        "乙街道街道密码123456", "admin@123456",
        "zhongguo888888", "abcabcabcabc",
    ],
)  # fmt: skip
def test_what_everybody_would_try_first_is_refused(poor: str) -> None:
    with pytest.raises(Invalid) as caught:
        passwords.check_strength(poor, 12, ("dispatcher", "派遣员甲", "乙街道"))
    assert caught.value.code == "password_too_common"


@pytest.mark.parametrize(
    "good",
    ["梧桐树下三只猫在打盹呢吧", "correct horse battery", "tK9#vbLq2xRw", "a quite different one"],
)
def test_a_sentence_of_ones_own_is_taken(good: str) -> None:
    passwords.check_strength(good, 12, ("dispatcher", "派遣员甲", "乙街道"))
    with pytest.raises(Invalid, match="at least 30"):
        passwords.check_strength(good, 30)


def test_one_time_passwords_pass_their_own_rules() -> None:
    for _ in range(200):
        passwords.check_strength(passwords.one_time_password(), 12, ())


AGENTS = [
    (
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
        "Chrome · Windows",
    ),
    ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
    ("Mozilla/5.0 (Linux; Android 14; ALN-AL00) Chrome/99 MicroMessenger/8.0", "WeChat · Android"),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17 Safari/604",
        "Safari · iOS",
    ),
    ("curl/8.0", ""),
]


@pytest.mark.parametrize(("agent", "name"), AGENTS)
def test_a_device_is_a_browser_and_a_system_and_nothing_finer(agent: str, name: str) -> None:
    assert devices.device_name(agent) == name


def test_an_address_is_kept_as_a_network() -> None:
    assert devices.shown_network("203.0.113.77") == "203.0.113.0/24"
    assert devices.shown_network("2001:db8:1:2:3::4") == "2001:db8:1::/48"
    assert devices.shown_network("unix") == ""
    assert devices.counted_network("203.0.113.77") == "203.0.113.77/32"


def test_a_forwarded_address_is_believed_from_trusted_proxies_only() -> None:
    trusted = devices.networks("10.0.0.0/8, ::1")
    told = "6.6.6.6, 203.0.113.7, 10.0.0.2"
    assert devices.client_address("198.51.100.1", told, trusted) == "198.51.100.1"
    assert devices.client_address("198.51.100.1", told, ()) == "198.51.100.1"
    assert devices.client_address("10.0.0.1", told, trusted) == "203.0.113.7"
    assert devices.client_address("10.0.0.1", "", trusted) == "10.0.0.1"
