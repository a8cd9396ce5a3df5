"""What a test holds of a server, here or elsewhere: its calls, clock, scenario, assertions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver.clock import Mode
from mockserver.journal import Call
from mockserver.schema.base import Json
from mockserver.verification import Verification


class Handle(Verification):
    """A running server under control.

    Methods that look at a namespace or change it take its name; without one they mean that of the
    handle. They raise ApiError for what the server refuses.
    """

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client takes as its base URL, with ``/v1``."""

    @abstractmethod
    def url_for(self, namespace: str = "") -> str:
        """Return the base URL of a namespace; raise ValueError for a name it cannot have."""

    @abstractmethod
    def command(
        self, method: str, resource: str, body: Json | None = None, namespace: str | None = None
    ) -> Json:
        """Perform a command of the control API; return its answer."""

    @property
    def calls(self) -> list[Call]:
        """The calls so far, oldest first."""
        return self.calls_of()

    def calls_of(self, namespace: str | None = None) -> list[Call]:
        """Return the calls of a namespace so far, oldest first; secrets are redacted."""
        found = self.command("GET", "calls", namespace=namespace)["calls"]
        return [Call.read(document) for document in found]

    def scenario(self, flags: str | None, namespace: str | None = None) -> None:
        """Set the scenario flags for requests that bring none; None unsets them."""
        self.command("PUT", "scenario", {"flags": flags}, namespace)

    def rules(self, *rules: Any, namespace: str | None = None) -> None:
        """Let rules answer requests of a namespace; they come after those that are there.

        Each is a file or folder of rules on this machine, or a mapping as there would be in one,
        with ``match`` and ``reply``, or with ``steps``. Raises RuleError, naming the place, for
        a file that makes no sense and for what cannot be sent.
        """
        from mockserver.rules import documents

        found = [each for place, rule in enumerate(rules) for each in documents(rule, place)]
        self.command("POST", "rules", {"rules": found}, namespace)

    def script(
        self,
        *steps: Any,
        name: str | None = None,
        match: Any = None,
        loop: bool | int = False,
        per: str = "namespace",
        namespace: str | None = None,
    ) -> None:
        """Let steps answer one request after another, each a text or a mapping as of a rule.

        ``match`` says which requests they are for, ``loop`` how many rounds there are: one, so
        many, or without end (True); with ``per="conversation"`` each conversation goes through the
        steps by itself. Raises as ``rules`` does.
        """
        script = {"name": name, "match": match, "steps": list(steps), "loop": loop, "per": per}
        self.rules(script, namespace=namespace)

    def assert_script_done(self, name: str | None = None, *, namespace: str | None = None) -> None:
        """Raise AssertionError, naming them, when steps of a script or of all are unused.

        Raises ValueError when there is no script of this name.
        """
        found = self.command("GET", "rules", namespace=namespace)["rules"]
        scripts = [rule for rule in found if "unused" in rule and name in (None, rule["name"])]
        if name is not None and not scripts:
            known = ", ".join(rule["name"] for rule in found if "unused" in rule) or "none"
            raise ValueError(f"there is no script {name!r}; there are {known}")
        if left := [line for script in scripts for line in script["unused"]]:
            raise AssertionError("\n".join(["the script is not done:", *left]))

    def clear(self, namespace: str | None = None) -> None:
        """Make a namespace as it was at its start, so that a test starts afresh."""
        self.command("POST", "reset", namespace=namespace)

    def drop(self, namespace: str) -> None:
        """Forget a namespace with all that it holds."""
        self.command("DELETE", "namespaces", namespace=namespace)

    def namespaces(self) -> list[str]:
        """Return the names of the namespaces there are; the default one has an empty name."""
        found = self.command("GET", "namespaces")["namespaces"]
        return [entry["name"] for entry in found]

    def state(self, namespace: str | None = None) -> Json:
        """Return what a namespace remembers, in short: responses, conversations, settings."""
        return self.command("GET", "state", namespace=namespace)

    def webhooks(self, namespace: str | None = None) -> list[Json]:
        """Return the webhook endpoints, oldest first, without their secrets."""
        endpoints: list[Json] = self.command("GET", "webhooks", namespace=namespace)["endpoints"]
        return endpoints

    def webhook_deliveries(self, namespace: str | None = None) -> list[Json]:
        """Return the latest webhook deliveries, oldest first, with state, attempts and errors."""
        found: list[Json] = self.command("GET", "webhooks", namespace=namespace)["deliveries"]
        return found

    def use_clock(self, mode: Mode, namespace: str | None = None) -> None:
        """Let time run by itself (``real``), or stand still until it is moved (``virtual``)."""
        self.command("PUT", "clock", {"mode": mode}, namespace)

    def elapsed(self, namespace: str | None = None) -> float:
        """Return the seconds that have passed on a namespace's clock since it began."""
        return float(self.command("GET", "clock", namespace=namespace)["seconds"])

    def advance(self, seconds: float, namespace: str | None = None) -> None:
        """Move virtual time on by so many seconds; who sleeps until then wakes."""
        self.command("POST", "clock/advance", {"seconds": seconds}, namespace)

    def advance_to_completion(self, response_id: str, namespace: str | None = None) -> None:
        """Move virtual time on until a response is over."""
        self.command("POST", "clock/advance", {"until": response_id}, namespace)

    def use_seed(self, seed: int, namespace: str | None = None) -> None:
        """Start afresh from a seed: equal ones give equal answers in whatever namespaces."""
        self.command("PUT", "seed", {"seed": seed}, namespace)

    def use_limits(
        self, *, rpm: int | None = None, tpm: int | None = None, namespace: str | None = None
    ) -> None:
        """Limit the requests and tokens per minute from now on; None is without limit."""
        self.command("PUT", "limits", {"rpm": rpm, "tpm": tpm}, namespace)

    def use_cassettes(
        self, *paths: str | Path, strict: bool | None = None, namespace: str | None = None
    ) -> Json:
        """Replay cassette files of this machine and nothing else; without any, the server's own.

        ``strict`` answers 424 on a miss; alone it leaves the files as they are. Returns what is
        replayed then. Raises CassetteError or OSError for a file that is not there.
        """
        if not paths and strict is not None:
            return self.command("PUT", "cassettes", {"strict": strict}, namespace)
        if not paths:
            return self.command("DELETE", "cassettes", namespace=namespace)
        files: Mapping[str, str] = {
            str(path): Path(path).read_bytes().decode("utf-8-sig") for path in _files(paths)
        }
        body: dict[str, Any] = {"files": files, "strict": strict}
        return self.command("PUT", "cassettes", body, namespace)

    def cassettes(self, namespace: str | None = None) -> Json:
        """Return the files that are replayed, and what of them is unplayed."""
        return self.command("GET", "cassettes", namespace=namespace)


def _files(paths: tuple[str | Path, ...]) -> list[Path]:
    from mockserver.cassette import folder

    return [file for path in paths for file in folder.cassettes(Path(path))]
