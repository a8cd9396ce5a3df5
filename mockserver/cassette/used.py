"""Which recordings were given to anybody, known by what they hold and not by where they stand."""

from __future__ import annotations

from hashlib import blake2b

from mockserver.cassette.interaction import Interaction


class Used:
    """A set of interactions; equal ones of other files, and of files read anew, are in it too."""

    def __init__(self) -> None:
        self._given: dict[int, Interaction] = {}
        self._known: set[bytes] = set()

    def add(self, interaction: Interaction) -> None:
        """Note that an interaction was given to a client, or helped to answer one."""
        self._given[id(interaction)] = interaction

    def let_go(self) -> None:
        """Keep what the interactions are known by, and not them: their library may be done with."""
        self._known.update(map(_identity, self._given.values()))
        self._given.clear()

    def __contains__(self, interaction: object) -> bool:
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
