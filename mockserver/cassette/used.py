"""Which recordings were given to anybody, known by what they hold and not by where they stand."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.cassette.interaction import Interaction


class Used:
    """A set of interactions; equal ones of other files, and of files read anew, are in it too."""

    def __init__(self) -> None:
        self._given: dict[int, Interaction] = {}
        self._known: set[bytes] = set()
        self._numbered: set[str] = set()

    def add(self, interaction: Interaction) -> None:
        """Note that an interaction was given to a client, or helped to answer one."""
        self._given[id(interaction)] = interaction

    def add_by_number(self, interaction: Interaction) -> None:
        """Note that an interaction was given by somebody who knows it by its number in its file."""
        self.add(interaction)
        self._numbered.add(interaction.file)

    def counts_on(self, file: Path) -> bool:
        """Tell whether somebody knows an interaction of a file by its number, which has to stay."""
        return file.resolve() in {Path(known).resolve() for known in self._numbered}

    def let_go(self) -> None:
        """Keep what the interactions are known by, and not them: their library may be done with."""
        self._known.update(map(_identity, self._given.values()))
        self._given.clear()

    def __contains__(self, interaction: object) -> bool:
        from mockserver.cassette.interaction import Interaction  # not before there are any

        self.let_go()
        return isinstance(interaction, Interaction) and _identity(interaction) in self._known


def _identity(interaction: Interaction) -> bytes:
    digest = blake2b(digest_size=16)
    held = (interaction.method, interaction.uri, interaction.status, interaction.headers)
    for part in (repr(held).encode("utf-8", "surrogatepass"), interaction.request_body):
        digest.update(b"%d " % len(part))
        digest.update(part)
    digest.update(interaction.body)
    return digest.digest()
