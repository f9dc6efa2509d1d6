"""Learning: what officers correct teaches the engines, at once and fully at night.

Takes: corrections of cases. Gives: the classifier that triage asks. Must never: forget a
correction, learn about a person.
"""
