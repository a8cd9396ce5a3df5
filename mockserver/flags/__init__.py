"""Scenario flags: what a request asks the server to play, one model and one parser."""

from mockserver.flags.counting import Gates
from mockserver.flags.model import METADATA_KEY, NONE, Flags, Gate, Hold, Mailing
from mockserver.flags.parsing import HEADER, check, flags_of, parse

__all__ = [
    "HEADER",
    "METADATA_KEY",
    "NONE",
    "Flags",
    "Gate",
    "Gates",
    "Hold",
    "Mailing",
    "check",
    "flags_of",
    "parse",
]
