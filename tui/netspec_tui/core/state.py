"""What the editor keeps between its runs: unsaved work, recent files, whether the tour was seen."""

from __future__ import annotations

import hashlib
import json
import os
import sys
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
        self._lock: int | None = None
        self._waiting: tuple[str, Stamp | None] | None = None

    def keep(self, text: str, stamp: Stamp | None) -> None:
        """Take in what is not saved yet; call `flush` within a second."""
        self._waiting = text, stamp
        if time.monotonic() - self._written >= _PAUSE:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; an editor that came second writes nothing over the first one's."""
        if self._waiting is None or self._lock is None:
            return
        text, stamp = self._waiting
        self._waiting, self._written = None, time.monotonic()
        data = {
            "path": self.path, "text": text, "time": time.time(),
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

    def claim(self) -> bool:
        """Take the file for this editor; False where another one that is running has it.

        The system lets go of the lock when a process ends, however it ends.
        """
        if self._lock is None:
            self._lock = _locked(self.file.with_suffix(".lock"))
        return self._lock is not None

    def release(self) -> None:
        """Let another editor have the file."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def recover(self) -> Recovered | None:
        """The unsaved work of an editor that is no longer running; only after `claim`."""
        data = _read(self.file)
        if self._lock is None or not isinstance(data, dict) or data.get("path") != self.path:
            return None
        text, stamp = data.get("text"), data.get("stamp")
        if not isinstance(text, str):
            return None
        known = read_stamp(stamp)
        time = data.get("time")
        return Recovered(text, float(time) if isinstance(time, int | float) else 0.0, known)


def read_stamp(written: object) -> Stamp | None:
    """The stamp of a journal; a later version may write more, and what is not as expected is none."""
    if not isinstance(written, dict):
        return None
    mtime_ns, size, digest = (written.get(name) for name in ("mtime_ns", "size", "digest"))
    if isinstance(mtime_ns, int) and isinstance(size, int) and isinstance(digest, str):
        return Stamp(mtime_ns, size, digest)
    return None


def _locked(path: Path) -> int | None:
    """A handle of a file that nobody else can lock while it is open; None where somebody has."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_RDONLY)  # without a place for locks there are none
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


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
