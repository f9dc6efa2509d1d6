"""Expect: how many reports each series would have on an ordinary day."""
