"""The flags as people read them: a listing, and the README's table."""

from __future__ import annotations

from typing import Final

from mockserver.flags.registry import TABLE

BEGIN: Final = "<!-- scenarios -->"
END: Final = "<!-- /scenarios -->"


def listing() -> str:
    """Return a line for each flag: how it is written, what it does, an example."""
    width = max(len(flag.usage) for flag in TABLE.values())
    room = max(len(flag.help) for flag in TABLE.values())
    return "".join(
        f"{flag.usage:<{width}}  {flag.help:<{room}}  {flag.example}\n" for flag in TABLE.values()
    )


def markdown() -> str:
    """Return the table of flags in Markdown."""
    rows = (f"| `{flag.usage}` | {flag.help} | `{flag.example}` |\n" for flag in TABLE.values())
    return "| flag | what happens | example |\n|---|---|---|\n" + "".join(rows)


def rewritten(document: str) -> str:
    """Return a document with the table between its two marks; raise ValueError without marks."""
    before, begin, rest = document.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no '{BEGIN}' with '{END}' after it, each on its own line")
    return f"{before}{begin}{markdown()}{end}{after}"
