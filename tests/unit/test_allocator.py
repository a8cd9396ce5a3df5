"""Memory is given back to the system: not at once, not often, and where the system takes it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from mockserver.allocator import REST, Trimmer, give_back
from mockserver.clock import VirtualClock


async def settle() -> None:
    """Let what is to happen now happen, in other threads too."""
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_memory_is_given_back_once_for_all_that_was_freed_in_a_while() -> None:
    """However much is let go of, the allocator is asked once after the while, and not before."""
    clock, times = VirtualClock(), list[float]()
    trimmer = Trimmer(clock, lambda: times.append(clock.now()))
    begun = clock.now()
    for _ in range(1_000):
        trimmer.freed()
    await settle()
    clock.advance(REST / 2)
    trimmer.freed()
    await settle()
    assert times == []
    clock.advance(REST / 2)
    await settle()
    assert times == [begun + REST]
    clock.advance(100 * REST)
    await settle()
    assert len(times) == 1
    trimmer.freed()
    await settle()
    clock.advance(REST)
    await settle()
    assert times == [begun + REST, begun + 102 * REST]


async def test_what_is_freed_while_memory_is_given_back_is_given_back_next() -> None:
    """Nothing waits for a drop that never comes."""
    clock, calls = VirtualClock(), list[int]()
    loop = asyncio.get_running_loop()

    def trim() -> None:
        calls.append(1)
        if len(calls) == 1:
            loop.call_soon_threadsafe(trimmer.freed)

    trimmer = Trimmer(clock, trim)
    trimmer.freed()
    for _ in range(3):
        await settle()
        clock.advance(REST)
    await settle()
    assert len(calls) == 2


async def test_a_trimmer_that_is_stopped_gives_nothing_back() -> None:
    """A server that ends leaves the rest to the system."""
    clock, calls = VirtualClock(), list[int]()
    trimmer = Trimmer(clock, lambda: calls.append(1))
    trimmer.freed()
    await settle()
    await trimmer.stop()
    clock.advance(REST)
    await settle()
    assert calls == []


@pytest.mark.parametrize(
    "system", ["sys.platform = 'win32'", "sys.platform = 'darwin'", "ctypes.CDLL = lambda name: 0"]
)
def test_systems_without_the_function_do_without(system: str) -> None:
    """Windows, macOS and other C libraries have no such function, and need none."""
    code = f"import asyncio, ctypes, sys\nfrom mockserver.allocator import give_back\n{system}\n"
    subprocess.run([sys.executable, "-c", f"{code}give_back()\n"], check=True, timeout=60)
    give_back()  # and this one has it or not
