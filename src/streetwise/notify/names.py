"""Names of channels, and of the ways in which a delivery fails. Pure."""

from __future__ import annotations

#: The bell is no way out of the house: its row is the message.
IN_APP = "in_app"
EMAIL, SMS, WEBHOOK = "email", "sms", "webhook"
OUTSIDE = (EMAIL, SMS, WEBHOOK)
CHANNELS = (IN_APP, *OUTSIDE)

#: Failures that pass: tried again.
#: (``insecure``: no encryption that we trust; ``login``: both are the administrator's to mend.)
AGAIN = ("unreachable", "timeout", "busy", "interrupted", "insecure", "login")
#: Failures that trying again does not mend.
NEVER = ("refused", "no_address", "recipient_gone", "not_configured", "unexpected")
FAILURES = (*AGAIN, *NEVER)
