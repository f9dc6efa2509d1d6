"""Roof: `streetwise eval …` scores the engines on anybody's labelled data.

Masking (`redact`) and the category of a text (`text`) are there; each further engine's issue
brings its own.
"""
