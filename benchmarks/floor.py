"""The floor: a bare aiohttp handler that sends the same bytes over and over.

It reads from stdin what to send, ``{"headers": [[name, value], ...], "body": text,
"stream": bool}``, and prints its URL.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import uvloop
from aiohttp import web

_OF_TRANSPORT = frozenset({"content-length", "transfer-encoding", "date", "server", "connection"})
"""Headers that aiohttp sets on its own."""


def application(plan: dict[str, Any]) -> web.Application:
    """Return the application with its one route."""
    body = plan["body"].encode()
    headers = {key: value for key, value in plan["headers"] if key.lower() not in _OF_TRANSPORT}

    async def whole(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers=headers)

    async def streamed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(body)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_post("/v1/responses", streamed if plan["stream"] else whole)
    return app


async def main() -> None:
    """Serve until the process is ended."""
    runner = web.AppRunner(application(json.load(sys.stdin)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
