"""Record the cassettes of this project anew: ``python tests/record_samples.py [FOLDER]``.

vcrpy records the official SDK while it talks to a server that makes its answers up.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import vcr
from openai import OpenAI
from samples import CASSETTES, SAMPLES

from mockserver import MockServer

_KEPT_REQUEST_HEADERS = {"accept", "content-type"}
_DROPPED_RESPONSE_HEADERS = {"date", "server"}


def record(folder: Path) -> None:
    """Record every sample into a folder, each from a fresh server."""
    for name, play in SAMPLES.items():
        path = folder / f"{name}.yaml"
        path.unlink(missing_ok=True)
        with MockServer() as server, _recorder(server.url).use_cassette(str(path)):
            play(OpenAI(base_url=server.url, api_key="sk-mockserver", max_retries=0))


def _recorder(url: str) -> vcr.VCR:
    def as_the_api(request: Any) -> Any:
        """Name the API's own address, so that the cassette replays in any tool."""
        request.uri = request.uri.replace(url, "https://api.openai.com/v1")
        request.headers = {
            key: value
            for key, value in request.headers.items()
            if key.lower() in _KEPT_REQUEST_HEADERS
        }
        return request

    def stable(response: dict[str, Any]) -> dict[str, Any]:
        response["headers"] = {
            key: value
            for key, value in response["headers"].items()
            if key.lower() not in _DROPPED_RESPONSE_HEADERS
        }
        return response

    return vcr.VCR(
        record_mode="once",
        before_record_request=as_the_api,
        before_record_response=stable,
        decode_compressed_response=True,
    )


if __name__ == "__main__":
    record(Path(sys.argv[1]) if len(sys.argv) > 1 else CASSETTES)
