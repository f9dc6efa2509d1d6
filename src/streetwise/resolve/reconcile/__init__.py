"""Daily reconciliation 每日对账: our work orders and the upstream platform's list, compared number
by number; every difference is kept with its kind, its explanation, and what an officer says of it.

Takes: our orders, what the platform's files said. Gives: a run per area, platform and day, and
lines. Must never: change an order (only upstream's own file does), or hide a difference.
"""
