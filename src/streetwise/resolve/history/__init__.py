"""The whole history of one case as a file: what was told, done, noted and by when it was due.

Takes: a case as its viewer sees it, masked. Gives: XLSX, CSV, JSON. Must never: hold more than the
screen shows, or leave without an entry that says who took it.
"""
