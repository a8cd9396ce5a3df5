"""Our endpoints and the requests they take against the SDK's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockserver.drift.accepted import Accepting
from mockserver.drift.compare import Finding, compare_kinds
from mockserver.drift.sdk import Sdk
from mockserver.openapi.operations import OPERATIONS, Operation
from mockserver.schema.shape import keys

_NAME: Final = re.compile(r"\{[^}]*\}")

_BODIES: Final[Mapping[str, tuple[str, str]]] = {
    "POST /responses": ("responses.response_create_params", "ResponseCreateParamsBase"),
    "POST /responses/compact": ("responses.response_compact_params", "ResponseCompactParams"),
    "POST /responses/input_tokens": (
        "responses.input_token_count_params",
        "InputTokenCountParams",
    ),
    "POST /conversations": (
        "conversations.conversation_create_params",
        "ConversationCreateParams",
    ),
    "POST /conversations/{id}": (
        "conversations.conversation_update_params",
        "ConversationUpdateParams",
    ),
    "POST /webhook_endpoints": ("webhooks.webhook_create_params", "WebhookCreateParams"),
    "POST /webhook_endpoints/{id}": ("webhooks.webhook_update_params", "WebhookUpdateParams"),
    "POST /webhook_endpoints/{id}/rotate_secret": (
        "webhooks.webhook_rotate_secret_params",
        "WebhookRotateSecretParams",
    ),
    "POST /webhook_endpoints/{id}/test": ("webhooks.webhook_test_params", "WebhookTestParams"),
}
_QUERIES: Final[Mapping[str, tuple[str, str]]] = {
    "GET /responses/{id}": ("responses.response_retrieve_params", "ResponseRetrieveParamsBase"),
    "GET /responses/{id}/input_items": (
        "responses.input_item_list_params",
        "InputItemListParams",
    ),
    "GET /conversations/{id}/items": ("conversations.item_list_params", "ItemListParams"),
    "GET /conversations/{id}/items/{item_id}": (
        "conversations.item_retrieve_params",
        "ItemRetrieveParams",
    ),
    "GET /webhook_endpoints": ("webhooks.webhook_list_params", "WebhookListParams"),
}
"""Where the SDK declares what a body or a query may hold."""


def compare_endpoints(sdk: Sdk) -> list[Finding]:
    """Compare the endpoints there are; what a path calls its parts does not matter."""
    ours = {_NAME.sub("{}", name) for name in OPERATIONS}
    return compare_kinds("endpoint", ours, sdk.endpoints())


def compare_requests(sdk: Sdk, beyond: Iterable[Any]) -> list[Finding]:
    """Compare the bodies and queries that endpoints take, and all within them.

    ``beyond`` are the classes of ours that have been compared as parts of something else.
    """
    findings: list[Finding] = []
    for table, part in ((_BODIES, "body"), (_QUERIES, "query")):
        for name, place in table.items():
            accepting, operation = Accepting(beyond), OPERATIONS[name]
            ours: Any = getattr(operation, part)
            found = accepting.compare(f"{part} of {name}", ours, [sdk.find(*place)])
            findings += [each for each in found if _counts(operation, each)]
    return findings


def _counts(operation: Operation, finding: Finding) -> bool:
    """Tell whether a finding is not of a key that the endpoint leaves to another."""
    if operation.only is None or operation.body is None:
        return True
    others = keys(operation.body).keys() - operation.only
    return not any(finding.what.startswith(f"'{key}' is not known") for key in others)
