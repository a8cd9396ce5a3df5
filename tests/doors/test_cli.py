"""The command line: real processes, their output, exit codes and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from mockserver import __version__
from mockserver.config import OPTIONS
from mockserver.flags.registry import TABLE

REQUESTS = Path(__file__).parents[2] / "fixtures" / "requests"
BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


class Process:
    """A server in a process of its own, on a free port."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", *arguments],
            env=_environment(MOCKSERVER_PORT="0", **environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().rstrip("\n")
        self.client = httpx2.Client(base_url=self.url, timeout=20) if self.url else None

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *problem: object) -> None:
        if self.client is not None:
            self.client.close()
        self.process.kill()
        self.process.communicate()

    def send(self, number: signal.Signals) -> float:
        """Send a signal; return the moment."""
        self.process.send_signal(number)
        return time.monotonic()

    def end(self, within: float = 10) -> tuple[int, str, str]:
        """Wait for the end; return exit code, what was left on stdout, and stderr."""
        out, err = self.process.communicate(timeout=within)
        return self.process.returncode, out, err


def _environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without what would set the server up."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MOCKSERVER_") and k != "PORT"}
    return {**kept, **changes}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "mockserver", *arguments],
        env=_environment(**environment),
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Process]]:
    """Three servers: two with the same seed, the third with another."""
    quick = ("serve", "--queued-seconds=0", "--in-progress-seconds=0")
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda seed: Process(*quick, f"--seed={seed}"), (7, 7, 8)))
    yield made
    for server in made:
        server.__exit__()


def test_serve_prints_the_url_alone_and_how_to_call_it() -> None:
    """Stdout has the URL and nothing else, stderr the how-to; SIGTERM ends it with 0."""
    with Process("serve") as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*/v1", server.url)
        answer = httpx2.post(f"{server.url}/responses", json=BODY)
        assert answer.json()["status"] == "completed"
        sent = server.send(signal.SIGTERM)
        code, out, err = server.end()
        assert time.monotonic() - sent < 3
    assert (code, out) == (0, "")
    assert f"curl {server.url}/responses" in err
    assert f"OPENAI_BASE_URL={server.url}" in err
    assert "Traceback" not in err


def test_record_says_what_it_records_and_where(tmp_path: Path) -> None:
    """Who names no cassettes learns at the start where they will be."""
    place = tmp_path / "tapes"
    with Process("record", "--upstream", "http://127.0.0.1:9/v1", f"--cassettes={place}") as server:
        server.send(signal.SIGTERM)
        _, _, err = server.end()
    assert f"Recording http://127.0.0.1:9/v1 in {place}, mode new_episodes" in err


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_it_does_not_record_itself(host: str, tmp_path: Path) -> None:
    """A base URL that already points to the recorder is refused: each request would never end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    upstream = f"http://{host}:{port}/v1"
    result = run("record", "--upstream", upstream, f"--port={port}", f"--cassettes={tmp_path}")
    assert result.returncode == 3
    assert "upstream: it is this server itself" in result.stderr


def test_serve_is_the_default_verb_and_an_interrupt_ends_it_cleanly() -> None:
    """Flags alone serve as well, and Ctrl-C is a clean stop once it is ready."""
    with Process("--seed", "3", "--require-key") as server:
        assert httpx2.post(f"{server.url}/responses", json=BODY).status_code == 401
        server.send(signal.SIGINT)
        assert server.end()[:2] == (0, "")


def test_the_environment_and_a_file_set_it_up(tmp_path: Path) -> None:
    """Variables and the file they name count; a log of JSON holds JSON alone."""
    file = tmp_path / "settings.json"
    file.write_text('{"scenario": "http:418", "log-format": "json", "log_level": "error"}')
    with Process(MOCKSERVER_CONFIG=str(file), MOCKSERVER_LOG_LEVEL="info") as server:
        assert httpx2.post(f"{server.url}/responses", json=BODY).status_code == 418
        server.send(signal.SIGTERM)
        code, _, err = server.end()
    assert code == 0
    lines = [json.loads(line) for line in err.splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [
        ("info", "stopping; running answers have 10 s")
    ]


def test_sigterm_lets_running_answers_finish() -> None:
    """Streams and plain answers that run are told to their end; nobody new is let in."""
    slow, streamed = {"x-mock-scenario": "ttft:1s,tps:100"}, {**BODY, "stream": True}
    with Process("serve", "--in-progress-seconds=1") as server, ExitStack() as open_:
        stream, background, plain = (
            open_.enter_context(_asked(server.url, body, headers))
            for body, headers in (
                (streamed, slow),
                ({**streamed, "background": True}, {}),
                (BODY, slow),
            )
        )
        sent = server.send(signal.SIGTERM)
        for answer in (stream, background):
            told = answer.getresponse().read()
            assert told.rstrip().rpartition(b"event: ")[2].startswith(b"response.completed")
        assert json.loads(plain.getresponse().read())["status"] == "completed"
        code, _, err = server.end()
        assert time.monotonic() - sent < 6
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(server.url)
    assert code == 0
    assert "stopping" in err
    assert "Traceback" not in err


WITHOUT_HANDLERS = """
import asyncio, sys

def add_signal_handler(*ignored):
    raise NotImplementedError

sys.modules["uvloop"] = None
asyncio.SelectorEventLoop.add_signal_handler = add_signal_handler
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_where_the_loop_takes_none(number: signal.Signals, tmp_path: Path) -> None:
    """As on Windows: it starts, one signal is a clean stop and a second one ends it at once."""
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_HANDLERS, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    with Process("serve", PYTHONPATH=path) as server:
        assert httpx2.post(f"{server.url}/responses", json=BODY).status_code == 200
        server.send(number)
        code, out, err = server.end()
    assert (code, out) == (0, "")
    assert "Traceback" not in err
    with Process("serve", PYTHONPATH=path) as server:
        with httpx2.stream(
            "POST",
            f"{server.url}/responses",
            json={**BODY, "stream": True},
            headers={"x-mock-scenario": "ttft:60s"},
        ) as answer:
            parts = answer.iter_raw()
            next(parts)
            server.send(number)
            with pytest.raises(subprocess.TimeoutExpired):
                server.process.wait(0.5)
            server.send(number)
            assert server.process.wait(5) == 128 + number


@contextmanager
def _asked(url: str, body: dict[str, Any], headers: dict[str, str]) -> Iterator[HTTPConnection]:
    """Give a connection on which a create has begun to be worked on and is not answered yet."""
    raw = json.dumps(body).encode()
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.putrequest("POST", "/v1/responses")
    fields = {"content-length": str(len(raw)), "expect": "100-continue", **headers}
    for name, value in fields.items():
        connection.putheader(name, value)
    connection.endheaders()
    # The server says that it goes on when it has begun, which a sleep could only hope for.
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.sock.recv(len(interim), socket.MSG_WAITALL) == interim
    connection.send(raw)
    yield connection
    connection.close()


@pytest.mark.parametrize("scenario", ["ttft:60s", "queued"])
def test_the_drain_has_an_end(scenario: str) -> None:
    """What takes longer than the drain is cut, and what would never end is not waited for."""
    with Process("serve", "--drain-seconds=0.3") as server:
        with httpx2.stream(
            "POST",
            f"{server.url}/responses",
            json={**BODY, "stream": True},
            headers={"x-mock-scenario": scenario},
        ) as answer:
            parts = answer.iter_raw()
            next(parts)
            sent = server.send(signal.SIGTERM)
            assert server.process.wait(10) == 0
            assert time.monotonic() - sent < 4
        assert "Traceback" not in server.end()[2]


def test_a_second_signal_ends_it_at_once() -> None:
    """While answers are let finish, another signal ends the process with its number."""
    with (
        Process("serve") as server,
        httpx2.stream(
            "POST",
            f"{server.url}/responses",
            json={**BODY, "stream": True},
            headers={"x-mock-scenario": "ttft:60s"},
        ) as answer,
    ):
        parts = answer.iter_raw()
        next(parts)
        server.send(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)
        sent = server.send(signal.SIGTERM)
        assert server.process.wait(5) == 128 + signal.SIGTERM
        assert time.monotonic() - sent < 1


def test_it_cannot_start_on_a_port_that_is_taken() -> None:
    """A taken port is exit code 3, a sentence on stderr and nothing on stdout."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", f"--port={port}")
    assert (result.returncode, result.stdout) == (3, "")
    assert "cannot start: " in result.stderr
    assert str(port) in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--cassettes", "gone.yaml"), "gone.yaml"),
        (("--cassettes", __file__), "test_cli.py"),
        (("--locale", "xx_XX"), "xx_XX"),
    ],
    ids=["gone", "no cassette", "locale"],
)
def test_it_cannot_start_without_what_it_needs(arguments: tuple[str, ...], named: str) -> None:
    """A cassette that cannot be read and an unknown language are exit code 3, and named."""
    result = run("serve", "--port=0", *arguments)
    assert (result.returncode, result.stdout) == (3, "")
    assert "cannot start: " in result.stderr
    assert named in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "text"),
    [
        (("--prot=1",), {}, "--prot"),
        (("serve", "--port=http"), {}, "'http' is not a whole number of 0 to 65535"),
        (("serve", "--strict=maybe"), {}, "not one of true, false, 1, 0"),
        (("serve", "--scenario=fale"), {}, "Unknown scenario flag: 'fale'"),
        (("serve", "extra"), {}, "extra"),
        (("dance",), {}, "dance"),
        (("health", "ftp://x"), {}, "is not an http address"),
        ((), {"MOCKSERVER_SEED": "many"}, "MOCKSERVER_SEED: 'many' is not a whole number"),
        ((), {"PORT": "http"}, "PORT: 'http' is not"),
        ((), {"MOCKSERVER_CONFIG": "/gone.json"}, "/gone.json: cannot be read"),
        (("health",), {"MOCKSERVER_PORT": "x"}, "MOCKSERVER_PORT: 'x' is not"),
    ],
)
def test_wrong_usage_is_told(
    arguments: tuple[str, ...], environment: dict[str, str], text: str
) -> None:
    """Flags, variables and files that make no sense are exit code 2, with a sentence that helps."""
    result = run(*arguments, **environment)
    assert (result.returncode, result.stdout) == (2, "")
    assert text in result.stderr
    assert "Traceback" not in result.stderr


def test_health_of_a_server_that_is_ready(servers: list[Process]) -> None:
    """A ready server is exit code 0, found by its address, its base URL or the settings."""
    url = servers[0].url
    port = url.split(":")[2].partition("/")[0]
    for found in (
        run("health", url),
        run("health", url.removesuffix("v1"), http_proxy="http://127.0.0.1:1"),
        run("health", MOCKSERVER_PORT=port, MOCKSERVER_HOST="0.0.0.0"),
    ):
        assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_health_of_nobody_and_of_somebody_else() -> None:
    """No server, and one that speaks no HTTP, are exit code 1 with a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"http://127.0.0.1:{other.getsockname()[1]}"

        def speak() -> None:
            with other.accept()[0] as connection:
                connection.recv(1024)
                connection.sendall(b"220 ready\r\n")

        with ThreadPoolExecutor(1) as pool:
            pool.submit(speak)
            results = [run("health", address), run("health", "http://127.0.0.1:1")]
    for result in results:
        assert (result.returncode, result.stdout) == (1, "")
        assert "is not ready: " in result.stderr
        assert "Traceback" not in result.stderr


def test_health_names_the_cassettes_that_cannot_be_read(tmp_path: Path) -> None:
    """A bad file in a folder does not keep the server from starting, but it is not well."""
    (tmp_path / "bad.yaml").write_text("interactions: 5\nversion: 1\n")
    with Process("--cassettes", str(tmp_path)) as server:
        result = run("health", server.url)
    assert (result.returncode, result.stdout) == (1, "")
    assert "bad.yaml" in result.stderr


@pytest.mark.parametrize("arguments", [("version",), ("--version",)])
def test_the_version_is_printed(arguments: tuple[str, ...]) -> None:
    """Verb and flag print the same."""
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (0, f"mockserver {__version__}\n")


def test_the_scenarios_are_listed() -> None:
    """Each flag has a line with how it is written, what it does and an example."""
    result = run("scenarios")
    assert result.returncode == 0
    lines = [re.split(r"\s{2,}", line) for line in result.stdout.splitlines()]
    assert lines == [[flag.usage, flag.help, flag.example] for flag in TABLE.values()]


def test_the_table_of_scenarios_is_written_between_its_marks(tmp_path: Path) -> None:
    """The verb replaces what stands between the marks, and says so when there are none."""
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- scenarios -->\nold\n<!-- /scenarios -->\nafter\n")
    assert run("scenarios", "--write", str(file)).returncode == 0
    shown = run("scenarios", "--markdown").stdout
    assert file.read_text() == f"before\n<!-- scenarios -->\n{shown}<!-- /scenarios -->\nafter\n"
    file.write_text("no marks")
    result = run("scenarios", "--write", str(file))
    assert (result.returncode, file.read_text()) == (2, "no marks")
    assert "<!-- scenarios -->" in result.stderr


def test_the_help_lists_every_setting() -> None:
    """Each setting is shown with what it is and its default."""
    result = run("serve", "--help", COLUMNS="500")
    assert result.returncode == 0
    for name, option in OPTIONS.items():
        flag = rf"\n  --{name.replace('_', '-')} \S+(?: -\w \S+)?\s+"
        assert re.search(flag + re.escape(option.metadata["help"]) + r" \(default: ", result.stdout)


Taped = list[tuple[int, bytes, dict[str, str]]]


def _tape(server: Process) -> Taped:
    """Send the same requests; return status, body and headers of every answer."""
    assert server.client is not None
    client, tape = server.client, Taped()

    def call(method: str, path: str, body: Any = None, scenario: str = "") -> bytes:
        headers = {"x-mock-scenario": scenario} if scenario else {}
        answer = client.request(method, path, json=body, headers=headers)
        told = {name: value for name, value in answer.headers.items() if name != "date"}
        tape.append((answer.status_code, answer.content, told))
        return answer.content

    for file in sorted(REQUESTS.glob("*.json")):
        body = json.loads(file.read_text(encoding="utf-8"))
        first = json.loads(call("POST", "/responses", {**body, "stream": False}))
        call("POST", "/responses", {**body, "stream": True})
        call("GET", f"/responses/{first['id']}")
    second = call("POST", "/responses", {**BODY, "previous_response_id": _text_id(client)})
    call("GET", f"/responses/{json.loads(second)['id']}/input_items?limit=2")
    for scenario in ("failed", "incomplete", "refusal", "http:429,retry_after:1", "seed:5", "bad"):
        call("POST", "/responses", BODY, scenario)
        call("POST", "/responses", {**BODY, "stream": True}, scenario)
    call("POST", "/responses", {**BODY, "temperature": 9})
    call("POST", "/responses/input_tokens", BODY)
    call("GET", "/responses/resp_none")
    call("GET", "/nowhere")
    return tape


def _text_id(client: httpx2.Client) -> str:
    id_: str = client.post("/responses", json=BODY).json()["id"]
    return id_


def test_the_same_seed_gives_the_same_bytes_in_every_process(servers: list[Process]) -> None:
    """Bodies, streams and headers of two processes are equal, and another seed's are others."""
    with ThreadPoolExecutor(3) as pool:
        one, same, other = pool.map(_tape, servers)
    assert len(one) > 30
    assert one == same
    assert [status for status, *_ in one] == [status for status, *_ in other]
    created = [n for n, (_, body, _) in enumerate(one) if b'"resp_' in body or b"event: " in body]
    assert len(created) > 30
    assert not [n for n in created if one[n][1] == other[n][1]]
    assert all(one[n][2]["x-request-id"] != other[n][2]["x-request-id"] for n in range(len(one)))


@pytest.mark.parametrize("words", [("scenarios",), ("cassette", "list", "cassettes")])
def test_a_reader_that_leaves_early_is_no_error(words: tuple[str, ...]) -> None:
    """As in ``mockserver openapi | head -1``: no traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(PYTHONUNBUFFERED=""),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), told) == (141, b"")
