"""How long to wait before coming back, and how first connections are spread. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that grow by ``factor`` from ``first_s`` to ``most_s``.

    ``jitter`` (0 to 1) is the share of each wait that chance decides, so that a hundred cameras
    behind a switch that came back do not knock all at once.
    """

    first_s: float
    factor: float
    most_s: float
    jitter: float

    def wait_s(self, failures: int, chance: float) -> float:
        """Seconds to wait after so many failures in a row (1 or more); ``chance`` in 0 to 1."""
        # A bounded exponent: after days of failures the power itself would overflow.
        steps = min(max(failures, 1) - 1, 64)
        whole = min(self.most_s, self.first_s * self.factor**steps)
        return whole * (1 - self.jitter * chance)


def stagger_s(index: int, count: int, over_s: float) -> float:
    """When the camera ``index`` of ``count`` makes its first connection: spread over ``over_s``."""
    return over_s * index / count if count > 0 else 0.0
