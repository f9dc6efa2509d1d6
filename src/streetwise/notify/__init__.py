"""First floor: what people are told, and how it reaches them.

Takes: messages for members of staff, in the transaction that they follow from. Gives: rows for
the bell, and deliveries by e-mail, webhook and SMS, recorded and retried. Must never: let a
citizen's words or a place leave the house, lose a message, or send one twice where the channel
lets it be known.

Other rooms import from here only.
"""

from streetwise.notify.actions import Message, notify
from streetwise.notify.outward import can_text, text_outward
from streetwise.notify.tables import Notification
from streetwise.notify.urgent_repository import acknowledge, made, unheard
from streetwise.notify.waiting import wait_seconds

__all__ = [
    "Message",
    "Notification",
    "acknowledge",
    "can_text",
    "made",
    "notify",
    "text_outward",
    "unheard",
    "wait_seconds",
]
