"""Text that has a format."""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from mockserver.sources.words import Words

Writer: TypeAlias = Callable[[Random, Words, int], str]
"""Writes text of a format, of about as many characters as the number at least, where it can."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _slug(rng: Random, length: int = 0) -> str:
    return "".join(rng.choices(_LETTERS, k=length or rng.randint(4, 9)))


def _fake(kind: str) -> Writer:
    return lambda rng, words, _: words.fake(rng, kind)


def _one_of(*texts: str) -> Writer:
    return lambda rng, _words, _length: rng.choice(texts)


def _chars(alphabet: str, length: int) -> Writer:
    return lambda rng, _, least: "".join(rng.choices(alphabet, k=max(length, least)))


def _email(rng: Random, words: Words, least: int) -> str:
    email = words.fake(rng, "email")
    # The part before the @ has at most 64 characters; labels of the host take the rest.
    name, _, host = email.rpartition("@")
    name += _slug(rng, min(64 - len(name), least - len(email))) if least > len(email) else ""
    return f"{name}@{_host(rng, least - len(name) - 1, host)}"


def _host(rng: Random, least: int, host: str) -> str:
    while len(host) < least and len(host) < 250:
        host = f"{_slug(rng, max(1, min(60, least - len(host) - 1)))}.{host}"
    return host


def _hostname(rng: Random, words: Words, least: int) -> str:
    return _host(rng, least, words.fake(rng, "domain"))


def _uri(rng: Random, words: Words, least: int) -> str:
    uri = words.fake(rng, "url")
    return uri if len(uri) >= least else f"{uri}/{_slug(rng, max(1, least - len(uri) - 1))}"


def _relative(rng: Random, _: Words, least: int) -> str:
    return f"/{_slug(rng)}/{_slug(rng, max(4, least - 6))}"


def _pointer(rng: Random, _: Words, least: int) -> str:
    return f"/{_slug(rng, max(5, least - 2))}/{rng.randint(0, 9)}"


def _uuid(version: int) -> Writer:
    def write(rng: Random, _words: Words, _least: int) -> str:
        digits = f"{rng.getrandbits(128):032x}"
        start = f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}"
        return f"{start}-{rng.choice('89ab')}{digits[17:20]}-{digits[20:]}"

    return write


def _ipv4(rng: Random, _words: Words, _least: int) -> str:
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randint(1, 254)}"


def _ipv6(rng: Random, _words: Words, _least: int) -> str:
    return f"2001:db8::{rng.randint(1, 0xFFFF):x}:{rng.randint(1, 0xFFFF):x}"


def _base64(rng: Random, _: Words, least: int) -> str:
    return base64.b64encode(rng.randbytes(max(12, (least + 3) // 4 * 3))).decode()


def _base64url(rng: Random, _: Words, least: int) -> str:
    raw = rng.randbytes(max(12, (least + 3) // 4 * 3))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _jwt(rng: Random, words: Words, least: int) -> str:
    return f"eyJhbGciOiJub25lIn0.{_base64url(rng, words, least)}.{_base64url(rng, words, 32)}"


WRITERS: Final[dict[str, Writer]] = {
    "date-time": _fake("date_time"),
    "date": _fake("date"),
    "time": lambda rng, words, _: words.fake(rng, "time") + "Z",
    "duration": _one_of("PT15M", "PT30M", "PT45M", "PT1H", "PT1H30M", "PT2H", "P1D", "P3D", "P1W"),
    "email": _email,
    "idn-email": _email,
    "hostname": _hostname,
    "idn-hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "uuid": _uuid(4),
    "uri": _uri,
    "uri-reference": _relative,
    "iri": _uri,
    "iri-reference": _relative,
    "uri-template": lambda rng, words, least: f"{_uri(rng, words, least)}/{{id}}",
    "json-pointer": _pointer,
    "relative-json-pointer": lambda rng, words, least: f"1{_pointer(rng, words, least)}",
    "regex": lambda rng, _words, _least: f"^[a-z]{{{rng.randint(1, 4)},{rng.randint(5, 12)}}}$",
    "byte": _base64,
    "base64": _base64,
    "base64url": _base64url,
    "phone": lambda rng, _words, _least: f"+1555{rng.randint(1000000, 9999999)}",
    "e164": lambda rng, _words, _least: f"+1555{rng.randint(1000000, 9999999)}",
    "color": lambda rng, _words, _least: f"#{rng.getrandbits(24):06x}",
    "password": _chars(_LETTERS + _LETTERS.upper() + _DIGITS, 14),
    "cidrv4": lambda rng, _words, _least: f"10.{rng.randint(0, 255)}.0.0/16",
    "cidrv6": lambda rng, _words, _least: f"2001:db8:{rng.randint(1, 0xFFFF):x}::/48",
    "guid": _uuid(4),
    "uuid4": _uuid(4),
    "uuid7": _uuid(7),
    "nanoid": _chars(_LETTERS + _LETTERS.upper() + _DIGITS, 21),
    "cuid": lambda rng, _words, _least: "c" + "".join(rng.choices(_LETTERS + _DIGITS, k=24)),
    "cuid2": lambda rng, _words, _least: "c" + "".join(rng.choices(_LETTERS + _DIGITS, k=23)),
    "ulid": lambda rng, _words, _least: "01" + "".join(rng.choices(_CROCKFORD, k=24)),
    "xid": _chars(_DIGITS + _LETTERS[:22], 20),
    "ksuid": _chars(_LETTERS + _LETTERS.upper() + _DIGITS, 27),
    "jwt": _jwt,
    "emoji": _one_of("🙂", "🚀", "🌦", "🎉", "🍋"),
    "decimal": lambda rng, _words, _least: f"{rng.randint(1, 500)}.{rng.randint(0, 99):02}",
    "int32": lambda rng, _words, _least: str(rng.randint(1, 1000)),
    "int64": lambda rng, _words, _least: str(rng.randint(1, 1000)),
}
"""The formats that can be written; the text of all others is as if there were no format."""

BRIEF: Final = {
    "email": "a@b.co", "idn-email": "a@b.co", "hostname": "a.co", "idn-hostname": "a.co",
    "uri": "a:b", "iri": "a:b", "uri-reference": "/", "iri-reference": "/", "uri-template": "/",
    "ipv4": "1.1.1.1", "ipv6": "::", "json-pointer": "", "relative-json-pointer": "0",
    "regex": "a", "duration": "P1D", "time": "12:00:00Z",
}  # fmt: skip
"""The shortest text there is of a format, or nearly so, for when there is little room."""
