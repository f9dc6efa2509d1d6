"""Backups: one sealed archive of the data, and one, apart, of the keys.

Takes a database (as its owner) and the folder of files; gives archives, and a database and a
folder again. Must never put a key of the vault into the archive of the data: destroying a key
has to be felt in every older backup.
"""
