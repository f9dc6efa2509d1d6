"""Clocks: how long something may take, whose rules say so, and who is told when it takes longer.

Takes: what happens in the loop, and what upstream gives. Gives: for each case its clocks, the
earliest deadline that binds it, and the answer to "why then?". Must never: let what happens to a
case move a work order's clock, or tell the same step of a clock twice.
"""
