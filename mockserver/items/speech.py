"""Speech: a text told once more as sound, by the models that speak."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from mockserver.items.steps import Keep, Place, pieces
from mockserver.schema.base import Json

_RATE: Final = 8_000
_SPOKEN: Final = 320
_SILENCE: Final = 128
_LOWEST: Final = 16
_TONES: Final = 48


class Speech:
    """The sound of a text and its transcript, delta by delta (api-contract §8.4).

    The API has no field for either: they are events alone, without the keys of a place, and the
    text itself is told as ever. The sound joined is a WAV of 8-bit samples, 8,000 a second.
    """

    def open(self, thing: Json) -> Json:
        """Leave the snapshot as it is; sound is no part of it."""
        return {}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield each word and how it sounds, then both ends; nothing of a model without a voice."""
        if not place.teller.speaks:
            return
        words = pieces(thing.get("text") or "")
        sound = _header(len(words) * _SPOKEN)
        for word in words:
            yield _event("transcript.delta", delta=word)
            yield _event("delta", delta=b64encode(sound + _tone(word)).decode())
            sound = b""
        yield _event("done")
        yield _event("transcript.done")

    def cut(self, thing: Json, keep: Keep) -> Json:
        """What is said is what is left of the text."""
        return {}


def _event(name: str, **fields: str) -> Json:
    return {"type": f"response.audio.{name}", **fields, "sequence_number": 0}


def _header(size: int) -> bytes:
    """Return how a WAV of so many one-byte samples begins."""
    form = struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE, 1, 8)
    return b"".join(
        (
            b"RIFF",
            struct.pack("<I", 36 + size),
            b"WAVEfmt ",
            form,
            b"data",
            struct.pack("<I", size),
        )
    )


def _tone(word: str) -> bytes:
    """Return a hum whose pitch depends on the word, silence for a space."""
    if word.isspace():
        return bytes([_SILENCE]) * _SPOKEN
    half = _LOWEST + sum(word.encode()) % _TONES
    wave = bytes([_SILENCE - 40]) * half + bytes([_SILENCE + 40]) * half
    return (wave * (_SPOKEN // len(wave) + 1))[:_SPOKEN]
