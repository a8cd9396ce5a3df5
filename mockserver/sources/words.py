"""Words, sentences and plausible values, drawn from pools that Faker fills once per seed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from mockserver.seed import Chance

if TYPE_CHECKING:
    from faker.generator import Generator

DEFAULT_LOCALE: Final = "en_US"

_POOL: Final = 64
_LONGEST: Final = 14
_BUILDING: Final = Lock()

# Loading a provider costs one to four milliseconds, so each kind names the few it needs.
_PEOPLE: Final = ("person", "company", "job", "phone_number", "internet")
_PLACES: Final = ("person", "address")
_THINGS: Final = ("color", "currency", "date_time")

_PRODUCTS: Final = [
    *("Backpack", "Blender", "Bookshelf", "Camera", "Chair", "Desk", "Guitar", "Jacket", "Kettle"),
    *("Keyboard", "Lamp", "Monitor", "Notebook", "Printer", "Speaker", "Tent", "Umbrella", "Watch"),
]

_Picked = TypeVar("_Picked")
_Maker: TypeAlias = "Callable[[Generator, Random], str]"


def _as_is(formatter: str) -> _Maker:
    return lambda generator, _: str(generator.format(formatter))


def _address(generator: Generator, _: Random) -> str:
    return ", ".join(line for line in str(generator.format("address")).splitlines() if line)


def _domain(generator: Generator, _: Random) -> str:
    # A name below a reserved domain can never be that of somebody's real host (RFC 2606).
    return f"{generator.format('domain_word')}.example.com"


def _url(generator: Generator, rng: Random) -> str:
    return f"https://example.com/{generator.format('domain_word')}/{rng.randint(100, 9999)}"


def _product(generator: Generator, rng: Random) -> str:
    return f"{generator.format('last_name')} {rng.choice(_PRODUCTS)}"


def _isbn(_: Generator, rng: Random) -> str:
    body = [9, 7, 8, *(rng.randint(0, 9) for _ in range(9))]
    check = -sum(digit * (1, 3)[place % 2] for place, digit in enumerate(body)) % 10
    return "".join(map(str, [*body, check]))


def _date(_: Generator, rng: Random) -> str:
    return f"{rng.randint(2022, 2027)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _time(_: Generator, rng: Random) -> str:
    return f"{rng.randint(0, 23):02}:{rng.randint(0, 11) * 5:02}:00"


def _date_time(generator: Generator, rng: Random) -> str:
    return f"{_date(generator, rng)}T{_time(generator, rng)}Z"


_KINDS: Final[dict[str, tuple[tuple[str, ...], _Maker]]] = {
    "name": (_PEOPLE, _as_is("name")),
    "first_name": (_PEOPLE, _as_is("first_name")),
    "last_name": (_PEOPLE, _as_is("last_name")),
    "username": (_PEOPLE, _as_is("user_name")),
    "email": (_PEOPLE, _as_is("ascii_safe_email")),
    "phone": (_PEOPLE, _as_is("phone_number")),
    "job": (_PEOPLE, _as_is("job")),
    "company": (_PEOPLE, _as_is("company")),
    "product": (_PEOPLE, _product),
    "domain": (_PEOPLE, _domain),
    "url": (_PEOPLE, _url),
    "address": (_PLACES, _address),
    "street": (_PLACES, _as_is("street_address")),
    "city": (_PLACES, _as_is("city")),
    "state": (_PLACES, _as_is("state")),
    "postcode": (_PLACES, _as_is("postcode")),
    "country": (_PLACES, _as_is("country")),
    "country_code": (_PLACES, _as_is("country_code")),
    "color": (_THINGS, _as_is("safe_color_name")),
    "currency": (_THINGS, _as_is("currency_code")),
    "timezone": (_THINGS, _as_is("timezone")),
    "language": (_PEOPLE, _as_is("language_name")),
    "language_code": (_THINGS, _as_is("language_code")),
    "isbn": (_THINGS, _isbn),
    "date": (_THINGS, _date),
    "time": (_THINGS, _time),
    "date_time": (_THINGS, _date_time),
}

KINDS: Final = (*_KINDS, "word", "title", "sentence")
"""Everything ``Words.fake`` knows."""


class Words:
    """Text and plausible values; a call picks from a pool with the random source it is handed.

    The pools depend on ``seed`` and ``locale`` alone, are the same in every process, are filled on
    first need and are shared by all instances. A locale other than the default is checked at once,
    which loads Faker; one it lacks raises ValueError.
    """

    def __init__(self, *, seed: int, locale: str = DEFAULT_LOCALE) -> None:
        if locale != DEFAULT_LOCALE:
            _generator(locale, ())
        self._seed = seed
        self._locale = locale

    def word(self, rng: Chance) -> str:
        """Return one word in lower case, as the language writes it."""
        return _pick(_prose(self._seed, self._locale).words, rng)

    def title(self, rng: Chance) -> str:
        """Return a heading of two to five words, without a full stop."""
        return _pick(_prose(self._seed, self._locale).titles, rng)

    def sentence(self, rng: Chance) -> str:
        """Return one sentence of seven to fourteen words."""
        return _pick(_prose(self._seed, self._locale).sentences, rng)[1]

    def text(self, rng: Chance, *, words: int) -> str:
        """Return whole sentences that have ``words`` words in all; nothing when that is 0."""
        return _prose(self._seed, self._locale).text(rng, words)

    def fake(self, rng: Chance, what: str) -> str:
        """Return a value of the kind ``what``, one of KINDS; ValueError for any other."""
        if what in _KINDS:
            return _pick(_pool(self._seed, self._locale, what), rng)
        if what in KINDS:
            drawn: str = getattr(self, what)(rng)
            return drawn
        raise ValueError(f"no fake values of the kind {what!r}; known are {', '.join(KINDS)}")


def _pick(pool: Sequence[_Picked], rng: Chance) -> _Picked:
    # Three times as fast as Random.choice, and the pools are far too small for a bias to show.
    return pool[int(rng.random() * len(pool))]


class _Prose:
    """The words of a language, and sentences of every length made of them."""

    def __init__(self, seed: int, locale: str) -> None:
        generator = _generator(_prose_locale(locale), ("lorem",))
        lorem: Any = generator.provider("faker.providers.lorem")
        rng = Random(f"{seed}:{locale}:prose")
        self.words: list[str] = lorem.get_words_list()
        self._gap: str = lorem.word_connector
        self._stop: str = lorem.sentence_punctuation.strip()
        self._space = "" if self._stop == "。" else " "
        self._by_length = [
            [self._sentence(rng, length) for _ in range(16)] for length in range(1, _LONGEST + 1)
        ]
        lengths = [7 + index % (_LONGEST - 6) for index in range(4 * _POOL)]
        self.sentences = [(length, self._sentence(rng, length)) for length in lengths]
        self.titles = [self._title(rng, 2 + index % 4) for index in range(4 * _POOL)]

    def text(self, rng: Chance, words: int) -> str:
        """Return sentences of ``words`` words in all, none of them a stub unless ``words`` is."""
        parts = []
        while words > 20:
            count, sentence = _pick(self.sentences, rng)
            parts.append(sentence)
            words -= count
        if words > _LONGEST:
            parts.append(_pick(self._by_length[words // 2 - 1], rng))
            words -= words // 2
        if words > 0:
            parts.append(_pick(self._by_length[words - 1], rng))
        return self._space.join(parts)

    def _sentence(self, rng: Random, length: int) -> str:
        words = rng.choices(self.words, k=length)
        words[0] = words[0][:1].upper() + words[0][1:]
        if length > 7 and self._gap and rng.random() < 0.6:
            words[rng.randint(2, length - 5)] += ","
        return self._gap.join(words) + self._stop

    def _title(self, rng: Random, length: int) -> str:
        words = rng.choices(self.words, k=length)
        return self._gap.join(word[:1].upper() + word[1:] for word in words)


@lru_cache(maxsize=64)
def _prose(seed: int, locale: str) -> _Prose:
    return _Prose(seed, locale)


@lru_cache(maxsize=1024)
def _pool(seed: int, locale: str, kind: str) -> list[str]:
    """Fill the pool of one kind; English stands in where the locale cannot make the kind."""
    providers, make = _KINDS[kind]
    generator = _generator(locale, providers)
    with _BUILDING:  # the generator is shared by all seeds, so seeding and drawing must be one step
        try:
            return _fill(generator, make, f"{seed}:{locale}:{kind}")
        except (AttributeError, AssertionError):
            stand_in = _generator(DEFAULT_LOCALE, providers)
            return _fill(stand_in, make, f"{seed}:{locale}:{kind}")


def _fill(generator: Generator, make: _Maker, seed: str) -> list[str]:
    generator.seed_instance(seed)
    rng = Random(seed)
    return [make(generator, rng) for _ in range(_POOL)]


def _prose_locale(locale: str) -> str:
    # Faker has prose in American English only and turns to Latin for the rest of the world.
    return DEFAULT_LOCALE if locale.startswith("en") else locale


@lru_cache(maxsize=32)
def _generator(locale: str, providers: tuple[str, ...]) -> Generator:
    """Make a bare generator with the few providers needed: a full one costs twice the time."""
    factory = importlib.import_module("faker.factory").Factory
    names = [f"faker.providers.{name}" for name in providers]
    try:
        generator: Generator = factory.create(locale, providers=names, use_weighting=False)
    except AttributeError:
        raise ValueError(f"Faker has no locale {locale!r}") from None
    return generator
