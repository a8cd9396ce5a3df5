"""The store: one suite over every backend, and the bounds of the one in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import dictionaries, integers, sampled_from, text

from mockserver.schema.base import compact
from mockserver.store import MemoryStore, Store

BACKENDS: dict[str, Callable[[], Store]] = {"memory": MemoryStore}
"""How to open an empty store of each kind."""


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store of each backend."""
    opened = BACKENDS[request.param]()
    yield opened
    await opened.close()


async def _fill(store: Store, *keys: tuple[str, str, str]) -> None:
    for number, key in enumerate(keys):
        await store.put(*key, {"number": number})


async def test_what_is_put_comes_back(store: Store) -> None:
    """A document comes back equal, with its keys in their order and all of JSON's values."""
    document = {"z": [1, 2.5, None, True], "a": {"ü": "😀\n"}, "m": ""}
    await store.put("n", "k", "i", document)
    found = await store.get("n", "k", "i")
    assert found == document
    assert list(found or ()) == list(document)


class Later:
    """JSON that is written when it is asked for."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.written = 0

    def __len__(self) -> int:
        return len(self.raw)

    def __bytes__(self) -> bytes:
        self.written += 1
        return self.raw


async def test_what_is_to_be_written_later_counts_as_if_it_were(store: Store) -> None:
    """It is written only when it is read, and comes back, changes and makes room like the rest."""
    later = [Later(b'{"number":%d}' % number) for number in range(3)]
    for number, raw in enumerate(later):
        await store.write("n", "k", str(number), raw)
    assert await store.size() == (3, 36)
    assert [raw.written for raw in later] == [0, 0, 0]
    assert await store.get("n", "k", "1") == {"number": 1}
    await store.update("n", "k", "1", lambda document: {**document, "more": 1})
    assert await store.newest("n", "k") == [{"number": 2}, {"number": 1, "more": 1}, {"number": 0}]
    assert await store.delete("n", "k", "0")
    assert await store.size() == (2, 12 + 21)


async def test_what_was_never_put_is_not_there(store: Store) -> None:
    """Nothing is found, changed or deleted under a key that was not put."""
    await store.put("n", "k", "i", {})
    for key in (("x", "k", "i"), ("n", "x", "i"), ("n", "k", "x"), ("", "", "")):
        assert await store.get(*key) is None
        assert await store.update(*key, lambda document: document) is None
        assert await store.delete(*key) is False
    assert (await store.size())[0] == 1


async def test_a_document_is_the_caller_s_own_copy(store: Store) -> None:
    """Changing what was handed in or out changes nothing in the store."""
    document: dict[str, Any] = {"list": [1]}
    await store.put("n", "k", "i", document)
    document["list"].append(2)
    for found in (await store.get("n", "k", "i"), *await store.newest("n", "k")):
        assert found == {"list": [1]}
        found["list"].append(3)
    changed = await store.update("n", "k", "i", lambda old: {**old, "more": document["list"]})
    assert changed is not None
    changed["more"].append(4)
    document["list"].append(5)
    assert await store.get("n", "k", "i") == {"list": [1], "more": [1, 2]}


async def test_a_second_put_replaces(store: Store) -> None:
    """One key holds one document, the latest."""
    await _fill(store, ("n", "k", "i"), ("n", "k", "i"))
    assert await store.get("n", "k", "i") == {"number": 1}
    assert (await store.size())[0] == 1


async def test_update_returns_what_it_wrote(store: Store) -> None:
    """The change sees the document as it is, and its result is stored and returned."""
    await store.put("n", "k", "i", {"a": 1})
    new = await store.update("n", "k", "i", lambda old: {"a": old["a"] + 1})
    assert new == await store.get("n", "k", "i") == {"a": 2}


async def test_an_update_that_fails_changes_nothing(store: Store) -> None:
    """A change that raises, or makes something that is no JSON, leaves the document as it was."""
    await store.put("n", "k", "i", {"a": 1})
    before = await store.size()

    def fail(old: dict[str, Any]) -> dict[str, Any]:
        old["a"] = 2
        raise LookupError

    with pytest.raises(LookupError):
        await store.update("n", "k", "i", fail)
    with pytest.raises(TypeError):
        await store.update("n", "k", "i", lambda old: {"a": object()})
    with pytest.raises(TypeError):
        await store.put("n", "k", "i", {"a": object()})
    assert await store.get("n", "k", "i") == {"a": 1}
    assert await store.size() == before


async def test_updates_at_the_same_time_all_count(store: Store) -> None:
    """An update is one step: of many that run together none is lost."""
    await store.put("n", "k", "i", {"count": 0})

    async def add() -> None:
        await store.update("n", "k", "i", lambda old: {"count": old["count"] + 1})

    await asyncio.gather(*(add() for _ in range(100)))
    assert await store.get("n", "k", "i") == {"count": 100}


async def test_delete_tells_whether_there_was_one(store: Store) -> None:
    """The first deletion finds the document, the second does not."""
    await store.put("n", "k", "i", {})
    assert [await store.delete("n", "k", "i") for _ in range(2)] == [True, False]
    assert await store.get("n", "k", "i") is None
    assert await store.size() == (0, 0)


async def test_newest_lists_one_kind_of_one_namespace_latest_first(store: Store) -> None:
    """Only documents of the same namespace and kind are listed, the last one put first."""
    await _fill(store, ("n", "k", "1"), ("n", "x", "2"), ("m", "k", "3"), ("n", "k", "4"))
    assert await store.newest("n", "k") == [{"number": 3}, {"number": 0}]
    assert await store.newest("n", "none") == []


async def test_ids_are_found_by_how_they_begin(store: Store) -> None:
    """Of a namespace and a kind, the oldest first, whatever came and went since it was asked."""
    await _fill(store, ("n", "k", "ab1"), ("n", "k", "ac1"), ("x", "k", "ab2"), ("n", "x", "ab3"))
    assert await store.beginning("n", "k", "ab") == ["ab1"]
    await _fill(store, ("n", "k", "ab4"), ("n", "k", "ab5"), ("n", "k", "a"))
    assert await store.beginning("n", "k", "ab") == ["ab1", "ab4", "ab5"]
    assert await store.beginning("n", "k", "a") == ["ab1", "ac1", "ab4", "ab5", "a"]
    assert await store.beginning("n", "k", "b") == []
    await store.put("n", "k", "ab1", {})
    await store.delete("n", "k", "ab4")
    assert await store.beginning("n", "k", "ab") == ["ab5", "ab1"]
    await store.clear("n")
    assert await store.beginning("n", "k", "ab") == []
    assert await store.beginning("x", "k", "ab") == ["ab2"]


async def test_a_document_put_again_is_the_newest(store: Store) -> None:
    """Age counts from the last put, not from updates or reads."""
    await _fill(store, ("n", "k", "1"), ("n", "k", "2"), ("n", "k", "3"))
    await store.update("n", "k", "1", lambda old: {**old, "updated": True})
    await store.get("n", "k", "1")
    await store.put("n", "k", "2", {"number": 9})
    assert await store.newest("n", "k") == [
        {"number": 9},
        {"number": 2},
        {"number": 0, "updated": True},
    ]


async def test_clear_forgets_one_namespace(store: Store) -> None:
    """All kinds of the namespace go, the others stay; the empty name is a namespace like others."""
    await _fill(store, ("", "k", "1"), ("n", "k", "2"), ("n", "x", "3"), ("m", "k", "4"))
    await store.clear("n")
    assert await store.newest("n", "k") == await store.newest("n", "x") == []
    assert await store.get("m", "k", "4") == {"number": 3}
    await store.clear("")
    assert await store.get("", "k", "1") is None
    assert (await store.size())[0] == 1


async def test_clear_of_everything_leaves_nothing(store: Store) -> None:
    """Without a namespace all are cleared."""
    await _fill(store, ("", "k", "1"), ("n", "k", "2"))
    await store.clear()
    assert await store.size() == (0, 0)


async def test_the_oldest_goes_when_there_are_too_many() -> None:
    """Past the count the oldest put is forgotten, whatever its namespace and however read."""
    store = MemoryStore(max_count=3)
    await _fill(store, ("a", "k", "1"), ("b", "k", "2"), ("a", "k", "3"))
    await store.get("a", "k", "1")
    await store.update("a", "k", "1", lambda old: {**old, "updated": True})
    await store.put("b", "k", "4", {"number": 4})
    assert await store.get("a", "k", "1") is None
    assert await store.newest("b", "k") == [{"number": 4}, {"number": 1}]
    assert (await store.size())[0] == 3


async def test_the_oldest_go_when_they_take_too_much_memory() -> None:
    """Past the bytes as many of the oldest are forgotten as it takes, and no more."""
    store = MemoryStore(max_bytes=100)
    for number in range(4):
        await store.put("n", "k", str(number), {"text": "x" * 14})
    assert await store.size() == (4, 100)
    await store.put("n", "k", "4", {"text": "x" * 30})
    assert await store.get("n", "k", "1") is None
    assert (await store.size()) == (3, 91)


async def test_a_document_larger_than_the_memory_is_not_kept() -> None:
    """What cannot be held is not held, and the bytes stay within the bound."""
    store = MemoryStore(max_bytes=50)
    await store.put("n", "k", "big", {"text": "x" * 100})
    assert await store.size() == (0, 0)


async def test_an_update_that_grows_keeps_the_bounds() -> None:
    """A document that has grown pushes out the oldest, as a new one does."""
    store = MemoryStore(max_bytes=60)
    await _fill(store, ("n", "k", "1"), ("n", "k", "2"))
    grown = await store.update("n", "k", "2", lambda old: {"text": "x" * 40})
    assert grown == {"text": "x" * 40}
    assert await store.size() == (1, 51)
    assert await store.get("n", "k", "1") is None


_NAMES = sampled_from(["", "a", "b"])
_IDS = sampled_from(["1", "12", "13", "4"])
_DOCUMENTS = dictionaries(text(max_size=3), integers(0, 99) | text(max_size=8), max_size=4)


class Model(RuleBasedStateMachine):
    """A bounded store against a plain list of what was put, oldest first."""

    @initialize(count=integers(1, 6), size=integers(20, 120))
    def open(self, count: int, size: int) -> None:
        self.count, self.bytes = count, size
        self.store = MemoryStore(max_count=count, max_bytes=size)
        self.known: list[tuple[tuple[str, str, str], dict[str, Any]]] = []

    def _trim(self) -> None:
        while len(self.known) > self.count or self._size() > self.bytes:
            del self.known[0]

    def _size(self) -> int:
        return sum(len(compact(document)) for _, document in self.known)

    @rule(namespace=_NAMES, id=_IDS, document=_DOCUMENTS)
    def put(self, namespace: str, id: str, document: dict[str, Any]) -> None:
        key = (namespace, "k", id)
        asyncio.run(self.store.put(*key, document))
        self.known = [entry for entry in self.known if entry[0] != key] + [(key, document)]
        self._trim()

    @rule(namespace=_NAMES, id=_IDS, document=_DOCUMENTS)
    def update(self, namespace: str, id: str, document: dict[str, Any]) -> None:
        key = (namespace, "k", id)
        new = asyncio.run(self.store.update(*key, lambda old: {**old, **document}))
        old = dict(self.known).get(key)
        assert new == (None if old is None else {**old, **document})
        self.known = [(k, {**d, **document} if k == key else d) for k, d in self.known]
        self._trim()

    @rule(namespace=_NAMES, id=_IDS)
    def delete(self, namespace: str, id: str) -> None:
        key = (namespace, "k", id)
        assert asyncio.run(self.store.delete(*key)) is (key in dict(self.known))
        self.known = [entry for entry in self.known if entry[0] != key]

    @rule(namespace=_NAMES)
    def clear(self, namespace: str) -> None:
        asyncio.run(self.store.clear(namespace))
        self.known = [entry for entry in self.known if entry[0][0] != namespace]

    @invariant()
    def holds_what_it_should(self) -> None:
        assert asyncio.run(self.store.size()) == (len(self.known), self._size())
        for namespace in ("", "a", "b"):
            assert asyncio.run(self.store.newest(namespace, "k")) == [
                document for (home, _, _), document in reversed(self.known) if home == namespace
            ]
            assert asyncio.run(self.store.beginning(namespace, "k", "1")) == [
                id for home, _, id in dict(self.known) if home == namespace and id[0] == "1"
            ]


Model.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
test_a_bounded_store_holds_what_a_list_would = Model.TestCase
