"""Ground floor: settings, database, unit of work, journal, clocks, ids, files, jobs, live feed.

Takes nothing from any other room and knows no word of the trade (no case, no signal).
"""
