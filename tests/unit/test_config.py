"""Settings: where they come from, which wins, and what they refuse."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import cli
from mockserver.config import OPTIONS, Settings, parse_option
from mockserver.loading import PREFIX, load

EXAMPLES: dict[str, tuple[str, Any]] = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("9000", 9000),
    "cassettes": ("a.yaml,b", (Path("a.yaml"), Path("b"))),
    "strict": ("true", True),
    "repeat": ("cycle", "cycle"),
    "record_mode": ("new_episodes", "new_episodes"),
    "upstream": ("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"),
    "upstream_ca": ("ca.pem", Path("ca.pem")),
    "environment_key": ("true", True),
    "record_status": ("2xx", "2xx"),
    "drop_unused": ("true", True),
    "fail_unused": ("true", True),
    "split": ("none", "none"),
    "speed": ("2.5", "2.5"),
    "redact_field": ("user,metadata.email", ("user", "metadata.email")),
    "redact_pattern": ("cust-[0-9]{1,9}\nacme", ("cust-[0-9]{1,9}", "acme")),
    "redact_replacement": ("Acme, Inc.=Customer\na=b", ("Acme, Inc.=Customer", "a=b")),
    "keep_field": ("password,a.secret", ("password", "a.secret")),
    "keep_header": ("x-request-id,date", ("x-request-id", "date")),
    "match_on": ("method, path,header:x-a", ("method", "path", "header:x-a")),
    "ignore_body": ("metadata.run_id,input[*].id", ("metadata.run_id", "input[*].id")),
    "normalise": ("json:loads", ("json:loads",)),
    "scenario": ("failed,ttft:1s", "failed,ttft:1s"),
    "scenarios": ("a.yaml,b", (Path("a.yaml"), Path("b"))),
    "prompts": ("prompts.json", Path("prompts.json")),
    "validation": ("lenient", "lenient"),
    "lenient": ("true", True),
    "dialect": ("rust", "rust"),
    "seed": ("7", 7),
    "locale": ("de_DE", "de_DE"),
    "optional_arguments": ("1", True),
    "tokenizer": ("auto", "auto"),
    "timestamps": ("real", "real"),
    "queued_seconds": ("1.5", 1.5),
    "in_progress_seconds": ("0", 0.0),
    "keepalive_seconds": ("2", 2.0),
    "error_event": ("flat", "flat"),
    "cancelled_stream": ("end", "end"),
    "websocket_lifetime": ("5", 5.0),
    "webhook_url": ("http://localhost:1/a,https://b/c", ("http://localhost:1/a", "https://b/c")),
    "webhook_secret": ("whsec_c2VjcmV0IQ==", "whsec_c2VjcmV0IQ=="),
    "webhook_allow": ("hooks.test:81,10.0.0.0/8", ("hooks.test:81", "10.0.0.0/8")),
    "webhook_retry_seconds": ("0.5", 0.5),
    "webhook_timeout": ("2", 2.0),
    "require_key": ("TRUE", True),
    "max_body": ("1024", 1024),
    "max_responses": ("3", 3),
    "max_memory": ("4096", 4096),
    "max_calls": ("0", 0),
    "max_journal": ("4096", 4096),
    "max_namespaces": ("2", 2),
    "namespace_idle": ("5", 5.0),
    "clock": ("virtual", "virtual"),
    "rpm": ("3", 3),
    "tpm": ("1000", 1000),
    "control_token": ("a-long-secret", "a-long-secret"),
    "drain_seconds": ("0.5", 0.5),
    "log_level": ("warning", "warning"),
    "log_format": ("json", "json"),
}
"""A value for each setting as it is written, and as it is read; none is the default."""

NONSENSE: dict[str, list[str]] = {
    "host": ["", "  "],
    "port": ["-1", "65536", "http", "", "8 0", "0x50", "²", "--5", "9" * 5000],
    "cassettes": ["~nobody-of-this-name/a.yaml"],
    "strict": ["yes", "on", "", "2"],
    "repeat": ["once", ""],
    "record_mode": ["any", "ONCE", ""],
    "upstream": ["", " "],
    "upstream_ca": ["~nobody-of-this-name/ca.pem"],
    "environment_key": ["sk"],
    "record_status": ["200", "2XX", ""],
    "drop_unused": ["yes"],
    "fail_unused": ["no"],
    "split": ["test", ""],
    "speed": ["fast", "0", "-1", "nan", "inf", ""],
    "redact_pattern": ["(", "a*", "fine\n["],
    "redact_replacement": ["a", "=b", "a=aa"],
    "scenarios": ["~nobody-of-this-name/rules.yaml"],
    "prompts": ["~nobody-of-this-name/prompts.json"],
    "validation": ["none", "STRICT"],
    "seed": ["-1", "1.5", "abc", ""],
    "locale": [""],
    "lenient": ["mostly"],
    "dialect": ["klingon", "OpenAI"],
    "optional_arguments": ["maybe"],
    "tokenizer": ["gpt"],
    "timestamps": ["utc"],
    "queued_seconds": ["-1", "soon", "nan", "inf", ""],
    "in_progress_seconds": ["1s"],
    "keepalive_seconds": ["never"],
    "websocket_lifetime": ["-5"],
    "error_event": ["round"],
    "cancelled_stream": ["cut"],
    "webhook_url": ["localhost:8000", "ftp://localhost/", "http://"],
    "webhook_secret": ["short", "whsec_***not-base64***", "with a space in it"],
    "webhook_allow": ["http://hooks.test", "hooks.test/path"],
    "webhook_retry_seconds": ["-1"],
    "webhook_timeout": ["soon"],
    "require_key": ["sk-1"],
    "max_body": ["0", "1MB"],
    "max_responses": ["0"],
    "max_memory": ["0"],
    "max_calls": ["-1"],
    "max_journal": ["0"],
    "max_namespaces": ["0"],
    "namespace_idle": ["-1", "1h"],
    "clock": ["fast"],
    "rpm": ["0", "many"],
    "tpm": ["0"],
    "control_token": ["", "short", "with a blank"],
    "drain_seconds": ["-0.1"],
    "log_level": ["loud"],
    "log_format": ["xml"],
}
"""Texts that a setting refuses."""


def test_every_setting_has_an_example() -> None:
    """The table of this file covers the settings there are, with values that are no defaults."""
    assert set(EXAMPLES) == set(OPTIONS)
    assert all(value != OPTIONS[name].default for name, (_, value) in EXAMPLES.items())


@pytest.mark.parametrize("name", OPTIONS)
def test_a_setting_is_reached_by_its_flag(name: str) -> None:
    """Each setting has a long flag of its own name that overrides the default."""
    text, value = EXAMPLES[name]
    options = cli._parsed([f"--{name.replace('_', '-')}={text}"])
    assert getattr(cli._settings(options), name) == value


@pytest.mark.parametrize("name", OPTIONS)
def test_a_setting_is_reached_by_its_variable(name: str) -> None:
    """Each setting has an environment variable of its own name."""
    text, value = EXAMPLES[name]
    assert getattr(load({}, {PREFIX + name.upper(): text}), name) == value


@pytest.mark.parametrize("spell", [str, lambda name: name.replace("_", "-")], ids=["_", "-"])
@pytest.mark.parametrize("name", OPTIONS)
def test_a_setting_is_reached_by_the_file(name: str, spell: Any, tmp_path: Path) -> None:
    """Each setting can stand in the file, with either spelling, as text or as JSON's own value."""
    text, value = EXAMPLES[name]
    native = list(map(str, value)) if isinstance(value, tuple) else value
    native = str(value) if isinstance(value, Path) else native
    for written in (text, native):
        file = tmp_path / "settings.json"
        file.write_text(json.dumps({spell(name): written}))
        assert getattr(load({}, {}, file), name) == value


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    """Each source wins over the ones behind it, setting by setting."""
    file = tmp_path / "settings.json"
    file.write_text('{"seed": 1, "locale": "de_DE", "max_calls": 5}')
    environment = {"MOCKSERVER_SEED": "2", "MOCKSERVER_LOCALE": "fr_FR"}
    settings = load({"seed": 3, "locale": None}, environment, file)
    assert (settings.seed, settings.locale, settings.max_calls) == (3, "fr_FR", 5)
    assert settings.port == 8787


def test_a_switch_that_is_turned_off_by_flag_beats_the_environment() -> None:
    """False and zero are values, not the absence of one."""
    environment = {"MOCKSERVER_STRICT": "true", "MOCKSERVER_SEED": "9"}
    settings = load({"strict": False, "seed": 0}, environment)
    assert (settings.strict, settings.seed) == (False, 0)


def test_the_port_is_taken_from_port_when_ours_is_not_set() -> None:
    """PORT is honoured as containers set it, behind our own variable."""
    assert load({}, {"PORT": "9001"}).port == 9001
    assert load({}, {"PORT": "9001", "MOCKSERVER_PORT": "9002"}).port == 9002


@pytest.mark.parametrize("name", OPTIONS)
def test_a_default_is_one_that_the_setting_takes(name: str) -> None:
    """The defaults hold to the settings' own rules."""
    assert getattr(Settings(), name) == OPTIONS[name].default


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in NONSENSE.items() for text in texts]
)
def test_nonsense_is_refused_with_its_source(name: str, text: str, tmp_path: Path) -> None:
    """A value that makes no sense is refused by every source, which the error names."""
    variable = PREFIX + name.upper()
    with pytest.raises(ValueError, match=f"^{variable}: "):
        load({}, {variable: text})
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({name: text}))
    with pytest.raises(ValueError, match=rf"settings\.json: {name}: "):
        load({}, {}, file)
    in_code: dict[str, Any] = {name: text}
    with pytest.raises(ValueError, match=f"^{name}: "):
        Settings(**in_code)


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("strict", "not one of true, false, 1, 0"),
        ("port", "not a whole number of 0 to 65535"),
        ("seed", "not a whole number of 0 or more"),
        ("queued_seconds", "not a number of seconds, 0 or more"),
        ("validation", "not one of strict, lenient, off"),
        ("host", "must not be empty"),
    ],
)
def test_an_error_says_what_the_setting_takes(name: str, mend: str) -> None:
    """The error of a refused value says what would be accepted."""
    with pytest.raises(ValueError, match=mend):
        parse_option(name, NONSENSE[name][0])


def test_a_bad_port_of_the_container_is_blamed_on_port() -> None:
    """The error names the variable that was read, not the one that was not set."""
    with pytest.raises(ValueError, match=r"^PORT: 'http' is not"):
        load({}, {"PORT": "http"})


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("value", [{}, {"a": 1}, [[{}]]], ids=repr)
def test_an_object_in_the_file_is_refused(name: str, value: Any, tmp_path: Path) -> None:
    """No setting takes a JSON object, and none takes one for its text."""
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({name: value}))
    with pytest.raises(ValueError, match=rf"settings\.json: {name}: "):
        load({}, {}, file)


@pytest.mark.parametrize("name", OPTIONS)
def test_null_in_the_file_is_taken_only_where_it_is_the_default(name: str, tmp_path: Path) -> None:
    """Null unsets a setting that may be unset and is never read as the word None."""
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({name: None}))
    if OPTIONS[name].default is None:
        assert getattr(load({}, {}, file), name) is None
    else:
        with pytest.raises(ValueError, match=rf"settings\.json: {name}: None"):
            load({}, {}, file)


def test_the_file_s_unknown_setting_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """A misspelt setting is told, with the file and the names that exist."""
    file = tmp_path / "settings.json"
    file.write_text('{"sed": 1}')
    with pytest.raises(
        ValueError, match=r"settings\.json: unknown setting 'sed'; there are .*seed"
    ):
        load({}, {}, file)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"7", b"null", b"\xff\xfe{}"], ids=repr)
def test_a_file_that_holds_no_settings_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    """A file that is not a JSON object in UTF-8 is refused, and named."""
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"settings\.json: .*JSON"):
        load({}, {}, file)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    """A file that was named must exist."""
    with pytest.raises(ValueError, match=r"gone\.json: cannot be read"):
        load({}, {}, tmp_path / "gone.json")


def test_settings_take_python_s_values_and_text_alike() -> None:
    """In code a setting may be given as it is, or as it would stand in the environment."""
    assert Settings(cassettes=["a", Path("b")]).cassettes == (Path("a"), Path("b"))  # type: ignore[arg-type]
    assert Settings(cassettes="a,b").cassettes == (Path("a"), Path("b"))  # type: ignore[arg-type]
    assert Settings(cassettes=Path("a")).cassettes == (Path("a"),)  # type: ignore[arg-type]
    assert Settings(seed="7").seed == 7  # type: ignore[arg-type]


def test_settings_cannot_be_changed() -> None:
    """Settings are the same for as long as a server runs."""
    with pytest.raises(FrozenInstanceError):
        Settings().seed = 5  # type: ignore[misc]


@given(st.sampled_from(sorted(OPTIONS)), st.text())
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    """Whatever is written, a setting reads it or raises ValueError, and settings can hold it."""
    try:
        value = parse_option(name, text)
    except ValueError:
        return
    assert getattr(Settings(**{name: value}), name) == value
