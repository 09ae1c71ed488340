"""The user's own keys: `keys.toml` in the folder of settings, validated by a model of the commands."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from netspec.diagnostics import did_you_mean
from netspec.similar_words import closest

_MODIFIERS = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})
_CHARACTERS = tuple(map(chr, range(33, 0x250)))
"""The characters that a key may be named after, such as `full_stop`."""


class UserKeys(NamedTuple):
    """Keys by the id of a command, and the errors in the file, if there are any, a line each."""

    keys: dict[str, str]
    errors: str = ""


def path() -> Path:
    """The path of the file."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "netspec" / "keys.toml"


def read_user_keys(help_by_id: Mapping[str, str]) -> UserKeys:
    """Read `keys.toml` from the settings folder; entries that are not valid are reported and skipped.

    Args:
        help_by_id: The help text of each command that a key may be set for.
    """
    file = path()
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return UserKeys({})
    except (OSError, ValueError) as error:
        return UserKeys({}, f"`{file}` cannot be read: {error}")
    keys, errors = validated(dict(_flat(table)), help_by_id)
    return UserKeys(keys, "\n".join(f"`{file}`: {error}" for error in errors))


def validated(
    entries: dict[str, Any], help_by_id: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The valid entries, keys spelled as Textual spells them, and a sentence for each other entry.

    Args:
        entries: The keys by the id of the command, such as `graph.add`.
        help_by_id: The help text of each command.

    Example:
        >>> validated({"graph.add": "+, a", "graph.ad": "x"}, {"graph.add": "add a step"})
        ({'graph.add': 'plus,a'}, ['`graph.ad`: unknown command; did you mean `graph.add`?'])
    """
    from pydantic import ValidationError

    model = _model(help_by_id)
    errors_by_field: dict[str, str] = {}
    try:
        model.model_validate(entries)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            field = str(each["loc"][0])
            errors_by_field[field] = f"`{field}`: {_sentence(field, each, help_by_id)}"
    valid = {name: value for name, value in entries.items() if name not in errors_by_field}
    keys = model.model_validate(valid).model_dump(by_alias=True, exclude_unset=True)
    return keys, list(errors_by_field.values())


def _model(help_by_id: Mapping[str, str]) -> Any:
    """The file as a model: a field for each command."""
    from typing import Annotated

    from pydantic import AfterValidator, ConfigDict, Field, create_model

    fields: dict[str, Any] = {
        id.replace(".", "_"): (
            Annotated[str, AfterValidator(textual_keys)],
            Field(default="", alias=id, description=help_text),
        )
        for id, help_text in help_by_id.items()
    }
    return create_model("KeyFile", __config__=ConfigDict(extra="forbid", strict=True), **fields)


def textual_keys(keys: str) -> str:
    """Keys in the notation of Textual. Raises ValueError for an unknown key.

    >>> textual_keys("ctrl+x, +, f9")
    'ctrl+x,plus,f9'
    """
    return ",".join(_spelled(key.strip()) for key in keys.split(","))


def _spelled(key: str) -> str:
    from textual.keys import Keys, _character_to_key

    if len(key) == 1:
        return _character_to_key(key)
    *modifiers, last = key.split("+")
    names = {member.value for member in Keys} | set(map(_character_to_key, _CHARACTERS))
    is_named = last in names or len(last) == 1
    if not is_named or not set(modifiers) <= _MODIFIERS:
        message = (
            f"`{key}` is not a key; write a character, or a name such as `f9`, `ctrl+x` or `slash`"
        )
        raise ValueError(message)
    return key


def _sentence(field: str, error: Any, ids: Iterable[str]) -> str:
    if error["type"] == "extra_forbidden":
        suggestion = closest(field, ids)
        return f"unknown command{f'; {did_you_mean(suggestion)}' if suggestion else ''}"
    if error["type"] == "string_type":
        return f"expected a text, not {error['input']}"
    return str(error["ctx"]["error"])


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The entries of the tables of a file, by their dotted keys."""
    entries: list[tuple[str, Any]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        entries += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return entries
