"""Traffic of the wild, written anew: vcrpy loads it equal, and nothing secret is left in it."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import orjson
import pytest
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from mockserver.cassette import read, scan, writer
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.layout import exchange
from mockserver.cassette.redact import clean

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not os.environ.get("MOCKSERVER_CORPUS"), reason="MOCKSERVER_CORPUS names no corpus"
    ),
]

STEP = int(os.environ.get("MOCKSERVER_CORPUS_STEP", "6"))
"""Every how manyth file is taken; the environment may ask for all."""


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    """Return the exchanges of the corpus's vcrpy cassettes."""
    root = Path(os.environ["MOCKSERVER_CORPUS"])
    with (root / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    paths = [root / row["path"] for row in rows if row["format"] == "vcrpy-yaml"][::STEP]
    return [exchange(found) for path in paths for found in read(path, warn=lambda _: None)]


def test_stock_vcrpy_loads_what_is_written_equal(exchanges: list[Exchange]) -> None:
    """Not a byte of any body changes on the way through this writer and vcrpy's reader."""
    assert len(exchanges) > 300 // STEP
    text = io.TextIOWrapper(io.BytesIO(writer.dump(exchanges)), encoding="utf-8").read()
    requests, responses = deserialize(text, yamlserializer)
    for sent, request, response in zip(exchanges, requests, responses, strict=True):
        assert request.body == sent.request_body
        assert response["body"]["string"] == sent.body
        assert (request.method, request.uri) == (sent.method, sent.uri)
        assert response["status"]["code"] == sent.status


def test_what_is_cleaned_holds_no_secret_and_is_clean(exchanges: list[Exchange]) -> None:
    """The scan agrees with the cleaning, which leaves JSON whole and is done after one go."""
    for sent in exchanges:
        kept = clean(sent)
        assert clean(kept) == kept
        assert scan.find(writer.dump([kept])) == []
        if _is_json(sent.body):
            assert _is_json(kept.body)


def test_most_bodies_are_left_as_they_are(exchanges: list[Exchange]) -> None:
    """Cleaning by default hides keys; it does not rewrite ordinary traffic."""
    changed = [sent for sent in exchanges if clean(sent).body != sent.body]
    assert len(changed) <= len(exchanges) // 50


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
