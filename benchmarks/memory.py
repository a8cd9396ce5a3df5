"""Resident memory: idle, after creates that fill the bounded store, after namespaces are gone."""

from __future__ import annotations

import time

from create_rate import REQUESTS
from httpx2 import Client
from load import ask, drive, post
from servers import mockserver

STEPS = (1, 1_000, 10_000, 20_000)
SECONDS = 60.0
NAMESPACES = 1_000
CREATES = 3
"""Creates of 18 KB in each namespace."""
WAIT = 5.0
"""Seconds after which what was let go of has been given back."""


def main() -> None:
    """Print the memory after so many creates of the plain request, and around namespaces."""
    creates()
    namespaces()


def creates() -> None:
    """Print the memory after so many creates of the plain request."""
    request = post(REQUESTS["plain"])
    with mockserver() as server:
        print(f"after the start       {server.memory():7.1f} MB")
        ask(server, request)
        done = 1
        for goal in STEPS:
            if goal > done:
                done += drive(server, [request], seconds=SECONDS, limit=goal - done).answers
            print(f"after {done:>6,} creates  {server.memory():7.1f} MB", flush=True)


def namespaces() -> None:
    """Print the memory with many namespaces, and after they are dropped, twice over."""
    with mockserver() as server, Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        for _ in range(2):
            for number in range(NAMESPACES):
                for turn in range(CREATES):
                    text = f"word{number} " * 2_000 + str(turn)
                    body = {"model": "gpt-4.1", "input": text}
                    client.post(f"/ns/n{number}/v1/responses", json=body).raise_for_status()
            print(f"with {NAMESPACES:,} namespaces   {server.memory():7.1f} MB", flush=True)
            for number in range(NAMESPACES):
                client.delete("/_mock/namespaces", params={"namespace": f"n{number}"})
            time.sleep(WAIT)
            print(f"without them            {server.memory():7.1f} MB", flush=True)


if __name__ == "__main__":
    main()
