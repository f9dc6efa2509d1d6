"""The duty room 值班: the log of a shift, the hand-over, and what nobody acknowledged.

Takes: what the officer on duty writes down, and what is open. Gives: the log, hand-overs signed by
both and read by the leader on duty, word to the leader of what nobody listened to. Must never:
change what was signed, let one person give and take, or tell a leader of one thing twice.
"""
