"""Resolve 闭环处置: signals → cases → closed.

Takes: signals from gather, the directory's places, classes and responsibilities. Gives: cases
with their loop, timeline and photos; ``reopen``, for whoever sees that a closed problem is still
there. Must never: let a signal go without a case or somebody who reads it, let the maker be the
checker, change a case without its journal entry.
"""

from streetwise.resolve.actions import reopen

__all__ = ["reopen"]
