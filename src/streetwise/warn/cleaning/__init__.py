"""Clean: repeats, default points and batch entry, before anything is counted."""
