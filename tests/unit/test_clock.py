"""Clocks: the real one keeps its word, the virtual one wakes its sleepers in order."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.clock import Clock, Mode, NamespaceClock, RealClock, VirtualClock
from mockserver.server import new_event_loop


async def _settled() -> None:
    """Let everything that can run, run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def _sleeper(clock: Clock, moment: float, woken: list[float]) -> None:
    await clock.sleep_until(moment)
    woken.append(moment)


async def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    """Nobody wakes and no time passes while nothing advances the clock."""
    clock, woken = VirtualClock(), list[float]()
    task = asyncio.ensure_future(_sleeper(clock, 0.001, woken))
    await asyncio.sleep(0.01)
    assert (clock.now(), clock.wall(), woken) == (0.0, 0, [])
    clock.advance(0.001)
    await task


async def test_a_moment_that_has_come_needs_no_waiting() -> None:
    """Sleeping until now or earlier returns at once."""
    clock = VirtualClock()
    clock.advance(5)
    for moment in (5.0, 4.9, -1.0):
        await asyncio.wait_for(clock.sleep_until(moment), 0.5)


async def test_sleepers_wake_in_the_order_of_their_moments() -> None:
    """Earlier moments wake first; of equal ones, who slept first."""
    clock, woken = VirtualClock(), list[tuple[float, int]]()

    async def sleep(moment: float, number: int) -> None:
        await clock.sleep_until(moment)
        woken.append((moment, number))

    moments = [3.0, 1.0, 2.0, 1.0, 9.0]
    tasks = [asyncio.ensure_future(sleep(moment, i)) for i, moment in enumerate(moments)]
    await _settled()
    clock.advance(2.5)
    await _settled()
    assert woken == [(1.0, 1), (1.0, 3), (2.0, 2)]
    clock.advance(0.5)
    await _settled()
    assert woken[3:] == [(3.0, 0)]
    assert not tasks[4].done()
    tasks[4].cancel()


@given(st.lists(st.floats(0, 100), max_size=12), st.lists(st.floats(0, 20), max_size=8))
def test_exactly_those_whose_moment_has_come_are_awake(
    moments: list[float], steps: list[float]
) -> None:
    """After any moves, awake are those with a moment up to now, and they woke in order."""

    async def run() -> None:
        clock, woken = VirtualClock(), list[float]()
        tasks = [asyncio.ensure_future(_sleeper(clock, moment, woken)) for moment in moments]
        await _settled()
        for step in steps:
            clock.advance(step)
            await _settled()
            assert woken[-1:] <= [clock.now()]
        now_due = [moment for moment in moments if moment == 0 or moment <= clock.now()]
        assert sorted(woken) == sorted(now_due)
        for task in tasks:
            task.cancel()

    asyncio.run(run())


async def test_a_sleeper_who_gave_up_harms_nobody() -> None:
    """A cancelled sleeper is passed over, and those after it wake."""
    clock, woken = VirtualClock(), list[float]()
    first = asyncio.ensure_future(_sleeper(clock, 1.0, woken))
    second = asyncio.ensure_future(_sleeper(clock, 2.0, woken))
    await _settled()
    first.cancel()
    await _settled()
    clock.advance(3)
    await second
    assert woken == [2.0]


@pytest.mark.parametrize("seconds", [-0.001, -5, float("nan"), float("inf")])
def test_time_does_not_go_back(seconds: float) -> None:
    """A step back, or one that is no number, is refused and changes nothing."""
    clock = VirtualClock()
    clock.advance(1)
    with pytest.raises(ValueError, match="time does not go back"):
        clock.advance(seconds)
    assert clock.now() == 1.0


def test_another_thread_can_move_the_clock() -> None:
    """A test's thread wakes sleepers in the server's loop, which would else sleep on."""
    clock = VirtualClock()
    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(asyncio.run, asyncio.wait_for(clock.sleep_until(1.0), 5))
        while not clock._sleepers:
            time.sleep(0.001)
        clock.advance(1.0)
        ready.result(timeout=5)


def test_sleepers_of_a_closed_loop_are_passed_over() -> None:
    """A clock that outlives a server can still be moved."""
    clock = VirtualClock()
    loop = asyncio.new_event_loop()
    task = loop.create_task(clock.sleep_until(1.0))
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    loop.close()
    clock.advance(2.0)
    assert clock.now() == 2.0


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, new_event_loop])
def test_the_real_clock_never_wakes_early(new_loop: type[asyncio.AbstractEventLoop]) -> None:
    """When a sleep returns its moment has come, whatever the loop's timers make of it."""
    clock = RealClock()

    async def run() -> None:
        for step in range(40):
            moment = clock.now() + 0.0003 + step * 0.0001
            await clock.sleep_until(moment)
            assert clock.now() >= moment

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run())


def test_the_real_clock_tells_the_machine_s_time() -> None:
    """Its wall time is the unix second, and its moments only grow."""
    clock = RealClock()
    assert abs(clock.wall() - time.time()) < 2
    moments = [clock.now() for _ in range(100)]
    assert moments == sorted(moments)


@pytest.mark.parametrize("seconds", [0.1, 0.7, 0.3, 0.001, 1 / 3])
def test_many_small_moves_are_as_long_as_a_large_one(seconds: float) -> None:
    """Sums of decimals do not fall short of the moment that they are meant to reach."""
    clock = VirtualClock()
    for _ in range(10):
        clock.advance(seconds)
    assert 10 * seconds <= clock.now() < 10 * seconds + 1e-6


async def test_a_namespace_s_clock_changes_without_a_jump() -> None:
    """Time goes on from where it stood, and who sleeps by it sleeps by the new one."""
    clock, woken = NamespaceClock(), list[float]()
    before = clock.now()
    task = asyncio.ensure_future(_sleeper(clock, before + 60, woken))
    await _settled()
    clock.use("virtual")
    assert before <= clock.now() < before + 5
    clock.advance(59)
    await _settled()
    assert not woken
    clock.advance(1)
    await asyncio.wait_for(task, 1)
    moment = clock.now()
    task = asyncio.ensure_future(_sleeper(clock, moment + 0.005, woken))
    await _settled()
    clock.use("real")
    assert (clock.mode, moment <= clock.now() < moment + 5) == ("real", True)
    await asyncio.wait_for(task, 1)
    assert clock.now() >= moment + 0.005


async def test_a_namespace_s_real_clock_cannot_be_moved() -> None:
    """To move time that runs by itself is refused, and so is to change a clock handed in."""
    with pytest.raises(ValueError, match="set the clock to virtual"):
        NamespaceClock().advance(1)
    own = VirtualClock()
    clock = NamespaceClock(given=own)
    with pytest.raises(ValueError, match="was given a clock of its own"):
        clock.use("real")
    clock.advance(2)
    assert (own.now(), clock.elapsed) == (2.0, 2.0)


@pytest.mark.parametrize("mode", ["real", "virtual"])
async def test_a_stopped_clock_lets_everybody_go(mode: Mode) -> None:
    """Who sleeps when the clock is stopped wakes, and nobody sleeps by it again."""
    clock, woken = NamespaceClock(mode), list[float]()
    moment = clock.now() + 60
    task = asyncio.ensure_future(_sleeper(clock, moment, woken))
    await _settled()
    clock.stop()
    await asyncio.wait_for(task, 1)
    await asyncio.wait_for(clock.sleep_until(moment), 1)


async def test_a_cancelled_real_sleeper_leaves_nothing_behind() -> None:
    """A sleep that is given up ends at once and is remembered nowhere."""
    clock = RealClock()
    task = asyncio.ensure_future(clock.sleep_until(clock.now() + 60))
    await _settled()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not clock._sleepers
