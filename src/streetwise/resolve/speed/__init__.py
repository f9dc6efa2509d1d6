"""Did it get faster? (是否更快) Handling times now, against a period that was frozen.

Takes handling times of cases (from facts and steps, which are derived from the journal); gives
how many times as long they are as in the baseline, for all, by class and by unit, each with its
interval, and what is not comparable. Must never: compare persons, hide that cases are still open,
or call a change of the mix of cases a change of speed.
"""
