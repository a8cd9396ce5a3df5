"""Faults: what goes wrong with an answer on its way; importing a family registers its classes."""

from collections.abc import AsyncIterator, Iterable

from mockserver.faults import (
    breaks,
    contents,
    cuts,
    errors,
    future,
    heads,
    order,
    silences,
    writing,
)
from mockserver.faults.fault import FAULTS, Fault
from mockserver.faults.part import Form, Head, Part, Severed, Way

__all__ = [
    "FAULTS",
    "Fault",
    "Form",
    "Head",
    "Part",
    "Severed",
    "Way",
    "breaks",
    "chain",
    "contents",
    "cuts",
    "errors",
    "fitting",
    "future",
    "heads",
    "order",
    "silences",
    "writing",
]


def fitting(faults: Iterable[Fault], form: Form) -> list[Fault]:
    """Return the faults that an answer of a form can have, in the order in which they play."""
    return sorted((fault for fault in faults if form in fault.forms), key=lambda fault: fault.stage)


def chain(faults: Iterable[Fault], parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
    """Return the parts as they come through the faults, which are given in order."""
    for fault in faults:
        parts = fault.parts(parts, way)
    return parts
