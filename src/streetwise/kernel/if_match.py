"""The version that somebody decided on: the header If-Match."""

from __future__ import annotations

from streetwise.kernel.errors import PreconditionRequired, StaleVersion


def version_of(if_match: str | None, what: str) -> int:
    """The version in the header. Raises PreconditionRequired without one, StaleVersion when it
    is none of ours. ``what``: "case", "order".
    """
    if if_match is None:
        raise PreconditionRequired(
            f'Say which version of the {what} you decided on: header If-Match: "<version>".'
        )
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        raise StaleVersion(f"The version in If-Match is not one of this {what}.", current={})
    return int(text)
