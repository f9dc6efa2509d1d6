"""Streetwise 街智: an open command platform for one sub-district of a large city.

Rooms and the direction of imports: docs/architecture.md.
"""

import os

# Before NumPy is imported: its matrices are small here, and threads that wait for each other on
# two cores cost ten times what they bring. Who knows better sets the variable.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
