"""Files that commands write, whole or not at all."""

from __future__ import annotations

import os

from netspec.atomic import replaced
from netspec.cli.options import UsageError


def write(path: str, text: str) -> None:
    """Write a text atomically: at any time, the file has either its old or its new content."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str, data: bytes) -> None:
    """Write a file."""
    try:
        path = os.path.realpath(path)
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as device:
                device.write(data)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replaced(path, data)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"`{path}` cannot be written: {reason}") from None
