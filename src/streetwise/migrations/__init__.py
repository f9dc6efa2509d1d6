"""Migrations, forward only; run by the role sw_owner."""
