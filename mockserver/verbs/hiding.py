"""The options that say what is hidden, shared by the verbs that write."""

from __future__ import annotations

import argparse
import os
import re

from mockserver.cassette.redact import Rules, secret_variables
from mockserver.verbs.verb import Refusal


def options(parser: argparse.ArgumentParser) -> None:
    """Declare what is hidden beside the keys and tokens that always are."""
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME",
        help="hide the values of a header, parameter or JSON key, or of a path such as a.b",
    )
    parser.add_argument(
        "--pattern", action="append", default=[], metavar="REGEX", help="hide what matches"
    )
    parser.add_argument(
        "--replace",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="write one text for another",
    )


def rules(given: argparse.Namespace) -> Rules:
    """Return the rules that options make; raise Refusal for one that cannot be read.

    The values of environment variables that look like keys are hidden too (vcr §3.2).
    """
    patterns = []
    for text in given.pattern:
        try:
            patterns.append(re.compile(text))
        except re.error as fault:
            raise Refusal(f"--pattern {text!r} is no regular expression: {fault}") from None
    pairs = [text.partition("=") for text in given.replace]
    if any(not old or not equals for old, equals, _ in pairs):
        raise Refusal("--replace takes OLD=NEW")
    made = Rules(
        fields=tuple(given.field),
        patterns=tuple(patterns),
        replacements=tuple((old, new) for old, _, new in pairs),
    )
    return made.knowing(secret_variables(os.environ))
