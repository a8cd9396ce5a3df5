"""Flags of pace: waits before and between what is sent."""

from __future__ import annotations

from typing import Final

from mockserver.flags.flag import Flag, typed
from mockserver.notation import rate, seconds, whole

FLAGS: Final = (
    Flag(
        "delay",
        ":DURATION",
        "time before anything is answered",
        "delay:1.5s",
        typed("delay", seconds),
    ),
    Flag(
        "ttft",
        ":DURATION",
        "time to the first token, such as 200ms",
        "ttft:200ms",
        typed("ttft", seconds),
    ),
    Flag("tps", ":NUMBER", "output tokens per second", "ttft:200ms,tps:50", typed("tps", rate)),
    Flag(
        "jitter",
        ":DURATION",
        "a seeded wait of up to so long, added to the delay and to each token",
        "tps:50,jitter:30ms",
        typed("jitter", seconds),
    ),
    Flag(
        "seed",
        ":NUMBER",
        "another seed for this request",
        "seed:7",
        typed("seed", lambda value: whole(value, most=10**18 - 1)),
    ),
)
