"""Leaders' notes 批示, 催办, 督办, 包案: what somebody was told to see to, until it is checked off.

Takes: a case, a kind, a unit (or a person), a sentence. Gives: rows with their loop, entries on
the case, and the list of what is not done yet. Must never: let who did it check it off.
"""
