"""Request validation: the order of the API's checks, and how strictly they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from mockserver.schema.abilities import check_abilities
from mockserver.schema.base import Json
from mockserver.schema.checks import array_check, value_check
from mockserver.schema.coherence import check_coherence
from mockserver.schema.errors import ApiError
from mockserver.schema.faults import Fault, elide, enumerate_quoted, unknown, wrong_type
from mockserver.schema.input import item_check
from mockserver.schema.limits import Check
from mockserver.schema.mending import mended, mended_list
from mockserver.schema.request import (
    COMPACT_FIELDS,
    COUNT_FIELDS,
    DEFAULT_INPUT,
    DEFAULT_MODEL,
    CompactResponse,
    CountTokens,
    CreateResponse,
)
from mockserver.schema.shape import keys
from mockserver.schema.spelling import suggest

Mode: TypeAlias = Literal["strict", "lenient", "off", "mend"]
"""What is refused: all that the API refuses, only what cannot be served, or nothing.

Mending refuses nothing either, and lets nothing stay that the API would refuse.
"""

_Request = TypeVar("_Request", bound=CreateResponse)

_MOVED: Final = {
    "messages": "input",
    "response_format": "text.format",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
}
"""Chat parameters that the API knows under another name here."""

_CONTEXT: Final = ("previous_response_id", "prompt", "conversation")
"""Parameters that bring a context along, so that there need not be an input."""


@dataclass(frozen=True)
class _Door(Generic[_Request]):
    """One endpoint's parameters: its request, and which of the fields of it are taken."""

    request: type[_Request]
    names: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    @cached_property
    def strict(self) -> Mapping[str, Check]:
        """The checks of the parameters in the API's order."""
        return self._checks(strict=True)

    @cached_property
    def lenient(self) -> Mapping[str, Check]:
        """The same checks, refusing only what cannot be served."""
        return self._checks(strict=False)

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The place of each parameter in the API's order."""
        return {name: rank for rank, name in enumerate(self.strict)}

    @cached_property
    def others(self) -> frozenset[str]:
        """The parameters of a request that this endpoint does not take."""
        return frozenset(keys(self.request)) - frozenset(self.strict)

    def _checks(self, *, strict: bool) -> dict[str, Check]:
        return {
            name: value_check(*key, (), strict)
            for name, key in keys(self.request).items()
            if name in self.names or not self.names
        }


_CREATE: Final = _Door(CreateResponse, needs=frozenset(("model", "input")))
_COUNT: Final = _Door(CountTokens, COUNT_FIELDS)
_COMPACT: Final = _Door(CompactResponse, COMPACT_FIELDS, needs=frozenset(("model",)))


def parse_request(body: Json, *, mode: Mode = "strict") -> CreateResponse:
    """Check a request to create a response; raise ApiError as the API would (api-contract §9.4).

    This is ``read_request`` and ``check_request`` in one; a caller that looks up the state the
    request refers to does so between the two.
    """
    request = read_request(body, mode=mode)
    check_request(request, mode=mode)
    return request


def parse_input_tokens(body: Json, *, mode: Mode = "strict") -> CreateResponse:
    """Check a request to count input tokens, which may leave everything out (api-contract §1.5)."""
    return _read(body, _COUNT, mode)


def parse_compact(body: Json, *, mode: Mode = "strict") -> CreateResponse:
    """Check a request to compact a context (api-contract §1.6)."""
    return _read(body, _COMPACT, mode)


def read_request(body: Json, *, mode: Mode = "strict") -> CreateResponse:
    """Check what can be checked of each parameter alone: steps 2 to 5 of api-contract §9.4."""
    return _read(body, _CREATE, mode)


def check_request(
    request: CreateResponse, *, mode: Mode = "strict", needs_input: bool = True
) -> None:
    """Check emptiness, what the model can do, and what does not fit: the steps after the state."""
    if mode != "strict":
        return
    context = request.input or any(getattr(request, name) is not None for name in _CONTEXT)
    if needs_input and not context:
        raise ApiError(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' "
            "must be provided.",
            code="missing_required_parameter",
        )
    try:
        check_abilities(request)
        check_coherence(request)
    except RecursionError:
        raise ApiError.invalid_json() from None


def mended_request(body: Json) -> Json:
    """Return a request to create a response without what the API refuses; a gap is filled."""
    return _mended(body, _CREATE)


def servable_input(value: Any) -> str | list[Json]:
    """Return an unchecked input without the items that cannot be served, empty if none is left."""
    if isinstance(value, str):
        return value
    kept: str | list[Json] = _salvaged({"input": value}, _CREATE).get("input") or ""
    return kept


def check_items(items: Any, *, mode: Mode = "strict", name: str = "items") -> None:
    """Check a list of input items that stands under this name, as conversations take it."""
    if mode != "off":
        listed = array_check(item_check(mode == "strict"), "an array of input items")
        _check(listed, items, name)


def _read(body: Json, door: _Door[_Request], mode: Mode) -> _Request:
    if mode == "off":
        return door.request(_salvaged(body, door))
    if mode == "mend":
        return door.request(_mended(body, door))
    _require(body, door, mode)
    checks = door.strict if mode == "strict" else door.lenient
    if mode == "strict":
        _refuse_unknown(body, checks)
    ranks = door.ranks
    for name in sorted(body, key=lambda name: ranks.get(name, 0)):
        value = body[name]
        if value is None and name in door.needs:
            # The API tells of null here as of a string that went wrong.
            raise wrong_type("a string", {}).under(name).error()
        if name in checks:
            _check(checks[name], value, name)
    if mode == "strict":
        _refuse_both(body)
    return door.request(
        body if None not in body.values() and door.others.isdisjoint(body) else _given(body, door)
    )


def _require(body: Json, door: _Door[_Request], mode: Mode) -> None:
    """Raise if the model or the input is missing; old names of parameters are told in between."""
    has_prompt = body.get("prompt") is not None
    if "model" in door.needs and "model" not in body and not has_prompt:
        raise ApiError.missing("model")
    if "input" not in door.needs:
        return
    if mode == "strict":
        for name, successor in _MOVED.items():
            if name in body:
                raise _moved(name, successor)
    if "input" not in body and all(body.get(name) is None for name in _CONTEXT):
        raise ApiError.missing("input")


def _moved(name: str, successor: str) -> ApiError:
    return ApiError(
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
        f"'{successor}'. Try again with the new parameter. See the API documentation for more "
        "information: https://platform.openai.com/docs/api-reference/responses/create.",
        code="unsupported_parameter",
    )


def _refuse_unknown(body: Json, known: Mapping[str, Check]) -> None:
    for name in body:
        if name not in known:
            raise unknown(name, suggest(name, known, body)).error()


def _refuse_both(body: Json) -> None:
    """Raise if the context is given in two ways; the empty quotes are the API's."""
    if body.get("previous_response_id") is not None and body.get("conversation") is not None:
        names = enumerate_quoted((elide("previous_response_id"), "conversation"), "or")
        raise ApiError(
            f"Mutually exclusive parameters: ''. Ensure you are only providing one of: {names}.",
            code="mutually_exclusive_parameters",
        )


def _check(check: Check, value: Any, name: str) -> None:
    try:
        check(value)
    except Fault as fault:
        raise fault.under(name).error() from None
    except RecursionError:
        raise ApiError.invalid_json() from None


def _given(body: Json, door: _Door[_Request]) -> Json:
    """Leave out parameters that are null, which is as good as absent, and other endpoints' ones."""
    return {
        name: value
        for name, value in body.items()
        if name not in door.others and (value is not None or name not in door.lenient)
    }


def _salvaged(body: Json, door: _Door[_Request]) -> Json:
    """Return the body without the parameters, items and tools that cannot be served."""
    kept = _given(body, door)
    for name, check in door.lenient.items():
        if name in kept and not _passes(check, kept[name]):
            value = kept.pop(name)
            if name in ("input", "tools") and isinstance(value, list):
                kept[name] = [member for member in value if _passes(check, [member])]
    if not kept.get("model"):
        kept["model"] = DEFAULT_MODEL
    return kept


def _mended(body: Json, door: _Door[_Request]) -> Json:
    """Return what is good about a body; what it needs and lacks is filled in."""
    kept: Json = {}
    for name, check in door.strict.items():
        value = body.get(name)
        mend = mended_list if isinstance(value, list) else mended
        if value is not None and (good := mend(value, check)) is not None:
            kept[name] = good
    if kept.get("conversation") is not None:
        kept.pop("previous_response_id", None)
    if not kept.get("model"):
        kept["model"] = DEFAULT_MODEL
    if "input" in door.needs and all(kept.get(name) is None for name in ("input", *_CONTEXT)):
        kept["input"] = DEFAULT_INPUT
    return kept


def _passes(check: Check, value: Any) -> bool:
    try:
        check(value)
    except (Fault, RecursionError):
        return False
    return True
