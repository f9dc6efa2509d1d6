"""The journal sealed: Merkle batches, chained and signed, checked against what is read back.

Takes entries as they stand in the database; gives seals, and findings. A seal covers every
``seq`` after the seal before it, so that no entry can be put in between later. Must never
change an entry.
"""
