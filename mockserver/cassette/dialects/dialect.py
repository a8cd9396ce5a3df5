"""What a dialect is, the registry of them, and the choice of the one that fits a file."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import foreign
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed


class Dialect:
    """One way to write a cassette; a subclass with a name registers itself.

    A subclass of another dialect refines it: when both claim a file, the refinement reads it.
    """

    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.name in DIALECTS:
            raise TypeError(f"a dialect named {cls.name!r} is registered already")
        DIALECTS[cls.name] = cls()

    def claims(self, file: Parsed) -> bool:
        """Tell whether the parsed file is written in this dialect."""
        raise NotImplementedError

    def doubt(self, file: Parsed) -> str | None:
        """Say why the end of the file may be missing; None when there is no sign of it.

        Raise CassetteError for a format version that this dialect does not know.
        """
        return None

    def split(self, file: Parsed) -> list[Any]:
        """Cut the file into its interactions, in order; most tools keep one in a file."""
        return [file.document]

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one interaction; raise CassetteError when a needed part is missing or odd."""
        raise NotImplementedError


DIALECTS: Final[dict[str, Dialect]] = {}


def choose(file: Parsed) -> Dialect:
    """Return the most refined dialect that claims the file; raise CassetteError without one."""
    tool = foreign.tool(file.document)
    if tool is not None:
        raise CassetteError(f"this is a recording of {tool}, which is not read here")
    claimants = [dialect for dialect in DIALECTS.values() if dialect.claims(file)]
    if not claimants:
        raise CassetteError(_unclaimed(file.document))
    return max(claimants, key=lambda dialect: len(type(dialect).__mro__))


def _unclaimed(document: Any) -> str:
    if isinstance(document, dict):
        found = ", ".join(repr(key) for key in list(document)[:5]) or "nothing"
        return f"no cassette: the top level needs a list 'interactions', but holds {found}"
    kind = "list" if isinstance(document, list) else "single value"
    return f"no cassette: the top level must be a mapping with a list 'interactions', not a {kind}"
