"""What is wrong at one place of a JSON document."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

MISSING: Final = "missing"
UNKNOWN_KEY: Final = "unknown key"
UNKNOWN_KIND: Final = "unknown kind"
WRONG_TYPE: Final = "wrong type"
WRONG_VALUE: Final = "wrong value"


class Place(NamedTuple):
    """A place in a document, told in full for people and by its nearest tags for tables.

    ``output[0].content[0].text`` is the path; ``response/message/output_text.text`` says the same
    without indexes, each typed object standing for the way that led to it.
    """

    path: str = ""
    tags: str = ""
    steps: str = ""

    @property
    def where(self) -> str:
        """The chain of tags and the steps from the last of them."""
        return self.tags + self.steps

    def key(self, name: str) -> Place:
        """Return the place of a key of the object here."""
        path = f"{self.path}.{name}" if self.path else name
        return Place(path, self.tags, f"{self.steps}.{name}")

    def item(self, index: int) -> Place:
        """Return the place of one member of the list here."""
        return Place(f"{self.path}[{index}]", self.tags, f"{self.steps}[]")

    def tagged(self, value: dict[str, Any]) -> Place:
        """Return this place as seen from the object here, if that says what it is."""
        tag = value.get("type", value.get("object"))
        if not isinstance(tag, str):
            return self
        return Place(self.path, f"{self.tags}/{tag}" if self.tags else tag)


class Problem(str):
    """One line such as ``output[0].content[0].text: missing``, with its parts at hand."""

    where: str
    kind: str

    __slots__ = ("kind", "where")

    def __new__(cls, place: Place, kind: str, detail: str = "") -> Problem:
        """Phrase the line from the place, the kind and an optional detail."""
        told = f"{kind}: {detail}" if detail else kind
        line = super().__new__(cls, f"{place.path or '(document)'}: {told}")
        line.where, line.kind = place.where, kind
        return line

    @classmethod
    def of(cls, path: str, kind: str, detail: str = "") -> Problem:
        """Phrase a line about a path where no tags lead."""
        return cls(Place(path, path), kind, detail)

    @classmethod
    def at_event(cls, number: int, path: str, detail: str) -> Problem:
        """Phrase a line about a wrong value in one event of a stream; -1 is the last event."""
        return cls.of(f"events[{number}].{path}", WRONG_VALUE, detail)
