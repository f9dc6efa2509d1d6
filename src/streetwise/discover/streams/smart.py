"""Smart codecs and intra refresh: streams whose key frames are rare or never come. Pure.

Such a stream is decoded in full: all its slices go to the decoder in order. That costs 6 to 11
times more, so a stream goes back as soon as key frames come regularly again.
"""

from __future__ import annotations


class SmartRule:
    """Decides for one stream between key mode and full mode. Times in seconds, passed in.

    Full mode begins when no key frame came for ``no_key_s``, and ends after ``keys_back`` key
    frames in a row, each within half of that. In full mode a picture is clean (fit to be looked
    at) once a key frame came, or ``heal_s`` after the last gap: by then an encoder that
    refreshes bit by bit has been over the whole picture.
    """

    def __init__(self, now: float, *, no_key_s: float, keys_back: int, heal_s: float) -> None:
        self.full = False
        self.switches = 0
        self._no_key_s = no_key_s
        self._keys_back = keys_back
        self._heal_s = heal_s
        self._key_at = now
        self._keys = 0
        self._clean_at = now

    def begin(self, now: float) -> None:
        """A new connection: waiting for key frames starts over; the mode stays."""
        self._key_at, self._keys = now, 0
        self.gap(now)

    def tick(self, now: float) -> bool:
        """Whether to go to full mode now; said once."""
        if self.full or now - self._key_at <= self._no_key_s:
            return False
        self.full, self._keys = True, 0
        self.switches += 1
        self.gap(now)
        return True

    def key(self, now: float) -> bool:
        """A whole key picture came: whether to go back to key mode now."""
        near = now - self._key_at <= self._no_key_s / 2
        self._keys = self._keys + 1 if near else 1
        self._key_at = self._clean_at = now
        if not self.full or self._keys < self._keys_back:
            return False
        self.full = False
        return True

    def gap(self, now: float) -> None:
        """Something was lost: what follows is built on it until it heals."""
        self._clean_at = now + self._heal_s

    def clean(self, now: float) -> bool:
        """Whether a picture of a full stream can be looked at."""
        return now >= self._clean_at
