"""Score the engines of warn: files of events, planted doublings, warnings held against truth.

``files`` reads events of anybody into reports, ``injection`` plants doublings in them,
``truth`` reads and writes what is true, ``scoring`` holds warnings against it. How, and the form
of the files: ``docs/reference/warn-cleaning.md``.
"""
