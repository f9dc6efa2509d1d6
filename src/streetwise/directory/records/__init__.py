"""The directory's records: one registry of kinds drives files, checks, changes and history.

Takes: changes made on a screen, or a whole folder. Gives: what would change, the change itself
with its history, and the folder back byte for byte. Must never: delete a record, or hand out a
right (accounts are changed elsewhere; a folder brings them only from the command line).
"""
