"""The town's language: how people, clerks and other offices put into words what happens.

Takes a theme and a spot, gives sentences, and says what was bent on the way. All of it comes
from ``data/phrases_*.yaml`` and chance; nothing here knows an engine.
"""

from .callers import ID_PREFIX, PHONE_PREFIX, id_number, phone, who
from .channels import CHANNEL_HABITS, CHANNELS, Habit
from .notes import handling_note, mediation_note, rectification_note, sent_back_note
from .places import Spot, place_words
from .slips import ERRORS
from .specials import (
    call_back_words,
    nonsense,
    question,
    supplement,
    tell_two,
    thanks,
    urge,
)
from .telling import Telling, tell
from .themes import DRIVERS, NATURES, Theme, confusable, themes

__all__ = [
    "CHANNELS",
    "CHANNEL_HABITS",
    "DRIVERS",
    "ERRORS",
    "ID_PREFIX",
    "NATURES",
    "PHONE_PREFIX",
    "Habit",
    "Spot",
    "Telling",
    "Theme",
    "call_back_words",
    "confusable",
    "handling_note",
    "id_number",
    "mediation_note",
    "nonsense",
    "phone",
    "place_words",
    "question",
    "rectification_note",
    "sent_back_note",
    "supplement",
    "tell",
    "tell_two",
    "thanks",
    "themes",
    "urge",
    "who",
]
