"""Roof: `streetwise eval …` scores the engines on anybody's labelled data.

Not started: each engine's issue brings its own.
"""
