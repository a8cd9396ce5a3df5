"""Tokenizers: the estimate, the exact count, and the choice between them."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.tokens import Estimator, TokenizerUnavailable, open_tokenizer, tokenizer

TEXT = st.text(st.characters(exclude_categories=()))
"""Any text, lone surrogates included."""


class Words:
    """Counts the words of a text, and how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def count(self, text: str) -> int:
        """Give the number of words."""
        self.asked += 1
        return len(text.split())


@given(TEXT)
def test_estimate_is_zero_only_for_an_empty_text(text: str) -> None:
    """A text has at least one token unless it is empty."""
    assert (Estimator().count(text) == 0) == (not text)


@given(TEXT, TEXT)
def test_estimate_never_falls_when_text_is_added(text: str, more: str) -> None:
    """Adding to a text never lowers its count, so a text can be cut by bisection."""
    assert Estimator().count(text + more) >= Estimator().count(text)


@given(TEXT, TEXT)
def test_estimate_adds_up_when_texts_are_joined(left: str, right: str) -> None:
    """Two texts with a blank between them count their sum, give or take one."""
    count = Estimator().count
    assert abs(count(f"{left} {right}") - count(left) - count(right)) <= 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The quick brown fox jumps over the lazy dog, then walks home through the forest.", 17),
        ('{"city":"Paris","temperature":21.5,"conditions":["sunny"],"updated":"2026-03-05"}', 27),
        ("def add(a: int, b: int) -> int:\n    return a + b\n", 19),
        ("Call me at 555-0123 before 2026-11-22, or write to jane.doe@example.com.", 26),
        ("Здравствуйте! Чем я могу помочь вам сегодня? Погода сегодня хорошая.", 16),
        ("今天天气很好，我们去公园散步吧。人工智能正在改变世界。", 18),
        ("東京は日本の首都です。今日はとても暑いですね。", 15),
        ("서울은 대한민국의 수도입니다. 오늘 날씨가 좋습니다. 무엇을 도와드릴까요?", 22),
        ("नमस्ते, मैं आपकी कैसे मदद कर सकता हूँ?", 13),
        ("Überraschung für die Straße: schöne Grüße aus München, bis nächste Woche!", 16),
    ],
)
def test_estimate_is_near_the_real_count_for(text: str, tokens: int) -> None:
    """The estimate is within a fifth of what o200k_base gives, in many scripts and formats."""
    assert Estimator().count(text) == pytest.approx(tokens, rel=0.2)


def test_text_is_counted_once_when_it_comes_again() -> None:
    """A tokenizer remembers the count of a text it has seen, but not of a very long one."""
    words = Words()
    remembering = tokenizer.Remembering(words)
    assert [remembering.count("two words") for _ in range(3)] == [2, 2, 2]
    assert words.asked == 1
    long = "word " * 10_000
    assert [remembering.count(long) for _ in range(2)] == [10_000, 10_000]
    assert words.asked == 3


def test_auto_estimates_when_the_vocabulary_is_not_at_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without tiktoken's files the estimate serves, and nothing is downloaded."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    text = "Some text whose exact count is not known here."
    assert open_tokenizer("auto").count(text) == Estimator().count(text)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"broken"])
def test_tiktoken_is_refused_when_its_vocabulary_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    """Asked for by name, a missing or broken vocabulary is an error that says what to do."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    _package(monkeypatch, tmp_path)
    path = tmp_path / hashlib.sha1(tokenizer._SOURCE.encode()).hexdigest()
    if content:
        path.write_bytes(content)
    with pytest.raises(TokenizerUnavailable, match=r"vocabulary.*TIKTOKEN_CACHE_DIR"):
        open_tokenizer("tiktoken")
    assert path.exists() == bool(content)


def test_tiktoken_is_refused_when_its_cache_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty TIKTOKEN_CACHE_DIR means that tiktoken would download each time."""
    _package(monkeypatch, tmp_path)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    with pytest.raises(TokenizerUnavailable, match="switched off"):
        open_tokenizer("tiktoken")


def test_tiktoken_is_refused_when_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, asking for it by name is an error."""
    monkeypatch.setattr(tokenizer, "find_spec", lambda name: None)
    with pytest.raises(TokenizerUnavailable, match="not installed"):
        open_tokenizer("tiktoken")


@pytest.mark.parametrize("variable", ["TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR", None])
@pytest.mark.parametrize("kind", ["auto", "tiktoken"])
def test_tiktoken_counts_when_its_vocabulary_is_at_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str | None, kind: Any
) -> None:
    """Package and vocabulary together make the count exact, wherever the cache is."""
    folder = tmp_path / "data-gym-cache"
    folder.mkdir()
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _package(monkeypatch, tmp_path)
    (folder / hashlib.sha1(tokenizer._SOURCE.encode()).hexdigest()).write_bytes(b"ranks")
    monkeypatch.setattr(tokenizer, "_DIGEST", hashlib.sha256(b"ranks").hexdigest())
    assert open_tokenizer(kind).count("abc def") == 7


def _package(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Put a tiktoken in place whose tokens are characters."""
    module = folder / "tiktoken.py"
    module.write_text(
        "class Encoding:\n"
        "    def __init__(self, name): assert name == 'o200k_base'\n"
        "    def encode_ordinary(self, text): return list(text)\n"
        "get_encoding = Encoding\n",
        encoding="utf-8",
    )
    for name in [name for name in sys.modules if name.partition(".")[0] == "tiktoken"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setitem(sys.modules, "tiktoken", _load(module))


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("tiktoken", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
