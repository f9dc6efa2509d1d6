"""Resolve 闭环处置: signals → cases → closed.

Takes: signals from gather, the directory's places, classes and responsibilities. Gives: cases
with their loop, timeline and photos; ``reopen``, for whoever sees that a closed problem is still
there; ``seen_clear`` and ``seen_again``, for rooms whose devices look a second time; plain
facts of cases. Must never: let a signal go without a case or somebody who reads it, let the maker
be the checker, change a case without its journal entry.
"""

from streetwise.resolve.actions import reopen
from streetwise.resolve.counts_repository import Sorted, reports_sorted
from streetwise.resolve.facts_repository import (
    CaseFacts,
    case_facts,
    cases_of_signals,
    open_cases,
    signals_of_case,
)
from streetwise.resolve.seeing import WATCHING, Watcher, seen_again, seen_clear, watchers

__all__ = [
    "WATCHING",
    "CaseFacts",
    "Sorted",
    "Watcher",
    "case_facts",
    "cases_of_signals",
    "open_cases",
    "reopen",
    "reports_sorted",
    "seen_again",
    "seen_clear",
    "signals_of_case",
    "watchers",
]
