"""Splitting 拆案: one case that holds several problems becomes several.

Takes: an officer's word, which voices or which words of them tell which problem. Gives: the old
case with the first problem, new cases for the others. Must never: lose a voice, move an order's
clock, let go of a hazard order or a mediation.
"""
