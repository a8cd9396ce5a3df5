"""The options that say what is hidden: those of the server, for the verbs that write."""

from __future__ import annotations

import argparse
import os
from typing import Any, Final

from mockserver.cassette.redact import Rules, chosen
from mockserver.config import OPTIONS, parse_option
from mockserver.loading import load
from mockserver.verbs.verb import Refusal

_NAMES: Final = (
    "redact_field",
    "redact_pattern",
    "redact_replacement",
    "keep_field",
    "keep_header",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare what is hidden beside the keys and tokens that always are, and what is kept."""
    for name in _NAMES:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            action="append",
            default=[],
            help=OPTIONS[name].metadata["help"],
            metavar=name.rpartition("_")[2].upper(),
        )


def rules(given: argparse.Namespace) -> Rules:
    """Return the rules that options and the environment make (vcr §3.2).

    Raise Refusal for an option that cannot be read.
    """
    flags: dict[str, Any] = {}
    try:
        for name in _NAMES:
            values = [part for text in getattr(given, name) for part in parse_option(name, text)]
            flags[name] = tuple(values) or None
        return chosen(load(flags, os.environ), os.environ)
    except ValueError as fault:
        raise Refusal(str(fault)) from None
