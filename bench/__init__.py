"""Benchmarks: each measures the product by its real path, with its baseline in the same run.

``python -m bench [start|gather|resolve|lists|live|steady …] [--json] [--quick]``
"""
