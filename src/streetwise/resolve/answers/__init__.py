"""Answers: everybody who told of a problem is answered, each in their own way.

Takes: the voices of a case. Gives: drafts, checked, and what was answered when. Must never:
answer with somebody else's personal data, answer a work order on another way than upstream's.
"""
