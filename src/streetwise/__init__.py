"""Streetwise 街智: an open command platform for one sub-district of a large city.

Rooms and the direction of imports: docs/architecture.md.
"""

__version__ = "0.1.0"
