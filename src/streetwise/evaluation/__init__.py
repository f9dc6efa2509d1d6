"""Roof: `streetwise eval …` scores the engines on anybody's labelled data.

Masking is there (`redact`); each further engine's issue brings its own.
"""
