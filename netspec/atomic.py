"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def replaced(path: str, data: bytes) -> os.stat_result:
    """Write a file atomically: at any time it has its old or its new content. Returns its new state.

    Links are followed, and the file keeps its mode and, where that is allowed, its owner. Raises `OSError`.
    """
    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    draft = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                _as_before(draft, os.stat(path))
            status = os.fstat(file.fileno())
        os.replace(draft, path)
    finally:
        with suppress(FileNotFoundError):
            os.remove(draft)
    _settle(folder)
    return status


def _as_before(draft: str, old: os.stat_result) -> None:
    """Give a draft the mode and the owner of the file that it replaces."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(draft, old.st_uid, old.st_gid)
    os.chmod(draft, stat.S_IMODE(old.st_mode))


def _settle(folder: str) -> None:
    """Let the new name of a file reach the disk; not every system can."""
    with suppress(OSError):
        directory = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
