"""The user's own keys, from a file of settings."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple


class UserKeys(NamedTuple):
    """Keys by the id of a command, and a problem with the file, if there is one."""

    keys: dict[str, str]
    problem: str = ""


def read_user_keys(command_ids: Set[str]) -> UserKeys:
    """Read `keys.toml` from the settings folder.

    Args:
        command_ids: the ids that a key may be set for; others are reported and skipped.
    """
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    path = Path(home) / "netspec" / "keys.toml"
    try:
        toml = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return UserKeys({})
    except (OSError, ValueError) as error:
        return UserKeys({}, f"`{path}` cannot be read: {error}")
    keys = {id: str(value) for id, value in _flat(toml)}
    unknown = sorted(keys.keys() - command_ids)
    problem = f"`{path}`: unknown command: {', '.join(unknown)}" if unknown else ""
    return UserKeys({id: value for id, value in keys.items() if id in command_ids}, problem)


def _flat(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
