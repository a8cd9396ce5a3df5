"""A Lark grammar that texts can be written by."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mockserver.items.derivation import Rules, Symbol, Way

if TYPE_CHECKING:
    from lark.lexer import TerminalDef

Generate: TypeAlias = Callable[[Any], Any]
"""Makes a value for a JSON schema."""

_MARK: Final = "\ue000"
_TRIES: Final = 8
_OUTSIDE: Final = re.compile(r"^\s*%(import|extend|override)\s+\.", re.MULTILINE)
_PROPERTY: Final = re.compile(r"\\([pP])(?:\{[^}]*\}|[A-Z])")
"""A Unicode property, which Lark's expressions do not know: they take a letter or none for it."""

_ALIAS: Final = re.compile(
    r"""
      (?P<kept> "(?:\\.|[^"\\\n])*" | /(?!/)(?:\\.|[^/\\\n])*/ | (?://|\#)[^\n]* )
    | ->\s*_*[a-z]\w*
    """,
    re.VERBOSE,
)


class GrammarFault(ValueError):
    """The grammar cannot be read, or no text fits it."""


class Grammar:
    """A grammar in the dialect of custom tools (api-contract §11.4).

    Lark reads it and checks what is written. Terminals that may match nothing, which Lark's own
    lexers refuse and the API takes, are parsed with a private character before them.

    Raises GrammarFault when the definition cannot be read.
    """

    def __init__(self, definition: str) -> None:
        from lark import Lark
        from lark.exceptions import LarkError

        if _OUTSIDE.search(definition):
            raise GrammarFault("Only Lark's own grammars, such as common, can be imported.")
        self._fixed: dict[str, str] = {}
        self._patterns: dict[str, str] = {}
        self._hollow: set[str] = set()
        try:
            self._lark = Lark(_without_aliases(definition), edit_terminals=self._learn)
        except (LarkError, ValueError, ImportError, OSError, AssertionError, RecursionError) as why:
            raise GrammarFault(_told(why)) from None
        self._blank = next((char for char in " \n" if self._ignores(char)), "")
        self._rules = Rules(self._read())
        if "start" not in self._rules:
            raise GrammarFault("No text of finite length fits the rule 'start'.")

    @staticmethod
    @lru_cache(maxsize=64)
    def of(definition: str) -> Grammar:
        """Return the grammar, read once for all who ask."""
        return Grammar(definition)

    def write(self, rng: Random, generate: Generate) -> str:
        """Write a text that the grammar allows, and that Lark can parse where there is one.

        Raises what ``generate`` raises when it cannot write a terminal.
        """
        from lark.exceptions import LarkError

        text = ""
        for _ in range(_TRIES):
            order = self._rules.derive("start", rng)
            text = self._blank.join(self._spell(symbol, generate) for symbol in order)
            try:
                self._lark.parse(text)
            except LarkError:
                continue  # a greedy terminal may swallow what was written for the next one
            if text.strip(_MARK):
                break
        return text.replace(_MARK, "")

    def _spell(self, symbol: Symbol, generate: Generate) -> str:
        """Write a terminal; its name, as that of a property, tells what to write."""
        fixed = self._fixed.get(symbol.name)
        if fixed is not None:
            return fixed
        pattern = {"type": "string", "pattern": f"^(?:{self._patterns[symbol.name]})$"}
        hint = symbol.hint
        made = generate({"type": "object", "properties": {hint: pattern}, "required": [hint]})
        return (_MARK if symbol.name in self._hollow else "") + str(made[hint])

    def _learn(self, terminal: TerminalDef) -> None:
        """Keep what a terminal matches; put the mark before one that may match nothing."""
        from lark.lexer import PatternRE, PatternStr

        if isinstance(terminal.pattern, PatternStr):
            self._fixed[terminal.name] = terminal.pattern.value
            return
        regexp = self._patterns[terminal.name] = terminal.pattern.to_regexp()
        parsed = _PROPERTY.sub(lambda found: rf"\{'W' if found[1] == 'P' else 'w'}", regexp)
        try:
            re.compile(parsed)
        except re.error as why:
            raise GrammarFault(f"The expression /{regexp}/ cannot be read: {why}.") from None
        terminal.pattern = PatternRE(parsed)
        if terminal.pattern.min_width == 0:
            self._hollow.add(terminal.name)
            terminal.pattern = PatternRE(f"{_MARK}(?:{parsed})")

    def _ignores(self, char: str) -> bool:
        """Tell whether the character may stand between any two terminals."""
        patterns = {each.name: each.pattern.to_regexp() for each in self._lark.terminals}
        return any(
            self._fixed.get(name) == char
            or (name in patterns and re.fullmatch(patterns[name], char))
            for name in self._lark.ignore_tokens
        )

    def _read(self) -> dict[str, list[Way]]:
        """Return the rules; a way over a terminal that is only declared leads nowhere."""
        rules: dict[str, list[Way]] = {}
        for rule in self._lark.rules:
            ways = rules.setdefault(str(rule.origin.name), [])
            hint = _hint(rule.origin.name)
            way = tuple(
                Symbol(str(part.name), part.is_term, _hint(part.name) or hint or "text")
                for part in rule.expansion
            )
            if all(self._is_known(symbol) for symbol in way):
                ways.append(way)
        return rules

    def _is_known(self, symbol: Symbol) -> bool:
        return not symbol.terminal or symbol.name in self._fixed or symbol.name in self._patterns


def _without_aliases(definition: str) -> str:
    """Return the grammar without the names of its trees.

    With names Lark takes two ways to write the same for a mistake, as in ``a: b c* -> d | b``,
    which the API does not.
    """
    return _ALIAS.sub(lambda found: found["kept"] or " ", definition)


def _hint(name: str) -> str:
    """Return a name in small letters; Lark's own and that of the whole say nothing."""
    return "" if name.startswith("__") or name == "start" else name.lower()


def _told(why: BaseException) -> str:
    """Return the first line of an error, which is the one that names the place."""
    if isinstance(why, OSError):
        return f"There is no grammar '{why.filename}' to import."
    return str(why).strip().split("\n", 1)[0] or type(why).__name__
