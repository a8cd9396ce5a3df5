"""What is written as JSON, now or when it is asked for."""

from __future__ import annotations

from typing import Protocol


class Written(Protocol):
    """JSON bytes, or what can make them at any time and knows how many they are."""

    def __len__(self) -> int: ...

    def __bytes__(self) -> bytes: ...
