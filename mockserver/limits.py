"""Rate limits: buckets of requests and tokens that fill up with time (api-contract §1.3, §9.2)."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from mockserver.catalog import lookup
from mockserver.clock import NamespaceClock
from mockserver.schema.errors import ApiError
from mockserver.schema.outages import ORGANISATION, RATE_LIMITS, REQUESTS, rate_limited

Kind = Literal["requests", "tokens"]

_NAMES: Final = {"requests": REQUESTS, "tokens": "tokens per min (TPM)"}
_MODELS: Final = 256


@dataclass(slots=True)
class Bucket:
    """As much as may be used: ``limit`` at most, and a sixtieth of it more with each second.

    ``left`` is what there was at the clock's ``moment``; below zero what must fill up first.
    """

    limit: int
    left: float
    moment: float

    def at(self, now: float) -> float:
        """Return what is left at a moment, and go on from there."""
        self.left = min(self.left + (now - self.moment) * self.limit / 60, float(self.limit))
        self.moment = now
        return self.left

    def wait(self, amount: float, now: float) -> float:
        """Return the seconds until there is so much."""
        return max(amount - self.at(now), 0.0) * 60 / self.limit


class Limits:
    """What a namespace may ask for in a minute, each model apart; None is without limit."""

    def __init__(
        self, clock: NamespaceClock, *, rpm: int | None = None, tpm: int | None = None
    ) -> None:
        self.rpm = rpm
        self.tpm = tpm
        self._clock = clock
        self._buckets: OrderedDict[str, dict[Kind, Bucket]] = OrderedDict()

    def request(self, model: str) -> None:
        """Take one request; raise the API's 429 when there is none left."""
        self._take(model, "requests", 1)

    def tokens(self, model: str, amount: int) -> None:
        """Raise the API's 429 when there are not so many tokens left; none is taken yet."""
        self._check(model, "tokens", amount)

    def spend(self, model: str, amount: int) -> None:
        """Take the tokens that an answer used; the next ones wait for those that were too many."""
        bucket = self._of(model).get("tokens")
        if bucket is not None:
            bucket.left = bucket.at(self._clock.now()) - amount

    def headers(self, model: str) -> dict[str, str]:
        """Return the headers that say what is left, for the kinds that are limited (§1.3)."""
        now, fields = self._clock.now(), {}
        for kind, bucket in self._of(model).items():
            left = max(math.floor(bucket.at(now)), 0)
            fields[f"x-ratelimit-limit-{kind}"] = str(bucket.limit)
            fields[f"x-ratelimit-remaining-{kind}"] = str(left)
            fields[f"x-ratelimit-reset-{kind}"] = duration(bucket.wait(bucket.limit, now))
        return fields

    def _take(self, model: str, kind: Kind, amount: int) -> None:
        self._check(model, kind, amount)
        bucket = self._of(model).get(kind)
        if bucket is not None:
            bucket.left -= amount

    def _check(self, model: str, kind: Kind, amount: int) -> None:
        bucket = self._of(model).get(kind)
        if bucket is None:
            return
        if amount > bucket.limit:
            raise self._too_large(model, kind, bucket.limit, amount)
        wait = bucket.wait(amount, self._clock.now())
        if wait > 0:
            raise self._exceeded(model, kind, bucket, amount, wait)

    def _of(self, model: str) -> dict[Kind, Bucket]:
        """Return the buckets of a model, full ones for a new one."""
        model = lookup(model).snapshot
        found = self._buckets.get(model)
        if found is None:
            now = self._clock.now()
            limits: dict[Kind, int | None] = {"requests": self.rpm, "tokens": self.tpm}
            found = {kind: Bucket(n, float(n), now) for kind, n in limits.items() if n}
            self._buckets[model] = found
            if len(self._buckets) > _MODELS:
                self._buckets.popitem(last=False)
        return found

    def _exceeded(
        self, model: str, kind: Kind, bucket: Bucket, amount: int, wait: float
    ) -> ApiError:
        used = bucket.limit - max(math.floor(bucket.left), 0)
        return self._error(
            model,
            kind,
            rate_limited(
                model,
                _NAMES[kind],
                limit=bucket.limit,
                used=used,
                asked=amount,
                wait=duration(wait),
            ),
            {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(_milliseconds(wait))},
        )

    def _too_large(self, model: str, kind: Kind, limit: int, amount: int) -> ApiError:
        return self._error(
            model,
            kind,
            f"Request too large for {model} in organization {ORGANISATION} on {_NAMES[kind]}: "
            f"Limit {limit}, Requested {amount}. The input or output tokens must be reduced in "
            f"order to run successfully. {RATE_LIMITS}",
            {},
        )

    def _error(self, model: str, kind: Kind, message: str, more: dict[str, str]) -> ApiError:
        return ApiError(
            message,
            status=429,
            type=kind,
            code="rate_limit_exceeded",
            headers={**self.headers(model), **more},
        )


@lru_cache(maxsize=1024)
def duration(seconds: float) -> str:
    """Return seconds as the API writes them: ``0s``, ``6ms``, ``1.2s``, ``6m0s`` (§1.3)."""
    whole = _milliseconds(seconds)
    if 0 < whole < 1000:
        return f"{whole}ms"
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:g}s"
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}" if minutes else text


def _milliseconds(seconds: float) -> int:
    # What is left after rounding must suffice, and an error of the sum must not add a whole one.
    return math.ceil(round(seconds * 1000, 6))
