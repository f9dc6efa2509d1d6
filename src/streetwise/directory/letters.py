"""Codes to be read out and typed: 32 letters that nobody takes for each other. Pure."""

from __future__ import annotations

import secrets

#: Without l, o, 0 and 1: five bits each.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_code(groups: int, letters: int) -> str:
    """Random groups of so many letters: ``abcd-efgh``."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(letters)) for _ in range(groups))


def letters_of(typed: str) -> str:
    """What was typed in its one spelling, without what stands between."""
    return "".join(letter for letter in typed.lower() if letter.isalnum())
