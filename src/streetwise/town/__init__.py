"""The synthetic street 澄棠街道: a town, its history and its life, for demo, tests and benchmarks.

Takes a seed. Gives a street's folder (``world``), reports with their truth (``history``) and
people who use the running system (``simulator``, through the public API only). Invented
throughout: no real place, person or telephone number. Shares no word list, template or
constant with any engine, and imports no room.
"""
