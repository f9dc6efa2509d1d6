"""The contact log 联系记录: who of the reporters was called, when, and what came of it.

Takes: what an officer writes down after a call. Gives: attempts and results of each voice, the
first-contact timer of its work order, promises with their day and those not kept. Must never: hold
a number (the vault has it, shown by one recorded click), count what one officer does, or move a
work order's own clock.
"""
