"""Where and when a photo was taken, as the browser of who took it says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from streetwise.kernel.errors import Invalid
from streetwise.kernel.geo import valid_lonlat

#: A telephone's clock may be so much ahead of ours.
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Taken:
    """A place (WGS-84, both or neither) with its accuracy, and a time. All of it may be unknown.

    It is a claim, not a proof: whoever wants to can make a browser say anything. It helps the
    honest, who stand at the wrong lamp.
    """

    lon: float | None = None
    lat: float | None = None
    accuracy_metres: float | None = None
    taken_at: datetime | None = None

    def require_possible(self) -> None:
        """Raise Invalid for what is no place, or no time."""
        if (self.lon is None) != (self.lat is None):
            raise Invalid("A place has two numbers.", code="photo_place")
        if self.lon is not None and self.lat is not None and not valid_lonlat(self.lon, self.lat):
            raise Invalid("This is no place.", code="photo_place")
        if self.accuracy_metres is not None and not 0 <= self.accuracy_metres < float("inf"):
            raise Invalid("This is no accuracy.", code="photo_place")
        if self.taken_at is not None and self.taken_at.tzinfo is None:
            raise Invalid("A time needs its zone.", code="photo_time")

    def time(self, now: datetime) -> datetime | None:
        """When it was taken; None where the clock of who took it is ahead of ours: nothing that
        anybody can correct while standing in the street, so it refuses no photo.
        """
        if self.taken_at is None or self.taken_at > now + AHEAD:
            return None
        return self.taken_at
