"""Calibrate: how often chance alone would say as much, found by replaying history."""
