"""The API's errors: status, the four-key envelope and the headers that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

INVALID_REQUEST: Final = "invalid_request_error"


class ApiError(Exception):
    """An error the API answers with; raised anywhere below ``web`` and rendered there once.

    Attributes: ``status`` the HTTP status, ``message``, ``type``, ``param`` and ``code`` the four
    keys of the envelope (api-contract §9.1), ``headers`` further response headers, ``rule`` the
    rule that it comes from, if one failed.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = INVALID_REQUEST,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = dict(headers or {})
        self.rule = rule

    def body(self) -> dict[str, Any]:
        """Return the envelope: exactly four keys, in the API's order (api-contract §9.1)."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }

    @classmethod
    def recorded(cls, status: int, error: Any) -> Self:
        """An error as a recording has it, which may lack anything but its status."""
        found = error if isinstance(error, dict) else {}
        return cls(
            str(found.get("message") or f"The recorded answer has the status {status}."),
            status=status,
            type=str(found.get("type") or "api_error"),
            param=found.get("param"),
            code=found.get("code"),
        )

    @classmethod
    def invalid_json(cls) -> Self:
        """The body is not a JSON object that can be read (api-contract §9.4)."""
        return cls(
            "Invalid body: failed to parse JSON value. Please check the value to ensure it is "
            "valid JSON. (Common errors include trailing commas, missing closing brackets, "
            "missing quotation marks, etc.)",
            code="invalid_json",
        )

    @classmethod
    def invalid_url(cls, method: str, path: str) -> Self:
        """No such route, or the route does not know the method (api-contract §9.1)."""
        return cls(f"Invalid URL ({method} {path})", status=404)

    @classmethod
    def fault(cls) -> Self:
        """Something went wrong that is no fault of the client's (api-contract §9.2)."""
        return cls(
            "The server had an error while processing your request. Sorry about that!",
            status=500,
            type="server_error",
        )

    @classmethod
    def no_key(cls) -> Self:
        """The request has no bearer token (api-contract §9.2)."""
        return cls(
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            status=401,
        )

    @classmethod
    def missing(cls, param: str) -> Self:
        """A required parameter is not there (api-contract §9.4)."""
        return cls(
            f"Missing required parameter: '{param}'.",
            param=param,
            code="missing_required_parameter",
        )

    @classmethod
    def response_not_found(cls, response_id: str) -> Self:
        """No stored response has this id (api-contract §9.2)."""
        return cls(f"Response with id '{response_id}' not found.", status=404)

    @classmethod
    def previous_response_not_found(cls, response_id: str) -> Self:
        """The chain's parent is unknown: 400, not 404 (api-contract §9.4)."""
        return cls(
            f"Previous response with id '{response_id}' not found.",
            param="previous_response_id",
            code="previous_response_not_found",
        )

    @classmethod
    def model_not_found(cls, model: str, *, status: int = 400) -> Self:
        """The model is unknown: 400 on create, 404 on ``/models/{id}`` (api-contract §9.4)."""
        return cls(
            f"The requested model '{model}' does not exist.",
            status=status,
            param="model",
            code="model_not_found",
        )


class MockError(ApiError):
    """An error of this server's own, which the API never gives: to ask again changes nothing."""

    def __init__(
        self, message: str, code: str, *, status: int = 424, rule: str | None = None
    ) -> None:
        super().__init__(
            message,
            status=status,
            type="mock_server_error",
            code=code,
            headers={"x-should-retry": "false"},
            rule=rule,
        )
