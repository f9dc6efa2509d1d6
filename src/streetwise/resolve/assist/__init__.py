"""Assist, optional: a model of the street's own may be asked for a summary or a draft answer.

Takes: masked texts of a case. Gives: text on a screen, marked as machine-written. Must never:
send what is not masked once more, keep or send anything by itself, be needed by anything else.
"""
