"""Dispatch 派遣: who a case is suggested to and why, what each unit has on hand, many at once."""
