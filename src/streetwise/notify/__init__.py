"""First floor: channels, templates, delivery and retry, shared by all rooms.

Not started: it comes with the issue "The ground floor made hard and quick".
"""
