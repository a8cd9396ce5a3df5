"""The seeded source: equal keys draw equal values, and ids have the API's layout."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.seed import EPOCH, VARIANTS, Draw, Seed, padding

_DAY = 86_400


def _turn(key: bytes, **options: Any) -> list[object]:
    """Return everything that a turn draws."""
    draw = Draw(key, **options)
    return [
        draw.chain,
        draw.stamp,
        draw.id("resp"),
        draw.id("msg"),
        draw.call_id(),
        draw.token(16),
        draw.random.random(),
    ]


@given(st.binary(max_size=32))
def test_equal_keys_draw_equal_values(key: bytes) -> None:
    """All that a turn draws depends on its key alone."""
    assert _turn(key) == _turn(key)


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=2, max_size=5, unique=True))
def test_different_keys_draw_different_ids(keys: list[bytes]) -> None:
    """Two turns with different keys share no id, no chain and no call id."""
    drawn = [_turn(key) for key in keys]
    for place in (0, 2, 3, 4, 5):
        assert len({str(values[place]) for values in drawn}) == len(keys)


@given(st.binary(max_size=32), st.sampled_from(["resp", "msg", "rs", "fc", "ws"]))
def test_an_id_has_the_newest_layout(key: bytes, prefix: str) -> None:
    """Prefix, 16 hex chain seed, ``00``, 8 hex unix time, 24 hex digits: 50 in all (§5.3)."""
    draw = Draw(key)
    id_ = draw.id(prefix)
    match = re.fullmatch(rf"{prefix}_([0-9a-f]{{16}})00([0-9a-f]{{8}})([0-9a-f]{{24}})", id_)
    assert match is not None
    assert match[1] == draw.chain
    assert int(match[2], 16) == draw.stamp
    assert EPOCH <= draw.stamp < EPOCH + _DAY


def test_ids_of_a_turn_differ() -> None:
    """No two ids of a turn are equal, call ids included."""
    draw = Draw(b"key")
    ids = [draw.id("msg") for _ in range(500)] + [draw.call_id() for _ in range(500)]
    assert len(set(ids)) == 1000


def test_a_call_id_is_24_letters_and_digits() -> None:
    """``call_`` and 24 alphanumerics of mixed case (api-contract §5.3)."""
    ids = "".join(Draw(bytes([n])).call_id() for n in range(20))
    assert re.fullmatch(r"(call_[A-Za-z0-9]{24}){20}", ids)


def test_a_token_looks_like_fernet() -> None:
    """An opaque value is ``gAAAAA`` and url-safe base64 of the size asked for."""
    token = Draw(b"key").token(30)
    assert token.startswith("gAAAAA")
    assert len(urlsafe_b64decode(token.removeprefix("gAAAAA"))) == 30


def _chain(length: int) -> list[dict[str, Any]]:
    parent: dict[str, Any] | None = None
    chain = []
    for number in range(length):
        draw = Draw(bytes([number]), parent=parent)
        parent = {"id": draw.id("resp"), "created_at": draw.stamp, "completed_at": draw.stamp + 2}
        chain.append(parent)
    return chain


def test_a_chain_shares_its_16_hex_digits() -> None:
    """Every later response of a chain has the first one's seed in its id (§5.3)."""
    chain = _chain(6)
    assert len({response["id"][5:21] for response in chain}) == 1
    assert len({response["id"] for response in chain}) == 6


def test_a_chain_goes_forward_in_time() -> None:
    """A response is created after its parent was completed."""
    for earlier, later in pairwise(_chain(6)):
        assert later["created_at"] > earlier["completed_at"]


@pytest.mark.parametrize("completed_at", [None, 1700000000, 1700000000.75])
def test_a_parent_that_never_completed_is_followed_from_its_creation(completed_at: Any) -> None:
    """Without a completion the creation counts; stamps are whole, also after a recorded float."""
    parent = {"id": "resp_1", "created_at": 1600000000.5, "completed_at": completed_at}
    draw = Draw(b"key", parent=parent)
    assert isinstance(draw.stamp, int)
    assert draw.stamp > (completed_at or parent["created_at"]) - 1


@pytest.mark.parametrize("id_", ["resp_abc", "chatcmpl-1", "resp_" + "0" * 48, "resp_" + "g" * 50])
def test_a_parent_with_an_id_of_another_layout_starts_a_chain(id_: str) -> None:
    """A recorded parent from elsewhere has no chain seed to share."""
    parent = {"id": id_, "created_at": 5, "completed_at": None}
    assert Draw(b"key", parent=parent).chain == Draw(b"key").chain


def test_a_given_stamp_wins() -> None:
    """Real time goes into ids and stamps when it is handed in, parent or not."""
    parent = {"id": "resp_1", "created_at": 5, "completed_at": 9}
    assert Draw(b"key", stamp=77).stamp == Draw(b"key", parent=parent, stamp=77).stamp == 77
    assert Draw(b"key", stamp=77).id("msg")[22:30] == f"{77:08x}"


def test_the_key_depends_on_seed_namespace_request_and_salt() -> None:
    """Each of the four tells turns apart, and equal ones give equal keys."""
    keys = [
        Seed(1, "a").keys(b"r"),
        Seed(2, "a").keys(b"r"),
        Seed(1, "b").keys(b"r"),
        Seed(1, "a").keys(b"q"),
        Seed(1, "a").keys(b"r", salt="s"),
    ]
    assert len(set(keys)) == 5
    assert keys[0] == Seed(1, "a").keys(b"r")


def test_a_request_seen_again_gets_another_key() -> None:
    """Equal requests get their own answers, the same ones in every run."""
    first, second = ([seed.keys(b"r") for _ in range(4)] for seed in (Seed(3), Seed(3)))
    assert first == second
    assert len(set(first)) == 4


def test_what_is_said_comes_round_under_new_ids() -> None:
    """A request gets so many different answers, then the first ones again with ids of their own."""
    seed = Seed(3)
    ids, contents = zip(*(seed.keys(b"r") for _ in range(2 * VARIANTS)), strict=True)
    assert len(set(ids)) == 2 * VARIANTS
    assert len(set(contents)) == VARIANTS
    assert contents[:VARIANTS] == contents[VARIANTS:]


@given(st.permutations([b"a", b"b", b"b", b"c", b"c", b"c"]))
def test_the_key_does_not_depend_on_the_order_of_other_requests(order: list[bytes]) -> None:
    """What else was asked in between changes nothing: tests may run in any order."""
    seed, usual = Seed(3), Seed(3)
    keys = sorted((request, seed.keys(request)) for request in order)
    assert keys == sorted((request, usual.keys(request)) for request in sorted(order))


def test_a_reset_forgets_what_was_seen() -> None:
    """After a reset the same requests get the same keys and request ids again."""
    seed = Seed(3, "n")
    before = [seed.keys(b"r"), seed.keys(b"r"), seed.request_id(), seed.request_id()]
    seed.reset()
    assert before == [seed.keys(b"r"), seed.keys(b"r"), seed.request_id(), seed.request_id()]


def test_what_was_seen_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound the request that was not seen for longest is forgotten, no other."""
    monkeypatch.setattr("mockserver.seed._REMEMBERED", 3)
    seed, fresh = Seed(), Seed()
    for request in (b"a", b"b", b"c", b"a", b"d"):
        seed.keys(request)
    for request in (b"a", b"a"):
        fresh.keys(request)
    assert seed.keys(b"a") == fresh.keys(b"a")
    assert seed.keys(b"b") == Seed().keys(b"b")


def test_request_ids_are_req_and_32_hex_digits() -> None:
    """Each answer has an ``x-request-id`` of its own (api-contract §1.3)."""
    seed = Seed(1)
    ids = [seed.request_id() for _ in range(100)]
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", id_) for id_ in ids)
    assert len(set(ids)) == 100


def test_draws_are_the_same_in_every_process() -> None:
    """Neither hash randomisation nor the process goes into what is drawn."""
    code = (
        "from mockserver.seed import *; s = Seed(7, 'n'); d = Draw(s.keys(b'r')[0]);"
        "print(d.id('resp'), d.call_id(), s.request_id(), padding('x', 8))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": str(number)},
            capture_output=True,
            check=True,
        ).stdout
        for number in (1, 2)
    }
    assert len(runs) == 1


@given(st.text(alphabet="0123456789abcdef_resp", max_size=60), st.integers(0, 200))
def test_padding_depends_on_its_seed_alone(text: str, size: int) -> None:
    """Padding is letters and digits of the size asked for, equal for equal seeds."""
    noise = padding(text, size)
    assert noise == padding(text, size)
    assert len(noise) == size
    assert not size or noise.isalnum()
