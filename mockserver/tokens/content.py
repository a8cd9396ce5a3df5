"""The texts and media inside an item, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.tokens.declaration import declare, spell
from mockserver.tokens.media import SOUND, count_file, count_image
from mockserver.tokens.tokenizer import Tokenizer

_UNREAD: Final = frozenset(
    {
        "id",
        "type",
        "status",
        "role",
        "phase",
        "call_id",
        "caller",
        "execution",
        "fingerprint",
        "container_id",
        "file_id",
        "vector_store_id",
        "server_label",
        "approval_request_id",
        "encrypted_content",
        "annotations",
        "logprobs",
        "environment",
        "outcome",
        "acknowledged_safety_checks",
        "pending_safety_checks",
        "size",
        "quality",
        "background",
        "output_format",
    }
)
"""Keys of items and parts that the model does not read as text: handles, states, ciphertext."""

_CIPHER_FREE: Final = 950
"""Characters of encrypted content that stand for nothing."""
_CIPHER_STEP: Final = 6.5
"""Characters of encrypted content per token beyond that."""


def kind_of(item: Mapping[str, Any]) -> str:
    """Give an item's or tool's type, or an empty string where it has none."""
    kind = item.get("type")
    return kind if isinstance(kind, str) else ""


def count_content(tokenizer: Tokenizer, item: Mapping[str, Any], *, model: str = "") -> int:
    """Give the tokens of everything the model reads in an item or part, without any frame."""
    total = 0
    pending: list[tuple[str, object]] = [("", item)]
    while pending:
        name, value = pending.pop()
        if isinstance(value, str):
            total += tokenizer.count(value)
        elif isinstance(value, list):
            total += count_tools(tokenizer, value) if name == "tools" else 0
            pending.extend((name, member) for member in value if name != "tools")
        elif isinstance(value, dict):
            media = _count_medium(tokenizer, value, model)
            total += media or 0
            if media is None:
                pending.extend(_read(name, value))
    return total


def count_tools(tokenizer: Tokenizer, tools: list[Any]) -> int:
    """Give the tokens of tools that an item brings into the context."""
    return sum(tokenizer.count(declare(tool)) for tool in tools if isinstance(tool, dict))


def count_cipher(tokenizer: Tokenizer, item: Mapping[str, Any]) -> int:
    """Give the tokens of what only the server can read, from its length or else its summary."""
    secret = item.get("encrypted_content")
    if isinstance(secret, str):
        return max(0, int((len(secret) - _CIPHER_FREE) / _CIPHER_STEP))
    return count_content(tokenizer, item)


def _read(name: str, value: Mapping[str, Any]) -> list[tuple[str, object]]:
    """Give what is to be read of an object: arguments and actions as JSON, else its members."""
    if name in ("arguments", "action", "actions", "operation"):
        return [("", spell({key: member for key, member in value.items() if key != "sources"}))]
    return [(key, member) for key, member in value.items() if key not in _UNREAD]


def _count_medium(tokenizer: Tokenizer, part: Mapping[str, Any], model: str) -> int | None:
    match kind_of(part):
        case "input_image" | "computer_screenshot" | "image_generation_call":
            return count_image(part, model=model)
        case "input_file":
            return count_file(tokenizer, part)
        case "input_audio":
            return SOUND
        case _:
            return None
