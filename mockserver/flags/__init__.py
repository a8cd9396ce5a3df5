"""Scenario flags: what a request asks the server to play, one model and one parser."""

from mockserver.flags.flag import METADATA_KEY, Flag
from mockserver.flags.gates import Gates
from mockserver.flags.model import NONE, Flags, Gate, Hold, Mailing
from mockserver.flags.outcomes import INCOMPLETE_REASONS
from mockserver.flags.parsing import HEADER, TABLE, check, flags_of, parse

__all__ = [
    "HEADER",
    "INCOMPLETE_REASONS",
    "METADATA_KEY",
    "NONE",
    "TABLE",
    "Flag",
    "Flags",
    "Gate",
    "Gates",
    "Hold",
    "Mailing",
    "check",
    "flags_of",
    "parse",
]
