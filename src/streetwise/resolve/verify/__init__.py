"""Checking what a unit reports as done 核查: at the place, by call-back, by record, by a device.

Takes: a case that was reported, the record of its unit, what the inspector saw. Gives: which cases
are drawn for a check and why, which ways are open, what the conditions for closing still lack.
Must never: keep a record of a person, let the maker be the checker, or let a drawn case pass by
record.
"""
