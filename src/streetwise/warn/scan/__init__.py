"""Scan: where in space and time reports gather beyond what is expected."""
