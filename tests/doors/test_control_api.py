"""The control API over HTTP: what it tells, what it changes, whom it admits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from oracle import check_error

from mockserver import MockServer
from mockserver.control import COMMANDS
from mockserver.schema.errors import ApiError

BODY = {"model": "gpt-4.1", "input": "hi"}
CASSETTES = Path(__file__).parents[2] / "cassettes"
TOKEN = "a-token-of-the-test"


@pytest.fixture
def control(mockserver: MockServer) -> Iterator[httpx2.Client]:
    """A plain client of the control API and, above it, of the rest."""
    with httpx2.Client(base_url=mockserver.url.removesuffix("/v1"), timeout=20) as client:
        yield client


def create(client: httpx2.Client, space: str = "", **body: Any) -> httpx2.Response:
    base = f"/ns/{space}/v1" if space else "/v1"
    return client.post(f"{base}/responses", json={**BODY, **body})


def test_the_index_names_every_command(control: httpx2.Client) -> None:
    """What there is is listed, and each row with a GET answers an object."""
    listed = control.get("/_mock").json()["commands"]
    assert {(row["method"], row["path"]) for row in listed} == {
        (method, f"/_mock/{resource}") for method, resource in COMMANDS
    }
    for row in listed:
        if row["method"] == "GET":
            answer = control.get(row["path"])
            assert (answer.status_code, type(answer.json())) == (200, dict)


def test_state_tells_what_is_remembered(control: httpx2.Client) -> None:
    """Responses with their present status, conversations and the settings of the namespace."""
    held = control.post("/v1/responses", json=BODY, headers={"x-mock-scenario": "queued"}).json()
    made = create(control).json()
    conversation = control.post("/v1/conversations", json={}).json()["id"]
    state = control.get("/_mock/state").json()
    shown = [(entry["id"], entry["status"]) for entry in state["responses"]]
    assert shown == [(held["id"], "queued"), (made["id"], "completed")]
    assert (state["conversations"], state["calls"]) == ([conversation], 3)
    assert (state["flags"], state["seed"], state["limits"]) == (None, 0, {"rpm": None, "tpm": None})


def test_calls_are_told_and_forgotten(control: httpx2.Client) -> None:
    """The journal is read as JSON, from a number on, and emptied; it notes no control call."""
    for text in ("one", "two"):
        create(control, input=text)
    calls = control.get("/_mock/calls").json()["calls"]
    assert [(call["number"], call["body"]["input"]) for call in calls] == [(1, "one"), (2, "two")]
    later = control.get("/_mock/calls", params={"after": 1}).json()["calls"]
    assert [call["number"] for call in later] == [2]
    control.delete("/_mock/calls")
    assert control.get("/_mock/calls").json() == {"calls": []}
    assert control.get("/_mock/calls", params={"after": "x"}).status_code == 400


def test_a_scenario_is_set_and_unset(control: httpx2.Client) -> None:
    """Flags hold for requests that bring none; unknown ones are refused and change nothing."""
    assert control.put("/_mock/scenario", json={"flags": "http:503"}).json() == {
        "flags": "http:503"
    }
    refused = control.put("/_mock/scenario", json={"flags": "fale"})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "unknown_scenario_flag"
    assert create(control).status_code == 503
    control.delete("/_mock/scenario")
    assert create(control).status_code == 200


def test_a_seed_given_makes_namespaces_alike(control: httpx2.Client) -> None:
    """Namespaces answer differently by name, and alike from one given seed."""
    for name in ("a", "b"):
        control.delete("/_mock/namespaces", params={"namespace": name})
    assert create(control, "a").content != create(control, "b").content
    for name in ("a", "b"):
        control.put("/_mock/seed", params={"namespace": name}, json={"seed": 7})
    assert create(control, "a").content == create(control, "b").content


def test_cassettes_are_chosen_for_one_namespace(control: httpx2.Client) -> None:
    """A namespace replays what it is given as text, and another one does not."""
    text = (CASSETTES / "text.yaml").read_text()
    body = {"files": {"mine.yaml": text}, "strict": True}
    told = control.put("/_mock/cassettes", params={"namespace": "a"}, json=body).json()
    assert told == {
        "files": ["mine.yaml"],
        "interactions": len(told["unplayed"]),
        "unplayed": [f"mine.yaml#{number}" for number in range(1, len(told["unplayed"]) + 1)],
        "strict": True,
    }
    hello = {"model": "gpt-5.4", "input": "Say hello in one sentence."}
    assert create(control, "a", **hello).status_code == 200
    miss = create(control, "a", input="Something else.")
    assert miss.status_code == 424
    assert "mine.yaml" in miss.json()["error"]["message"]
    assert create(control, "b", input="Something else.").status_code == 200
    calls = control.get("/_mock/calls", params={"namespace": "a"}).json()["calls"]
    assert calls[0]["answered_by"] == "cassette"
    assert calls[0]["recording"] == "mine.yaml#1"
    assert "mine.yaml#1" not in control.get("/_mock/cassettes?namespace=a").json()["unplayed"]
    control.delete("/_mock/cassettes", params={"namespace": "a"})
    assert create(control, "a", input="Something else.").status_code == 200


def test_cassettes_by_name_stay_within_the_server_s_folders(tmp_path: Path) -> None:
    """A name is looked up below the folders of the start, and nowhere else on the disk."""
    (tmp_path / "in").mkdir()
    text = (CASSETTES / "text.yaml").read_text()
    for place in ("in/mine.yaml", "out.yaml"):
        (tmp_path / place).write_text(text)
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    with MockServer(cassettes=(tmp_path / "in",)) as server:
        assert server.command("PUT", "cassettes", {"names": ["mine.yaml"]})["interactions"] > 0
        outside = ("../out.yaml", str(tmp_path / "out.yaml"), "link.yaml", "a\0b", "x" * 5000, 7)
        for name in outside:
            with pytest.raises(ApiError, match="is not below the cassettes"):
                server.command("PUT", "cassettes", {"names": [name]})


def test_a_reset_makes_a_namespace_new(control: httpx2.Client) -> None:
    """Everything that was set and made is gone, and the answers begin again."""
    first = create(control, "a").json()["id"]
    for resource, body in (
        ("scenario", {"flags": "failed"}),
        ("clock", {"mode": "virtual"}),
        ("seed", {"seed": 3}),
        ("limits", {"rpm": 1}),
    ):
        control.put(f"/_mock/{resource}", params={"namespace": "a"}, json=body)
    control.post("/_mock/reset", params={"namespace": "a"})
    state = control.get("/_mock/state", params={"namespace": "a"}).json()
    assert (state["responses"], state["calls"], state["flags"], state["seed"]) == ([], 0, None, 0)
    assert (state["clock"]["mode"], state["limits"]["rpm"]) == ("real", None)
    assert create(control, "a").json()["id"] == first


def test_webhook_endpoints_are_listed_without_secrets(control: httpx2.Client) -> None:
    """A test sees what is registered, not what it is signed with."""
    made = control.post(
        "/v1/webhook_endpoints",
        json={"name": "n", "url": "https://example.com/x", "event_types": ["response.completed"]},
    ).json()
    listed = control.get("/_mock/webhooks").json()["endpoints"]
    assert [entry["id"] for entry in listed] == [made["id"]]
    assert made["signing_secret"] not in json.dumps(listed)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("GET", "/_mock/nothing", None, 404, "There is no /_mock/nothing; there are state, calls"),
        ("PUT", "/_mock/calls", {}, 405, "takes GET, DELETE, not PUT"),
        ("PUT", "/_mock/clock", {"mode": "fast"}, 400, "'fast' is not one of real, virtual"),
        ("PUT", "/_mock/clock", {}, 400, "Missing required parameter: 'mode'"),
        ("PUT", "/_mock/clock", {"mod": "real"}, 400, "Unknown parameter: 'mod'"),
        ("PUT", "/_mock/seed", {"seed": True}, 400, "expected an integer"),
        ("PUT", "/_mock/seed", {"seed": -1}, 400, "a whole number of 0 or more"),
        ("PUT", "/_mock/limits", {"rpm": 0}, 400, "a whole number of 1 or more"),
        ("POST", "/_mock/clock/advance", {}, 400, "Give either 'seconds' or 'until'"),
        ("POST", "/_mock/clock/advance", {"seconds": "5"}, 400, "expected a number"),
        ("POST", "/_mock/clock/advance", {"seconds": 1e400}, 400, "JSON"),
        ("PUT", "/_mock/cassettes", {}, 400, "give names of cassettes"),
        ("PUT", "/_mock/cassettes", {"files": {"a.yaml": "[[["}}, 400, "a.yaml"),
        ("PUT", "/_mock/cassettes", {"files": {"a.yaml": 7}}, 400, "the text of a cassette"),
        ("PUT", "/_mock/scenario", ["failed"], 400, "a command takes a JSON object; GET /_mock "),
        ("GET", "/_mock/state?namespace=a%2Fb", None, 400, "Invalid namespace 'a/b'"),
    ],
)
def test_what_makes_no_sense_is_told(
    control: httpx2.Client, method: str, path: str, body: Any, status: int, text: str
) -> None:
    """Each mistake is an error in the API's envelope that names it; none is a 500."""
    raw = None if body is None else json.dumps(body)
    answer = control.request(method, path, content=raw)
    assert answer.status_code == status
    assert not check_error(answer.json())
    assert text in answer.json()["error"]["message"]


def test_the_commands_and_what_they_take_are_listed(control: httpx2.Client) -> None:
    """Who has only the server learns the rest from it."""
    rows = {(row["method"], row["path"]): row for row in control.get("/_mock").json()["commands"]}
    assert rows["PUT", "/_mock/clock"]["takes"] == '{"mode": "virtual"}'
    assert rows["GET", "/_mock/state"]["takes"] == ""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:8787"}, 421),
        ({"host": "localhost.evil.example"}, 421),
        ({"host": "localhost:1"}, 200),
        ({"host": "[::1]:8787"}, 200),
        ({"host": "127.0.0.1"}, 200),
        ({"sec-fetch-site": "none"}, 200),
    ],
)
def test_pages_of_other_sites_are_kept_out(
    control: httpx2.Client, headers: dict[str, str], status: int
) -> None:
    """A page in a browser cannot control the server, even if its name was made to point here."""
    answer = control.get("/_mock/state", headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers
    assert control.options("/_mock/reset", headers={"origin": "http://a.b"}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_token_is_asked_for_where_one_is_set(host: str) -> None:
    """With a token only who has it controls the server, under whatever name it is reached."""
    with MockServer(host=host, control_token=TOKEN) as server:
        url = server.url.replace("/v1", "/_mock/config")
        assert httpx2.get(url).status_code == 401
        assert httpx2.get(url, headers={"x-mock-token": "wrong"}).status_code == 401
        for headers in ({"x-mock-token": TOKEN}, {"authorization": f"Bearer {TOKEN}"}):
            answer = httpx2.get(url, headers={**headers, "host": "openai:8787"})
            assert answer.status_code == 200
            assert TOKEN not in answer.text
        assert httpx2.get(url, headers={**headers, "origin": "http://a.b"}).status_code == 403
        assert TOKEN not in repr(server.settings)
        assert httpx2.post(f"{server.url}/responses", json=BODY).status_code == 200


def test_without_a_token_it_is_off_beyond_loopback() -> None:
    """Bound to every interface it does not answer even its own machine, and says why."""
    with MockServer(host="0.0.0.0") as server:
        answer = httpx2.get(server.url.replace("/v1", "/_mock/state"))
        assert answer.status_code == 403
        assert "--control-token" in answer.json()["error"]["message"]
        assert httpx2.post(f"{server.url}/responses", json=BODY).status_code == 200


def test_the_readme_s_table_is_that_of_the_commands() -> None:
    """Every command stands in the README as it is, and none that there is not."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = text.partition("<!-- control -->")[2].partition("<!-- /control -->")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
    listed = [
        (f"| `{row.method} /_mock/{row.resource}`".replace("/_mock/`", "/_mock`"), row.help)
        for row in COMMANDS.values()
    ]
    assert [(row[0], row[-1].removesuffix(" |")) for row in rows] == listed
