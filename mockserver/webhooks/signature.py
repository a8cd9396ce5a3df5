"""Signatures of webhook deliveries, as Standard Webhooks has them (api-contract §10.5)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
_FORGERY: Final = b"not the secret"


def signed_headers(
    message_id: str, body: bytes, secrets: Iterable[str], unix: int, *, forged: bool = False
) -> dict[str, str]:
    """Return the headers of a delivery at a unix second: id, timestamp, a signature per secret.

    A ``forged`` one is signed with none of the secrets, as by somebody who does not know them.
    """
    content = f"{message_id}.{unix}.".encode() + body
    keys = [_FORGERY] if forged else [_key(secret) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(unix),
        "webhook-signature": " ".join(f"v1,{_sign(key, content)}" for key in keys),
    }


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        return b64decode(secret.removeprefix(PREFIX))
    return secret.encode()


def _sign(key: bytes, content: bytes) -> str:
    return b64encode(hmac.new(key, content, sha256).digest()).decode()
