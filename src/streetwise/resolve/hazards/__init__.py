"""Hazards 隐患: level, rectification order, re-check, written off; and their monthly count."""
