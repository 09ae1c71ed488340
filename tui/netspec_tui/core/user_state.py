"""What the editor stores between its runs: recent files, and whether the tour was shown."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

_MOST_RECENT = 20


def state_folder() -> Path:
    """The folder of the editor's state: `$XDG_STATE_HOME/netspec`."""
    local = os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
    home = os.environ.get("XDG_STATE_HOME") or local or str(Path.home() / ".local" / "state")
    return Path(home) / "netspec"


def add_recent_file(path: str) -> None:
    """Put a file first in the list of recent files."""
    path = os.path.realpath(path)
    others = [other for other in recent_files() if other != path]
    with suppress(OSError):
        write_json(state_folder() / "recent.json", [path, *others][:_MOST_RECENT])


def recent_files() -> list[str]:
    """The files that were edited last, without those that no longer exist."""
    data = read_json(state_folder() / "recent.json")
    return (
        [p for p in data if isinstance(p, str) and os.path.isfile(p)]
        if isinstance(data, list)
        else []
    )


def tour_was_shown() -> bool:
    """Whether the tour was shown before."""
    return (state_folder() / "tour").exists()


def mark_tour_shown() -> None:
    """Record that the tour was shown."""
    with suppress(OSError):
        state_folder().mkdir(parents=True, exist_ok=True)
        (state_folder() / "tour").touch()


def write_json(path: Path, data: object) -> None:
    """Write data atomically to a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with open(draft, "w", encoding="utf-8", opener=_private) as file:
        json.dump(data, file, ensure_ascii=True)
    os.replace(draft, path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def read_json(path: Path) -> Any:
    """The data of a file; None if it cannot be read."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
