"""Merging 一事一案: ten voices, one problem.

Takes: signals that triage has understood. Gives: the case that each joins, with the reason, and
offers for the near ones. Must never: hide an urgency, drop a voice, stop a work order's clock.
"""
