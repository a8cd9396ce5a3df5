"""Faults: what goes wrong with an answer on its way, told to those who send answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from mockserver.faults.part import Form, Head, Part, Severed, Way

if TYPE_CHECKING:
    from mockserver.faults.fault import Fault

__all__ = ["Form", "Head", "Part", "Severed", "Way", "chain", "fitting"]


def fitting(faults: Iterable[Fault], form: Form) -> list[Fault]:
    """Return the faults that an answer of a form can have, in the order in which they play."""
    return sorted((fault for fault in faults if form in fault.forms), key=lambda fault: fault.stage)


def chain(faults: Iterable[Fault], parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
    """Return the parts as they come through the faults, which are given in order."""
    for fault in faults:
        parts = fault.parts(parts, way)
    return parts
