"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import stat

from netspec.cli.arguments import UsageError


def write(path: str, text: str) -> None:
    """Write a file so that there is the old one or the new one at any time, never half of it."""
    try:
        path = os.path.realpath(path)
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "w", encoding="utf-8") as device:
                device.write(text)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _replace(path, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"`{path}` cannot be written: {reason}") from None


def _replace(path: str, text: str) -> None:
    folder, name = os.path.split(path)
    draft = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(draft, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            os.chmod(draft, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(draft, path)
    finally:
        if os.path.exists(draft):
            os.remove(draft)
