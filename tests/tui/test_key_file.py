"""The file of the user's own keys: each wrong entry is named, and the others are used."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.keys import _character_to_key

from netspec_tui.commands.registry import COMMANDS
from netspec_tui.terminal.user_keys import UserKeys, read_user_keys, textual_keys, validated

HELP = {command.id: command.help for command in COMMANDS}


def test_the_keys_of_every_command_are_valid() -> None:
    for command in COMMANDS:
        if command.keys:
            assert textual_keys(command.keys) == command.keys


@pytest.mark.parametrize("character", [chr(c) for c in range(33, 127) if chr(c) != ","])
def test_a_character_is_spelled_as_textual_spells_it(character: str) -> None:
    name = _character_to_key(character)
    assert textual_keys(character) == name
    assert textual_keys(name) == name


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("graph.ad", "x", "unknown command; did you mean `graph.add`?"),
        ("shade", "x", "unknown command"),
        ("graph.add", 3, "expected a text, not 3"),
        ("graph.add", True, "expected a text, not True"),
        ("graph.add", ["a"], "expected a text, not ['a']"),
        ("graph.add", "", "`` is not a key"),
        ("graph.add", "a,", "`` is not a key"),
        ("graph.add", "F99", "`F99` is not a key"),
        ("graph.add", "control+x", "`control+x` is not a key"),
        ("graph.add", "ctrl+", "`ctrl+` is not a key"),
    ],
)
def test_a_wrong_entry_is_named_and_the_others_are_used(
    field: str, value: object, sentence: str
) -> None:
    keys, errors = validated({field: value, "graph.delete": "f9, ctrl+d"}, HELP)
    assert keys == {"graph.delete": "f9,ctrl+d"}
    (error,) = errors
    assert error.startswith(f"`{field}`: {sentence}")


def test_the_file_is_read_by_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert read_user_keys(HELP) == UserKeys({})
    (tmp_path / "netspec").mkdir()
    file = tmp_path / "netspec" / "keys.toml"
    file.write_text('view.sizes = "t"\n"edit.undo" = "."\n[graph]\nadd = "+"\nqqqq = 1\n', "utf-8")
    keys, error = read_user_keys(HELP)
    assert keys == {"view.sizes": "t", "edit.undo": "full_stop", "graph.add": "plus"}
    assert error == f"`{file}`: `graph.qqqq`: unknown command"
    file.write_text("[graph\n", "utf-8")
    assert "cannot be read" in read_user_keys(HELP)[1]
