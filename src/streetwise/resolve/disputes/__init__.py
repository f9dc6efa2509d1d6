"""Disputes 矛盾纠纷: mediation, visits, agreement, follow-up; the parties in the vault alone."""
