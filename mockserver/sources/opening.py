"""What a record mode needs, made from the settings: cassettes, an upstream, a recorder."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mockserver.config import Settings

if TYPE_CHECKING:
    from mockserver.cassette import Request
    from mockserver.cassette.used import Used
    from mockserver.sources.cassette import Cassettes
    from mockserver.sources.recorder import Recorder
    from mockserver.sources.verification import Verifier
    from mockserver.upstream import Upstream

# What a mode needs is imported when there is one: a server that makes its answers up starts fast.

DEFAULT_PLACE: Final = Path("cassettes")
"""Where recordings go when no cassette was named."""
RECORDING: Final = frozenset({"once", "new_episodes", "all", "rewrite"})
"""The record modes that write."""
_HERE: Final = ("127.0.0.1", "localhost", "::1")
_BLIND: Final = frozenset({"all", "rewrite"})
"""The record modes that never replay."""
_CHANGING: Final = RECORDING - {"once"}
"""The record modes that change cassettes which were there."""
_log = logging.getLogger("mockserver")


def open_cassettes(settings: Settings, used: Used) -> Cassettes | None:
    """Load what there is to replay; None when nothing was named and nothing is required.

    ``used`` gets what is given of it.
    Raises ValueError for a rule of matching that cannot be, and for one on unused recordings in a
    mode without them; CassetteError for what cannot be read.
    """
    mode = settings.record_mode
    if settings.fail_unused and mode in _BLIND:
        raise ValueError(
            f"fail_unused: nothing is replayed in record mode {mode!r}; leave it out, or use "
            "drop_unused"
        )
    if mode in _BLIND or (mode == "none" and not settings.cassettes and not settings.strict):
        return None
    from mockserver.cassette import Library, Matching
    from mockserver.sources.cassette import Cassettes

    paths, repeat = settings.cassettes, settings.repeat
    if mode in RECORDING:
        paths = tuple(path for path in paths or (DEFAULT_PLACE,) if path.exists())
    if mode == "new_episodes":
        # What comes after the last recording of a poll is the upstream's next answer.
        repeat = repeat or "off"
    matching = Matching.of(
        settings.match_on, ignore_body=settings.ignore_body, normalise=settings.normalise
    )
    library = Library.load(paths, repeat=repeat, matching=matching)
    for doubt in (*library.problems, *library.warnings):
        _log.warning("%s", doubt)
    return Cassettes(library, hiding(settings), used)


def hiding(settings: Settings) -> Callable[[Request], Request]:
    """Return what makes of a request the one that would have been recorded, secrets hidden."""
    from mockserver.cassette import redact

    return partial(redact.asked, rules=redact.chosen(settings, os.environ))


def open_upstream(settings: Settings) -> Upstream | None:
    """Return the API that requests are passed on to, None in the mode that does not.

    Raises ValueError for a mode without an upstream, and for one that cannot be used.
    """
    if settings.record_mode == "none":
        return None
    if settings.upstream is None:
        if settings.record_mode == "once" and _is_recorded(_place(settings.cassettes)):
            return None  # all there will ever be is on the cassette
        raise ValueError(
            f"record_mode: {settings.record_mode!r} needs an upstream, such as "
            "https://api.openai.com/v1; name it with --upstream"
        )
    from mockserver.upstream.client import open_upstream as opened

    if _is_itself(settings.upstream, settings):
        raise ValueError(
            "upstream: it is this server itself, which would ask itself for ever; name the API to "
            "record, or serve on another port"
        )
    return opened(
        settings.upstream, ca=settings.upstream_ca, environment_key=settings.environment_key
    )


def _is_itself(url: str, settings: Settings) -> bool:
    """Tell whether an address is the one that is going to be served."""
    try:
        parts = urlsplit(url.strip())
        return parts.port == settings.port and parts.hostname in {settings.host, *_HERE}
    except ValueError:
        return False  # no address, which is told when it is opened


def open_recorder(settings: Settings, cassettes: Cassettes | None, used: Used) -> Recorder | None:
    """Return what records, None in a mode that does not write; what is in ``used`` is not dropped.

    Raises CassetteError when nothing can be written where the recordings are to go, ValueError for
    unused recordings that are to be dropped in a mode that leaves cassettes as they are.
    """
    mode = settings.record_mode
    if settings.drop_unused and mode not in _CHANGING:
        raise ValueError(
            f"drop_unused: record mode {mode!r} leaves cassettes as they are; use it with "
            "new_episodes, all or rewrite"
        )
    if mode not in RECORDING:
        return None
    from mockserver.cassette import redact
    from mockserver.sources.recorder import Place, Recorder

    place = Place(_place(settings.cassettes), split=settings.split == "namespace")
    return Recorder(
        place,
        mode=mode,
        rules=redact.chosen(settings, os.environ),
        cassettes=cassettes,
        used=used,
        only_good=settings.record_status == "2xx",
        drop_unused=settings.drop_unused,
    )


def open_verifier(settings: Settings) -> Verifier | None:
    """Return what compares recordings with the upstream, None but in the mode for it."""
    if settings.record_mode != "verify":
        return None
    from mockserver.sources.verification import Verifier

    return Verifier()


def _is_recorded(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _place(named: tuple[Path, ...]) -> Path:
    return named[0] if named else DEFAULT_PLACE
