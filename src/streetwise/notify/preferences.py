"""What a person wants, as a value: which channels for which kind, quiet hours, digest. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from streetwise.notify.names import IN_APP
from streetwise.notify.when import Habits, Quiet
from streetwise.notify.wording import DEFAULT_LANGUAGE, TEST_KIND

#: An address that a mail server may accept; whether it does, the test message shows.
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
#: A mobile number as written for a gateway: of China, or with the country's code.
MOBILE = re.compile(r"1[3-9][0-9]{9}|\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Wants:
    """What a person wants; as made: the bell for everything, at once."""

    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    quiet_from: str | None = None
    quiet_to: str | None = None
    digest_at: str | None = None
    language: str = DEFAULT_LANGUAGE

    def of(self, kind: str) -> tuple[str, ...]:
        """The channels for a kind. A test goes over all that are chosen for anything."""
        if kind == TEST_KIND:
            chosen = {one for channels in self.channels.values() for one in channels}
            return tuple(sorted(chosen | {IN_APP}))
        return tuple(self.channels.get(kind, (IN_APP,)))

    def habits(self) -> Habits:
        """Quiet hours and digest."""
        quiet = None
        if self.quiet_from is not None and self.quiet_to is not None:
            quiet = Quiet(time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to))
        digest = time.fromisoformat(self.digest_at) if self.digest_at is not None else None
        return Habits(quiet, digest)


def hint_of(address: str) -> str:
    """So much of an address that its owner knows it again."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"{address[:3]}****{address[-4:]}"
