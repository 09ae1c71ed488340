"""The walks of the documentation: tables of the functions that a value passes, and the calls of a real run."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]

Stop = tuple[str, str]
"""A file, relative to the project, and the qualified name of a function in it."""


def stops(page: str, walk: str) -> list[Stop]:
    """The stops of a walk, as a page lists them under the heading that begins with `walk`."""
    section = re.split(rf"^##+ {re.escape(walk)}", page, flags=re.MULTILINE)[1].split("\n#")[0]
    return re.findall(r"^\| \d+ \| `([^`]+)` \| `([^`]+)` \|", section, re.MULTILINE)


@contextmanager
def recorded_calls(walk: list[Stop]) -> Iterator[list[Stop]]:
    """The calls of the functions of a walk, on any thread, as they happen."""
    called: list[Stop] = []
    files = {str(ROOT / file): file for file, _ in walk}

    def note(frame: FrameType, event: str, _: object) -> None:
        file = files.get(frame.f_code.co_filename)
        if event == "call" and file is not None and (file, frame.f_code.co_qualname) in walk:
            called.append((file, frame.f_code.co_qualname))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
