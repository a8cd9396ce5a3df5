"""Resident memory of the server: idle, and after creates that fill its bounded store."""

from __future__ import annotations

from create_rate import REQUESTS
from load import ask, drive, post
from servers import mockserver

STEPS = (1, 1_000, 10_000, 20_000)
SECONDS = 60.0


def main() -> None:
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


if __name__ == "__main__":
    main()
