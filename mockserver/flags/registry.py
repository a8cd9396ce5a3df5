"""The flags there are: one row each, in the order in which the tables show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mockserver.faults.fault import Fault
from mockserver.faults.registry import FAULTS
from mockserver.flags import gates, outcomes, shape, timing, webhooks
from mockserver.flags.flag import Flag, Read
from mockserver.flags.model import Flags


def _fault(kind: type[Fault]) -> Read:
    def read(flags: Flags, value: str | None) -> Flags:
        return replace(flags, faults=(*flags.faults, kind.read(value)))

    return read


TABLE: Final[Mapping[str, Flag]] = {
    flag.name: flag
    for flag in (
        *outcomes.FLAGS,
        *shape.FLAGS,
        *timing.FLAGS,
        *webhooks.FLAGS,
        *gates.FLAGS,
        *(
            Flag(kind.name, kind.value, kind.help, kind.example, _fault(kind))
            for kind in FAULTS.values()
        ),
    )
}
"""Every flag by name; the tables that people read are made from it."""
