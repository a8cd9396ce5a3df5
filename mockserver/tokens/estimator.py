"""A token estimate from the shape of a text, without a vocabulary."""

from __future__ import annotations

from typing import Final

_BLANK, _LETTER, _DIGIT, _MARK = b" ", b"a", b"0", b"."
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
"""Bytes of a UTF-8 sequence after the first; deleting them leaves one byte per character."""

_SCRIPTS: Final = (
    # first and last lead byte, class, hundredths of a token per character
    (0xC3, 0xCC, b"l", 60),  # Latin letters with marks, on top of the word they stand in
    (0xCD, 0xD5, b"g", 32),  # Greek, Cyrillic, Armenian
    (0xD6, 0xDF, b"h", 40),  # Hebrew, Arabic
    (0xE0, 0xE1, b"i", 42),  # Indic scripts, Thai, Georgian, Vietnamese
    (0xE3, 0xE9, b"k", 65),  # kana and Han
    (0xEA, 0xED, b"j", 65),  # Hangul
    (0xEE, 0xEF, b"k", 65),  # full-width forms
    (0xF0, 0xFF, b"e", 160),  # emoji and everything else beyond the basic plane
)

_LONG: Final = _LETTER * 14
"""A word this long is nearly always cut in the middle."""

_PRICES: Final = (
    # hundredths of a token for every occurrence; fitted on recorded prompts, prose, code and JSON
    (b" a", 105),  # a word after a blank takes the blank along
    (b".a", 73),  # a word after a mark may take the mark along
    (_LONG, 250),
    (b".", 27),
    (b"a.", 56),  # a run of marks begins
    (b" .", 67),
    (b"  ", 43),  # indentation
)
_DIGITS: Final = (
    (b"0", 33),  # three digits make a token
    (b".0", 130),
    (b" 0", 168),  # a blank before a number is a token of its own
)


def _classes() -> bytes:
    """Give the class of every byte: letter, digit, blank, mark, or a script's own letter."""
    table = bytearray(_MARK * 256)
    for code in range(0x80):
        char = chr(code)
        if char.isalpha():
            table[code : code + 1] = _LETTER
        elif char.isdigit():
            table[code : code + 1] = _DIGIT
        elif char.isspace():
            table[code : code + 1] = _BLANK
    for first, last, name, _ in _SCRIPTS:
        table[first : last + 1] = name * (last + 1 - first)
    return bytes(table)


_CLASSES: Final = _classes()
_SCRIPT_PRICES: Final = {name: price for _, _, name, price in _SCRIPTS}


class Estimator:
    """Counts tokens about as ``o200k_base`` does, from character classes alone.

    The text becomes a string of classes (letter, digit, blank, mark, script), and the count is a
    weighted sum of a few patterns in it, each found by one linear search in C. Text added at the
    end never lowers the count; a text joined to another with a blank counts their sum, give or
    take one.
    """

    def count(self, text: str) -> int:
        """Give the tokens of ``text``: 0 for none, else at least 1."""
        if not text:
            return 0
        raw = text.encode("utf-8", "surrogatepass")
        hundredths = 50
        if text.isascii():
            shape = _BLANK + raw.translate(_CLASSES)
        else:
            shape = _BLANK + raw.translate(_CLASSES, _CONTINUATION)
            hundredths += sum(shape.count(name) * price for name, price in _SCRIPT_PRICES.items())
            shape = shape.replace(b"l", _LETTER)
        for pattern, price in _PRICES:
            hundredths += shape.count(pattern) * price
        if _DIGIT in shape:
            for pattern, price in _DIGITS:
                hundredths += shape.count(pattern) * price
        return hundredths // 100 or 1
