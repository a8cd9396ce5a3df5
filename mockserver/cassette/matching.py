"""What makes two requests equal: chosen criteria, what is ignored, and functions of the user."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final, Self

import orjson

from mockserver.cassette import custom, redact
from mockserver.cassette.criteria import CRITERIA, DEFAULT, HEADER, Criterion, of_header
from mockserver.cassette.custom import Matcher, Normaliser
from mockserver.cassette.differences import Difference
from mockserver.cassette.fingerprint import Fingerprint, exact, loose
from mockserver.cassette.request import Request

_WIDTH: Final = 120


@dataclass(frozen=True, slots=True)
class Matching:
    """The rule by which a recording answers a request.

    ``criteria`` are names of vcrpy's matchers or ``header:NAME``; all have to be equal, and so have
    all ``matchers`` to agree. ``normalisers`` change both sides before they are compared.
    """

    criteria: tuple[str, ...] = DEFAULT
    matchers: tuple[Matcher, ...] = ()
    normalisers: tuple[Normaliser, ...] = ()

    @classmethod
    def of(
        cls,
        match_on: Sequence[str | Matcher] = (),
        *,
        ignore_body: Iterable[str] = (),
        normalise: Iterable[str | Normaliser] = (),
    ) -> Self:
        """Return the rule for names and functions; a function may be named ``module:function``.

        Matchers alone are asked about recordings of the same method and path. ``ignore_body`` are
        JSON paths of values that do not count. Raise ValueError for a name that stands for nothing.
        """
        names = tuple(name for name in match_on if isinstance(name, str) and _is_name(name))
        for name in names:
            if name not in CRITERIA and not name.startswith(HEADER):
                known = ", ".join([*CRITERIA, f"{HEADER}NAME"])
                raise ValueError(
                    f"match_on: there is no matcher {name!r}; there are {known}, and functions as "
                    "module:function"
                )
        others = [found for found in match_on if not isinstance(found, str) or not _is_name(found)]
        ignoring = custom.ignoring(ignore_body)
        if set(names) == set(DEFAULT):
            names = DEFAULT
        return cls(
            criteria=names or (("method", "path") if others else DEFAULT),
            matchers=tuple(map(custom.function, others)),
            normalisers=(
                *([ignoring] if ignoring.paths else []),
                *map(custom.function, normalise),
            ),
        )

    @property
    def widens(self) -> bool:
        """Whether requests with different bodies may be equal; then the most alike come first."""
        return not {"body", "raw_body"} & set(self.criteria)

    def prepared(self, request: Request) -> Request:
        """Return the request as it is compared; raise CassetteError when a normaliser fails."""
        for normaliser in self.normalisers:
            request = custom.normalised(normaliser, request)
        return request

    def strict(self, request: Request) -> Fingerprint:
        """Return the key that is tried first: all criteria, and the exact body (vcr §4.2, F0)."""
        if self.criteria == DEFAULT:
            return request.exact
        if "raw_body" in self.criteria:
            return self._digest(request, b"")
        return self._digest(request, exact(_placeless(request)))

    def wide(self, request: Request) -> Fingerprint:
        """Return the key that is tried next: blind to ids (vcr §4.2, F1), or to the whole body."""
        if self.criteria == DEFAULT:
            return request.loose
        if "body" in self.criteria and "raw_body" not in self.criteria:
            return self._digest(request, loose(_placeless(request)))
        return self._digest(request, b"")

    def agrees(self, recorded: Request, asked: Request) -> bool:
        """Tell whether every matcher says yes; raise CassetteError when one fails."""
        return all(custom.says_yes(matcher, recorded, asked) for matcher in self.matchers)

    def refusals(self, recorded: Request, asked: Request) -> Iterator[str]:
        """Yield what stands against a recording beside its query and body, a sentence each."""
        for name in self.criteria:
            criterion = _criterion(name)
            if criterion is not None and name not in DEFAULT:
                one, other = criterion(recorded), criterion(asked)
                if one != other:
                    yield str(Difference(name, _shown(one, name), _shown(other, name)))
        for matcher in self.matchers:
            if not custom.says_yes(matcher, recorded, asked):
                yield f"the matcher {custom.name(matcher)} says no"

    def told(self) -> str:
        """Return a sentence on a rule that is not the default one, else nothing."""
        if self == Matching():
            return ""
        matched = ", ".join([*self.criteria, *map(custom.name, self.matchers)])
        changed = (
            f" after {', '.join(map(custom.name, self.normalisers))}" if self.normalisers else ""
        )
        return f"Requests match on {matched}{changed}."

    def _digest(self, request: Request, body: bytes) -> Fingerprint:
        found = [_criterion(name) for name in self.criteria]
        values = orjson.dumps([criterion(request) for criterion in found if criterion])
        return blake2b(values + b"\0" + body, digest_size=16, person=b"chosen").digest()


def _is_name(text: str) -> bool:
    return ":" not in text or text.startswith(HEADER)


def _criterion(name: str) -> Criterion | None:
    return of_header(name.removeprefix(HEADER)) if name.startswith(HEADER) else CRITERIA[name]


def _placeless(request: Request) -> Any:
    """Return the canonical request with nothing but its body."""
    return replace(request.canonical, method="", path="", query=())


def _shown(value: Any, name: str) -> str:
    """Return a value of a criterion as it may be shown: headers may hold keys."""
    if value is None:
        return "nothing"
    header = name.removeprefix(HEADER)
    shown = orjson.dumps(redact.document({header: value})[header]).decode()
    return shown if len(shown) <= _WIDTH else shown[:_WIDTH] + "…"
