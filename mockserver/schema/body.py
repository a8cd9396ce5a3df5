"""A request body checked as a whole, at the endpoints with few parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.schema.base import Json
from mockserver.schema.checks import checker
from mockserver.schema.errors import ApiError
from mockserver.schema.faults import Fault, missing, unknown
from mockserver.schema.mending import mended
from mockserver.schema.shape import Shape, keys
from mockserver.schema.spelling import suggest
from mockserver.schema.validation import Mode


def check_body(
    body: Json, shape: type[Shape], *, mode: Mode = "strict", fill: Mapping[str, Any] | None = None
) -> Json:
    """Return a body of this shape; raise the API's 400 for another: what is missing comes first.

    Checks that are not strict let unknown parameters pass; with mode ``off`` everything does.
    Mending takes out what is wrong, and what is required and missing from ``fill``.
    """
    if mode == "off":
        return body
    if mode == "mend":
        fill = fill or {}
        return mended(body, checker(shape, True), fill) or dict(fill)
    known = keys(shape)
    try:
        for name, key in known.items():
            if key.required and name not in body:
                raise missing(name)
        for name in body:
            if mode == "strict" and name not in known:
                raise unknown(name, suggest(name, known, body))
        checker(shape, mode == "strict")(body)
    except Fault as fault:
        raise fault.error() from None
    except RecursionError:
        raise ApiError.invalid_json() from None
    return body
