"""Imported before anything else where a program starts; it has its effect by that.

While a program is imported it makes objects that stay, and Python's collector of garbage walks
through all of them again and again: 0.6 of the 3.1 CPU seconds in which a server is imported, and
as much of a worker's share. It looks seldom from here on; ``memory.settle`` says how often once the
program is there.
"""

from __future__ import annotations

import gc

#: Objects made before the collector looks at the young ones (Python's own: 700).
YOUNG_OBJECTS = 50_000

gc.set_threshold(YOUNG_OBJECTS)
