"""First floor: who there is and where things are.

Takes: a folder that describes a street. Gives: units, staff, roles, grids, places, assets,
taxonomy, responsibility, sign-in. Must never: know of a case, or hand out a password.
"""
