"""Rate limits: buckets that empty with requests and fill up with time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api import Api
from openai import OpenAI, RateLimitError

from mockserver import MockServer
from mockserver.clock import NamespaceClock
from mockserver.limits import Limits, duration
from mockserver.schema.errors import ApiError

BODY = {"model": "gpt-4.1", "input": "hi"}


@pytest.fixture
def limited(mockserver: MockServer) -> Iterator[Api]:
    """A client of a server that answers three requests a minute, on a virtual clock."""
    mockserver.use_clock("virtual")
    mockserver.use_limits(rpm=3)
    with Api(mockserver.url) as client:
        yield client


def _limits(headers: dict[str, str] | object, kind: str) -> tuple[str, ...]:
    return tuple(
        headers[f"x-ratelimit-{part}-{kind}"]  # type: ignore[index]
        for part in ("limit", "remaining", "reset")
    )


def test_requests_count_down_and_come_back_with_time(mockserver: MockServer, limited: Api) -> None:
    """The headers count down to none, the next request is refused, and time gives them back."""
    told = []
    for _ in range(3):
        answer = limited.request("POST", "/responses", json=BODY)
        told.append(_limits(answer.headers, "requests"))
    assert told == [("3", "2", "20s"), ("3", "1", "40s"), ("3", "0", "1m0s")]
    refused = limited.request("POST", "/responses", json=BODY)
    assert refused.status_code == 429
    assert refused.json()["error"] == {
        "message": "Rate limit reached for gpt-4.1 in organization org-mockserver on requests per "
        "min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. Visit "
        "https://platform.openai.com/account/rate-limits to learn more.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    assert (refused.headers["retry-after"], refused.headers["retry-after-ms"]) == ("20", "20000")
    assert _limits(refused.headers, "requests") == ("3", "0", "1m0s")
    mockserver.advance(19.9)
    assert limited.request("POST", "/responses", json=BODY).status_code == 429
    mockserver.advance(0.1)
    assert limited.request("POST", "/responses", json=BODY).status_code == 200
    assert [call.error for call in mockserver.calls if call.error] == ["rate_limit_exceeded"] * 2


def test_streams_and_background_responses_are_counted(mockserver: MockServer, limited: Api) -> None:
    """A stream has the headers, a background response has not; both take a request."""
    body = {**BODY, "stream": True}
    told = limited.request("POST", "/responses", json=body)
    assert _limits(told.headers, "requests") == ("3", "2", "20s")
    quiet = limited.request("POST", "/responses", json={**BODY, "background": True})
    assert "x-ratelimit-limit-requests" not in quiet.headers
    last = limited.request("POST", "/responses", json=BODY)
    assert _limits(last.headers, "requests") == ("3", "0", "1m0s")


def test_each_model_has_limits_of_its_own(limited: Api) -> None:
    """What one model has used up another has left; an alias is its snapshot."""
    for model in ("gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1"):
        assert limited.create({**BODY, "model": model})
    assert limited.refused(BODY)["status"] == 429
    assert limited.create({**BODY, "model": "gpt-5"})


def test_tokens_are_taken_as_they_are_used(mockserver: MockServer, api: Api) -> None:
    """The tokens of an answer are gone, and the next request waits until enough are back."""
    mockserver.use_clock("virtual")
    mockserver.use_limits(tpm=600)
    answer = api.request("POST", "/responses", json=BODY)
    used = answer.json()["usage"]["total_tokens"]
    assert _limits(answer.headers, "tokens")[:2] == ("600", str(600 - used))
    assert _limits(answer.headers, "requests")[0] == "10000"
    while (answer := api.request("POST", "/responses", json=BODY)).status_code == 200:
        pass
    error = answer.json()["error"]
    assert error["type"] == "tokens"
    assert "on tokens per min (TPM): Limit 600, Used 600, Requested" in error["message"]
    mockserver.advance(float(answer.headers["retry-after-ms"]) / 1000 - 0.01)
    assert api.refused(BODY)["status"] == 429
    mockserver.advance(0.01)
    assert api.create(BODY)


def test_a_request_that_never_fits_is_too_large(mockserver: MockServer, api: Api) -> None:
    """More input tokens than a minute has are refused for good, without a time to wait."""
    mockserver.use_limits(tpm=50)
    answer = api.request("POST", "/responses", json={**BODY, "input": "word " * 500})
    assert answer.status_code == 429
    assert answer.json()["error"]["message"].startswith("Request too large for gpt-4.1 in")
    assert "retry-after" not in answer.headers


@pytest.mark.mockserver(rpm=1)
def test_the_sdk_sees_a_rate_limit(mockserver: MockServer, client: OpenAI) -> None:
    """The official SDK raises its own error, and the journal says what it was told to wait."""
    client.responses.create(model="gpt-4.1", input="hi")
    with pytest.raises(RateLimitError) as caught:
        client.responses.create(model="gpt-4.1", input="hi")
    assert caught.value.code == "rate_limit_exceeded"
    assert mockserver.calls[1].retry_after == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    ("flags", "type_", "code"),
    [
        ("http:429", "requests", "rate_limit_exceeded"),
        ("http:429:insufficient_quota", "insufficient_quota", "insufficient_quota"),
        ("http:429:slow_down", "rate_limit_error", "slow_down"),
    ],
)
def test_other_limits_come_by_flag(client: OpenAI, flags: str, type_: str, code: str) -> None:
    """What no bucket tells, such as a quota that is used up, is asked for by a flag."""
    with pytest.raises(RateLimitError) as caught:
        client.responses.create(
            model="gpt-4.1", input="hi", extra_headers={"x-mock-scenario": flags}
        )
    assert (caught.value.type, caught.value.code) == (type_, code)


def test_a_limited_server_says_so_from_its_start() -> None:
    """The settings limit every namespace, each with buckets of its own."""
    with MockServer(rpm=1, clock="virtual") as server:
        for name in ("", "a"):
            with Api(server.url_for(name)) as api:
                assert api.create(BODY)
                assert api.refused(BODY)["code"] == "rate_limit_exceeded"
                server.clear(name)
                assert api.create(BODY)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0s"), (-0.0, "0s"), (0.006, "6ms"), (0.1204, "121ms"), (1.2, "1.2s"), (20, "20s")),
        *((59.9999, "1m0s"), (61.5, "1m1.5s"), (360, "6m0s"), (3600, "1h0m0s")),
    ],
)
def test_waits_are_written_as_the_api_writes_them(seconds: float, text: str) -> None:
    """Seconds become Go's durations, rounded up so that the wait is long enough."""
    assert duration(seconds) == text


def test_only_so_many_models_are_remembered() -> None:
    """Names of models that never end do not fill the memory."""
    limits = Limits(NamespaceClock("virtual"), rpm=1)
    for number in range(1000):
        limits.request(f"model-{number}")
    assert len(limits._buckets) == 256
    with pytest.raises(ApiError):
        limits.request("model-999")
