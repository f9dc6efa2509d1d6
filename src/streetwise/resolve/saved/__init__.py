"""Saved views 常用视图 of the list of cases: one's own, and those shared within a unit.

Takes: the filters that stand in an address, and a name. Gives: them back. Must never: keep what
was searched for where it is personal data.
"""
