"""Scores 考核: how a street, its units and its classes of problems did in a period.

Takes the facts of cases (``case_fact``, derived from the journal) and what upstream's call-backs
said of work orders; gives rates by versioned rules, what each counts and leaves out, and the cases
behind every number. Must never: rank or score a person, average rates (counts are pooled), or let
what is left out vanish (each has its reason).
"""
