"""Counting sign-ins by login and by network address, in the database, so that all agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from streetwise.directory import account_repository, throttle
from streetwise.directory.devices import counted_network
from streetwise.directory.throttle import Rule
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import TooManyRequests
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was counted: to be given back, or to stand."""

    login: bytes
    address: bytes
    rules: dict[bytes, Rule]
    #: Attempts on the login so far, and how long it waits now.
    attempts: int = 0
    wait_seconds: int = 0


def login_key(keys: Keys, login: str) -> bytes:
    """Under what a login is counted. Keyed: people type passwords into the wrong field."""
    return keys.hasher("sign-in-waits").of(b"login", login.encode())


def login_rule(settings: Settings) -> Rule:
    """When a login waits, and how long."""
    return Rule(
        settings.sign_in_attempts,
        timedelta(seconds=settings.sign_in_wait_seconds),
        timedelta(seconds=settings.sign_in_wait_max_seconds),
        timedelta(hours=settings.sign_in_forget_hours),
    )


def address_rule(settings: Settings) -> Rule:
    """The same for an address: a whole office may stand behind one."""
    return Rule(
        settings.sign_in_address_attempts,
        timedelta(seconds=settings.sign_in_wait_seconds),
        timedelta(seconds=settings.sign_in_wait_max_seconds),
        timedelta(minutes=settings.sign_in_address_minutes),
        from_first=True,
    )


async def count(
    uow: UnitOfWork, runtime: Runtime, login: str, address: str, wall: datetime
) -> Attempt:
    """Count an attempt before it is looked at. Raises TooManyRequests while there is a wait."""
    settings, keys = runtime.settings, runtime.keys
    by_login = login_key(keys, login)
    network = counted_network(address)
    by_address = keys.hasher("sign-in-waits").of(b"address", network.encode())
    rules = {by_login: login_rule(settings), by_address: address_rule(settings)}
    counts = await account_repository.lock_counts(uow.session, list(rules), wall)
    wait = max(throttle.seconds_left(counts[key], rules[key], wall) for key in rules)
    if wait:
        raise TooManyRequests(
            f"Too many wrong attempts; try again in {wait} seconds.", retry_after_seconds=wait
        )
    for key, rule in rules.items():
        counts[key] = throttle.one_more(counts[key], rule, wall)
        await account_repository.save_count(uow.session, key, counts[key])
    await account_repository.trim_counts(
        uow.session,
        wall,
        wall - max(rule.forget for rule in rules.values()),
        settings.sign_in_throttle_rows,
    )
    mine = counts[by_login]
    seconds = throttle.seconds_left(mine, rules[by_login], wall)
    return Attempt(by_login, by_address, rules, mine.failures, seconds)


async def give_back(uow: UnitOfWork, attempt: Attempt, wall: datetime, *, finished: bool) -> None:
    """The attempt was right. ``finished``: the whole sign-in; the login's count ends.

    A right password alone only takes back its own attempt: else whoever knows a password could
    guess codes for ever by giving the password again in between.
    """
    counts = await account_repository.lock_counts(
        uow.session, [attempt.login, attempt.address], wall
    )
    for key, known in counts.items():
        if finished and key == attempt.login:
            await account_repository.forget_count(uow.session, key)
        else:
            less = throttle.one_less(known, attempt.rules[key])
            await account_repository.save_count(uow.session, key, less)
