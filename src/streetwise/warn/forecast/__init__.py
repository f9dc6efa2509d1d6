"""Forecast: how many reports next, and where to go first tomorrow."""
