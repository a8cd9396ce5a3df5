"""Plain vcrpy cassettes that a verb writes: scanned, read back and put in place whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mockserver.cassette import CassetteError, layout, saving, scan, writer
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.lock import locked
from mockserver.cassette.reader import Opened, open_file

PLAIN: Final = "vcrpy"
"""The dialect that is written."""
_YAML: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Bodies:
    """How many bodies that are not empty there are, and their bytes."""

    count: int
    size: int

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Bodies:
        """Count the bodies of both sides."""
        bodies = [body for each in exchanges for body in (each.request_body, each.body) if body]
        return cls(len(bodies), sum(map(len, bodies)))


def served(opened: Opened) -> list[Exchange]:
    """Return the exchanges as they are served: bodies decompressed, connection headers gone."""
    return [
        replace(layout.exchange(each), replay=exchange.replay)
        for exchange, each in zip(opened.exchanges, opened.interactions, strict=True)
    ]


def put(path: Path, exchanges: Sequence[Exchange], *, keep_secrets: bool = False) -> None:
    """Write a cassette, and read it back before anything counts as written.

    Raise CassetteError, leaving what was there, when a secret is found in what would be written,
    when a body would be lost or changed, and when the place cannot be written.
    """
    raw = writer.dump(exchanges)
    findings = [] if keep_secrets else scan.find(raw)
    if findings:
        raise CassetteError(
            f"nothing is written, since it would hold a secret: {findings[0]}; hide it with "
            "--redact-field or --redact-pattern, or keep it with --keep-secrets",
            path=path,
        )
    saving.prepare(path)
    trial = path.with_name(f".{path.name}.trial.yaml")
    try:
        trial.write_bytes(raw)
        _compare(exchanges, open_file(trial, strict=True, warn=_hush), path)
        with locked(path):
            saving.replace(path, raw)
    except OSError as fault:
        raise CassetteError(f"cannot be written: {fault.strerror or fault}", path=path) from None
    finally:
        trial.unlink(missing_ok=True)


def _hush(_sentence: str) -> None:
    """Say nothing: what is odd in the copy is odd in what was read."""


def _compare(expected: Sequence[Exchange], found: Opened, path: Path) -> None:
    """Raise CassetteError unless every body comes back as it was."""
    if len(found.interactions) != len(expected):
        raise CassetteError(
            f"{len(expected)} interactions went in and {len(found.interactions)} came out",
            path=path,
        )
    for number, (one, other) in enumerate(zip(expected, found.exchanges, strict=True), 1):
        if (one.request_body, one.body) != (other.request_body, other.body):
            raise CassetteError("a body came out changed", path=path, interaction=number)


def only_plain(opened: Opened) -> None:
    """Raise CassetteError for a file that cannot be written back in its own dialect."""
    suffix = opened.path.suffix.lower()
    if opened.dialect == PLAIN and suffix in _YAML:
        return
    what, mend = opened.dialect, "turn it into one with 'mockserver cassette import'"
    if suffix == ".gz":
        what, mend = "compressed", f"unpack it with gunzip, or {mend}"
    elif opened.dialect == PLAIN:
        what = f"a file with the ending '{suffix}'" if suffix else "a file without an ending"
    raise CassetteError(
        f"only plain vcrpy cassettes in YAML are changed in place, and this is {what}; {mend}",
        path=opened.path,
    )
