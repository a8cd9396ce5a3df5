"""Where settings come from: a flag beats the environment, which beats a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mockserver.config import OPTIONS, Settings, checked, parse_option
from mockserver.parsing import json_file

PREFIX: Final = "MOCKSERVER_"


def load(
    flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None = None
) -> Settings:
    """Merge flags over environment over file over defaults.

    ``flags`` holds parsed values by field name. Unknown names, and values that do not parse, raise
    ValueError naming where they came from.
    """
    values: dict[str, Any] = {}
    if file is not None:
        values.update(_from_file(file))
    values.update(_from_environment(environment))
    values.update({name: value for name, value in flags.items() if value is not None})
    return Settings(**values)


def find(flags: Mapping[str, Any], file: Path | None = None) -> Settings:
    """Return the settings of this process: as ``load``, with a file that its environment may name.

    Raises ValueError as ``load`` does.
    """
    named = file or os.environ.get(f"{PREFIX}CONFIG")
    return load(flags, os.environ, Path(named) if named else None)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in OPTIONS:
        variable = PREFIX + name.upper()
        if name == "port" and variable not in environment:
            variable = "PORT"
        if (text := environment.get(variable)) is not None:
            try:
                values[name] = parse_option(name, text)
            except ValueError as problem:
                raise ValueError(f"{variable}: {problem}") from None
    return values


def _from_file(file: Path) -> dict[str, Any]:
    """Read a JSON file of settings by field name."""
    return {
        name.replace("-", "_"): _file_value(file, name, value)
        for name, value in json_file(file, "settings").items()
    }


def _file_value(file: Path, name: str, value: Any) -> Any:
    key = name.replace("-", "_")
    if key not in OPTIONS:
        raise ValueError(f"{file}: unknown setting {name!r}; there are {', '.join(OPTIONS)}")
    try:
        return checked(key, value)
    except ValueError as problem:
        raise ValueError(f"{file}: {name}: {problem}") from None
