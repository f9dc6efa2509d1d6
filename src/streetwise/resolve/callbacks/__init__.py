"""Calling the reporter back 回访: is it done, and is whoever told of it content?

Takes: cases that passed a check, their voices, what an officer or the reporter writes down. Gives:
who is to be called, what was said, counts by unit that are labelled estimated (预估). Must never:
hold a number or show one without the recorded click, let the unit that handled a case ask about
itself, keep a token that could be read again, or open a case by itself.
"""
