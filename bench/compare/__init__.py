"""The town's statistics beside real ones: ``python -m bench.compare``.

Reads real material where it lies beside the checkout (../shared/data) and writes figures only:
nothing of it gets into the project. ``statistics`` computes, ``sources`` reads, ``handled`` lives
through a month of the town to see how long its cases take, ``charts`` draws, ``page`` writes
docs/reference/town-compared.md.
"""
