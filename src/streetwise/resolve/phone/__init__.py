"""The telephone form 电话登记: a call becomes a signal and finds its case while the caller waits.

Takes: what an officer types. Gives: places, a category and cases known already while typing; a
signal with its case, and the number to be said to the caller. Must never: keep a caller's name
or number anywhere but in the vault.
"""
