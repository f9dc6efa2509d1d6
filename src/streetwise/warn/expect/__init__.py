"""Expect: how many reports each series would have on an ordinary day.

``fit`` takes all series at once and gives a ``Fitted``, which says what any day, past or to come,
should have (``expected``) and why (``explain``). A replay fits once a week on the days before and
asks for the seven days that follow; ``start`` makes the next fit quicker.
"""

from streetwise.warn.expect.fitted import Explanation, Fitted
from streetwise.warn.expect.fitting import fit
from streetwise.warn.expect.settings import FREE, PLAIN, Settings

__all__ = ["FREE", "PLAIN", "Explanation", "Fitted", "Settings", "fit"]
