"""The triage desk 分拣台: what the engines were unsure of, one decision after the other.

Takes: cases with doubts and signals that are no case. Gives: decisions, which teach.
"""
