"""A receiver of webhooks, which notes what it gets and answers as it is told."""

from __future__ import annotations

import json
import ssl
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from time import sleep
from typing import Any, NamedTuple

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdHM="


class Received(NamedTuple):
    """A request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The event it tells of."""
        document: dict[str, Any] = json.loads(self.body)
        return document


class Receiver:
    """Listens on a free port of this machine; ``statuses`` are its next answers, then 204.

    With ``tls`` it is met by that name of the machine which certificates can be made out to.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.statuses: deque[int] = deque()
        self.pause = 0.0
        self.mail: Queue[Received] = Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                sleep(receiver.pause)
                self.send_response(receiver.statuses.popleft() if receiver.statuses else 204)
                self.send_header("location", "http://198.51.100.1/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()
                receiver.mail.put(Received(headers, body))

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://localhost:{self._server.server_port}/webhook"

    def __enter__(self) -> Receiver:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Received:
        """Return what comes next, within seconds."""
        return self.mail.get(timeout=10)

    def quiet(self) -> bool:
        """Tell whether nothing has come that was not taken."""
        return self.mail.empty()
