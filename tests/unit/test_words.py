"""Words: text and plausible values from seeded pools."""

from __future__ import annotations

import os
import subprocess
import sys
from random import Random
from timeit import repeat

import pytest

from mockserver.sources.words import KINDS, Words, _pool

PROBE = """
from random import Random
from mockserver.sources.words import KINDS, Words
words, rng = Words(seed=7), Random(3)
print([words.fake(rng, kind) for kind in KINDS], words.text(rng, words=60))
"""


def probe(hash_seed: str) -> str:
    """Return what a fresh interpreter with that hash seed draws."""
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("length", [1, 2, 7, 14, 15, 20, 21, 40, 400])
def test_text_has_exactly_the_words_asked_for(length: int) -> None:
    """Whatever length is asked for, the text has that many words and ends as a sentence does."""
    words = Words(seed=1)
    for start in range(20):
        text = words.text(Random(start), words=length)
        assert len(text.split()) == length
        assert text[0].isupper()
        assert text[-1] == "."
        assert ",," not in text
        assert ",." not in text


def test_text_is_empty_when_no_words_are_asked_for() -> None:
    """A text of no words is the empty string."""
    assert Words(seed=1).text(Random(1), words=0) == ""


def test_sentence_is_one_sentence() -> None:
    """A sentence has one full stop, at its end."""
    words, rng = Words(seed=1), Random(5)
    for _ in range(50):
        sentence = words.sentence(rng)
        assert sentence.index(".") == len(sentence) - 1


def test_same_seed_gives_the_same_text() -> None:
    """Two instances with one seed and two equal random sources tell the same story."""
    one, two = (Words(seed=4).text(Random(9), words=80) for _ in range(2))
    assert one == two


def test_another_seed_gives_another_text() -> None:
    """The pools, and so the text, change with the seed."""
    assert Words(seed=4).text(Random(9), words=80) != Words(seed=5).text(Random(9), words=80)


@pytest.mark.parametrize("kind", KINDS)
def test_fake_knows_every_kind(kind: str) -> None:
    """Every kind gives values that are not blank and not all the same."""
    words = Words(seed=1)
    drawn = {words.fake(Random(start), kind) for start in range(30)}
    assert len(drawn) > 3
    assert all(value.strip() and "\n" not in value for value in drawn)


def test_fake_does_not_depend_on_what_was_drawn_before() -> None:
    """A pool is the same whether it is the first to be filled or the last."""
    words = Words(seed=11)
    forth = {kind: words.fake(Random(1), kind) for kind in KINDS}
    _pool.cache_clear()
    back = {kind: words.fake(Random(1), kind) for kind in reversed(KINDS)}
    assert back == forth


def test_fake_addresses_nobody_real() -> None:
    """E-mail addresses, hosts and URLs lie in the domains reserved for examples."""
    words = Words(seed=1)
    for start in range(60):
        rng = Random(start)
        assert words.fake(rng, "email").split("@")[1].startswith("example.")
        assert words.fake(rng, "domain").endswith(".example.com")
        assert words.fake(rng, "url").startswith("https://example.com/")


def test_fake_raises_when_the_kind_is_unknown() -> None:
    """An unknown kind is named in the error."""
    with pytest.raises(ValueError, match="'shoe size'"):
        Words(seed=1).fake(Random(1), "shoe size")


def test_words_raise_when_faker_lacks_the_locale() -> None:
    """A locale Faker lacks is named in the error, before any text is asked for."""
    with pytest.raises(ValueError, match="'xx_YY'"):
        Words(seed=1, locale="xx_YY")


@pytest.mark.parametrize("locale", ["de_DE", "ja_JP", "ar_AA", "es_CL", "sv_SE", "en_GB"])
def test_locale_gives_text_and_every_kind(locale: str) -> None:
    """Any locale of Faker's can make every kind, with English standing in where it must."""
    words = Words(seed=1, locale=locale)
    assert words.text(Random(1), words=40)
    assert all(words.fake(Random(1), kind) for kind in KINDS)
    assert words.fake(Random(1), "email").isascii()


def test_locale_sets_the_language_of_the_text() -> None:
    """Japanese text is Japanese, and needs no blanks."""
    text = Words(seed=1, locale="ja_JP").text(Random(1), words=40)
    assert not text.isascii()
    assert " " not in text


def test_pools_are_the_same_in_every_process() -> None:
    """Neither the process nor its hash seed shows in what is drawn."""
    assert probe("1") == probe("2")


def test_text_is_fast_enough_for_a_load_test() -> None:
    """Forty words take less than ten microseconds (design §2.10)."""
    words, rng = Words(seed=1), Random(1)
    best = min(repeat(lambda: words.text(rng, words=40), number=2000, repeat=5)) / 2000
    assert best < 10e-6


def test_importing_words_does_not_load_faker() -> None:
    """Faker is loaded by the first word, not by the import."""
    code = (
        "import sys, mockserver.sources.words as w; w.Words(seed=1); print('faker' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
