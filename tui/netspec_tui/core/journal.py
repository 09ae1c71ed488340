"""Unsaved changes, stored so that they survive a crash."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from netspec_tui.core.disk import Stamp
from netspec_tui.core.user_state import read_json, state_folder, write_json

_PAUSE = 0.5
"""Seconds between two writes."""


@dataclass(frozen=True)
class Recovered:
    """Unsaved changes of an editor that no longer runs."""

    text: str
    time: float
    stamp: Stamp | None
    """The state of the file that the changes were made to."""


class Journal:
    """Stores unsaved changes within half a second. An error is reported once."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(path)
        name = hashlib.sha256(self.path.encode("utf-8", "surrogateescape")).hexdigest()[:24]
        self.file = state_folder() / "journal" / f"{name}.json"
        self.error = ""
        self._written_time = 0.0
        self._lock: int | None = None
        self._unwritten: tuple[str, Stamp | None] | None = None

    def record(self, text: str, stamp: Stamp | None) -> None:
        """Record the unsaved text; call `flush` within a second."""
        self._unwritten = text, stamp
        if time.monotonic() - self._written_time >= _PAUSE:
            self.flush()

    def flush(self) -> None:
        """Write the recorded text, unless another editor has claimed the file."""
        if self._unwritten is None or self._lock is None:
            return
        text, stamp = self._unwritten
        self._unwritten, self._written_time = None, time.monotonic()
        data = {
            "path": self.path, "text": text, "time": time.time(),
            "stamp": asdict(stamp) if stamp is not None else None,
        }  # fmt: skip
        try:
            write_json(self.file, data)
        except OSError as error:
            self.error = f"cannot store unsaved changes in `{self.file}`: {error.strerror}"

    def drop(self) -> None:
        """Delete the stored changes: they are saved or discarded."""
        self._unwritten = None
        with suppress(OSError):
            self.file.unlink(missing_ok=True)

    def claim(self) -> bool:
        """Claim the file for this editor; return False if another running editor has claimed it.

        The system releases the lock when a process ends, however it ends.
        """
        if self._lock is None:
            self._lock = _locked(self.file.with_suffix(".lock"))
        return self._lock is not None

    def release(self) -> None:
        """Release the file for another editor."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def recover(self) -> Recovered | None:
        """The unsaved changes of an editor that no longer runs; requires `claim`."""
        data = read_json(self.file)
        if self._lock is None or not isinstance(data, dict) or data.get("path") != self.path:
            return None
        text, stamp = data.get("text"), data.get("stamp")
        if not isinstance(text, str):
            return None
        time = data.get("time")
        return Recovered(
            text, float(time) if isinstance(time, int | float) else 0.0, read_stamp(stamp)
        )


def read_stamp(data: object) -> Stamp | None:
    """The stamp in a journal; None for unexpected data, as a later version may write it."""
    if not isinstance(data, dict):
        return None
    mtime_ns, size, digest = (data.get(name) for name in ("mtime_ns", "size", "digest"))
    if isinstance(mtime_ns, int) and isinstance(size, int) and isinstance(digest, str):
        return Stamp(mtime_ns, size, digest)
    return None


def _locked(path: Path) -> int | None:
    """The handle of a file that this process has locked; None if another process has."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_RDONLY)  # no lock where none can be stored
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
