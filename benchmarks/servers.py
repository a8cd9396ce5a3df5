"""The servers under load, each in a process of its own on a loopback port (Linux only)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_FLOOR = Path(__file__).with_name("floor.py")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server: the port it listens on, and its process."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the processor seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Return the resident memory of the process in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert match is not None
        return int(match[1]) / 1024


@contextmanager
def mockserver(*flags: str) -> Iterator[Server]:
    """Run ``mockserver serve`` on a free port."""
    with _spawned([sys.executable, "-m", "mockserver", "serve", "--port", "0", *flags]) as server:
        yield server


@contextmanager
def floor(answer: bytes, *, stream: bool) -> Iterator[Server]:
    """Run the bare handler that sends the headers and the body of ``answer`` again and again."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    fields = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:]]
    body = b"".join(_chunks(rest)) if stream else rest
    plan = {"headers": fields, "body": body.decode(), "stream": stream}
    with _spawned([sys.executable, str(_FLOOR)], json.dumps(plan)) as server:
        yield server


@contextmanager
def _spawned(command: list[str], plan: str = "") -> Iterator[Server]:
    # A package that is installed has its bytecode written, whatever this shell asks for.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(plan)
            process.stdin.close()
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError(f"{' '.join(command)} did not start")
            yield Server(urlsplit(url).port or 0, process.pid)
        finally:
            process.terminate()


def _chunks(rest: bytes) -> Iterator[bytes]:
    """Yield the chunks of a body in chunked transfer coding."""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        yield rest[:length]
        rest = rest[length + 2 :]
