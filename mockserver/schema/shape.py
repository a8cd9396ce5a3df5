"""Declared shapes of JSON objects, read on first use.

A shape costs next to nothing until a document of its kind comes along, which a pydantic model does
not: a hundred of those take longer to define than the rest of the server takes to start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, NamedTuple, get_origin, get_type_hints


class Shape:
    """The keys of a kind of JSON object, declared as annotations; there are no instances.

    A key with a default may be left out or null. A trailing underscore is not part of the key, and
    what is declared as a variable of the class is no key.
    """


class Wire(Shape):
    """A shape of something on the wire that may have more keys than those declared."""


class Key(NamedTuple):
    """One key: the annotation of its value, and whether it has to be there."""

    annotation: Any
    required: bool


def keys(shape: type[Shape]) -> Mapping[str, Key]:
    """Return the keys a shape declares, those it inherits included."""
    found = _KEYS.get(shape)
    if found is None:
        hints = get_type_hints(shape, include_extras=True)
        found = _KEYS[shape] = {
            name.removesuffix("_"): Key(annotation, not hasattr(shape, name))
            for name, annotation in hints.items()
            if annotation is not ClassVar and get_origin(annotation) is not ClassVar
        }
    return found


_KEYS: Final[dict[type[Shape], Mapping[str, Key]]] = {}
