"""Files: read byte for byte, written atomically, and never over the changes of another program."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass

from netspec.atomic import replaced
from netspec.document.loading import MAX_BYTES, read

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOSPC: "no space left on the disk",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "no such directory",
    errno.EISDIR: "it is a directory",
}


@dataclass(frozen=True)
class Stamp:
    """The state of a file when it was last read or written."""

    mtime_ns: int
    size: int
    digest: str


@dataclass(frozen=True)
class OpenedFile:
    """The result of reading a file: its text, or the error."""

    text: str
    stamp: Stamp | None
    """None for a file that does not exist yet."""
    error: str = ""


class SaveError(Exception):
    """A file that cannot be written, and why."""


class ConflictError(SaveError):
    """A file that another program has changed."""


def open_file(path: str) -> OpenedFile:
    """Read a file byte for byte: line breaks and a byte order mark are preserved."""
    if not os.path.lexists(path) and os.path.isdir(os.path.dirname(path) or "."):
        return OpenedFile("", None)
    document = read(path)
    if document.unreadable:
        return OpenedFile("", None, document.diagnostics[0].message)
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
            return OpenedFile(data.decode("utf-8"), _stamp(os.fstat(file.fileno()), data))
    except (OSError, ValueError) as error:
        return OpenedFile("", None, f"`{path}` cannot be read: {_reason(error)}")


def changed(path: str, stamp: Stamp | None) -> bool:
    """Whether a file differs from its stamp; its content is read only if its time or size differs."""
    try:
        now = os.stat(path)
        if stamp is not None and (now.st_mtime_ns, now.st_size) == (stamp.mtime_ns, stamp.size):
            return False
        with open(path, "rb") as file:
            return stamp is None or _digest(file.read(MAX_BYTES + 1)) != stamp.digest
    except FileNotFoundError:
        return stamp is not None
    except OSError:
        return False


def write_file(path: str, text: str, stamp: Stamp | None, *, force: bool = False) -> Stamp:
    """Write a text atomically and return the new stamp of the file.

    Links are followed, and the file keeps its mode and owner. Raises `ConflictError` if the file differs
    from `stamp`, unless `force` is set, and `SaveError` if it cannot be written.
    """
    if not force and changed(path, stamp):
        raise ConflictError(f"`{path}` was changed by another program")
    try:
        data = text.encode("utf-8")
        return _stamp(replaced(path, data), data)
    except OSError as error:
        raise SaveError(f"`{path}` cannot be written: {_reason(error)}") from None


def _stamp(status: os.stat_result, data: bytes) -> Stamp:
    return Stamp(status.st_mtime_ns, len(data), _digest(data))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return _REASONS.get(number or 0, str(getattr(error, "strerror", None) or error).lower())
