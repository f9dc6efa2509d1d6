"""The ledgers 台账 of the street: some 25 tables of over 210,000 rows, with known dirt.

Takes a World and a seed. Gives files as offices really keep them (CSV in several encodings,
workbooks, JSON lines), an index for the person who loads them, and every piece of dirt that was
planted, for the truth file. The same world and seed give the same bytes. Imports no room.
"""

from .make import write_ledger_truth, write_ledgers
from .model import KINDS, Column, LedgerFile, Planted

__all__ = ["KINDS", "Column", "LedgerFile", "Planted", "write_ledger_truth", "write_ledgers"]
