"""What the editor keeps between its runs: unsaved work, recent files, whether the tour was seen."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netspec_tui.core.disk import Stamp

_PAUSE = 0.5
"""Seconds between two writes of the journal."""
_MOST_RECENT = 20


def folder() -> Path:
    """Where it is kept: `$XDG_STATE_HOME/netspec`."""
    local = os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
    home = os.environ.get("XDG_STATE_HOME") or local or str(Path.home() / ".local" / "state")
    return Path(home) / "netspec"


@dataclass(frozen=True)
class Recovered:
    """Unsaved work of an editor that is gone."""

    text: str
    time: float
    stamp: Stamp | None
    """How the file was that it began with."""


class Journal:
    """Unsaved work, written down at most half a second late. What goes wrong with it is told once."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(path)
        name = hashlib.sha256(self.path.encode("utf-8", "surrogateescape")).hexdigest()[:24]
        self.file = folder() / "journal" / f"{name}.json"
        self.problem = ""
        self._written = 0.0
        self._waiting: tuple[str, Stamp | None] | None = None

    def keep(self, text: str, stamp: Stamp | None) -> None:
        """Take in what is not saved yet; call `flush` within a second."""
        self._waiting = text, stamp
        if time.monotonic() - self._written >= _PAUSE:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        if self._waiting is None:
            return
        text, stamp = self._waiting
        self._waiting, self._written = None, time.monotonic()
        data = {
            "path": self.path, "text": text, "pid": os.getpid(), "time": time.time(),
            "stamp": asdict(stamp) if stamp is not None else None,
        }  # fmt: skip
        try:
            _write(self.file, data)
        except OSError as error:
            self.problem = f"unsaved work cannot be kept in `{self.file}`: {error.strerror}"

    def drop(self) -> None:
        """Forget it: the work is saved, or given up."""
        self._waiting = None
        with suppress(OSError):
            self.file.unlink(missing_ok=True)

    def recover(self) -> Recovered | None:
        """The unsaved work of an editor of the same file that is no longer running."""
        data = _read(self.file)
        if not isinstance(data, dict) or data.get("path") != self.path or _runs(data.get("pid")):
            return None
        text, stamp = data.get("text"), data.get("stamp")
        if not isinstance(text, str):
            return None
        known = Stamp(**stamp) if isinstance(stamp, dict) else None
        return Recovered(text, float(data.get("time", 0.0)), known)

    def edited_by(self) -> int:
        """The process of another editor that has unsaved work on the same file; 0 where there is none."""
        data = _read(self.file)
        pid = data.get("pid") if isinstance(data, dict) else None
        return int(pid) if isinstance(pid, int) and pid != os.getpid() and _runs(pid) else 0


def remember(path: str) -> None:
    """Put a file first among the recent ones."""
    path = os.path.realpath(path)
    others = [other for other in recent() if other != path]
    with suppress(OSError):
        _write(folder() / "recent.json", [path, *others][:_MOST_RECENT])


def recent() -> list[str]:
    """The files that were edited last, as far as they are there."""
    data = _read(folder() / "recent.json")
    return (
        [p for p in data if isinstance(p, str) and os.path.isfile(p)]
        if isinstance(data, list)
        else []
    )


def tour_seen() -> bool:
    """Whether the tour was offered before."""
    return (folder() / "tour").exists()


def see_tour() -> None:
    """Let it not be offered again."""
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        (folder() / "tour").touch()


def _write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with open(draft, "w", encoding="utf-8", opener=_private) as file:
        json.dump(data, file, ensure_ascii=True)
    os.replace(draft, path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _runs(pid: object) -> bool:
    """Whether a process is alive."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
