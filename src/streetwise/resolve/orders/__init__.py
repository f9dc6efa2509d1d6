"""Work orders 工单: obligations from an upstream platform, each with a clock of its own.

Takes: signals that carry an upstream order, and the case that triage gave them. Gives: the
order's state here and there, its answer, its call-back, its exclusion. Must never: let what
happens to a case move, stop or close an order's clock; only upstream closes an order.
"""
