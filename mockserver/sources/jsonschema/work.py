"""A bound on the work one schema may cause."""

from __future__ import annotations

from mockserver.sources.jsonschema.unsatisfiable import Exhausted, Path


class Work:
    """Counts steps down to nothing, so that no schema, however hostile, can keep a server busy."""

    __slots__ = ("left", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.left = limit

    @property
    def used(self) -> int:
        """The number of steps taken."""
        return self.limit - self.left

    def spend(self, path: Path, steps: int = 1) -> None:
        """Take steps; raise Exhausted, naming ``path``, when fewer are left."""
        self.left -= steps
        if self.left < 0:
            raise Exhausted(path, f"no valid value turned up within {self.limit} steps")
