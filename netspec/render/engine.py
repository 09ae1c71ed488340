"""Graphviz: the `dot` on the path, or the one that the package pygraphviz carries; in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from shutil import which

MOST_BOXES = 2_500
"""The maximum number of boxes: the time of `dot` grows with the square (30 s for 3,000 with a residual each)."""
PATIENCE = 60
"""The time limit for a layout, in seconds."""
_BEAT = 0.1
"""Seconds between two looks at whether a layout is still wanted."""
Cancelled = Callable[[], bool]

_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


class EngineError(Exception):
    """Graphviz cannot draw a picture.

    Args:
        message: The reason.
        help: What the user can do, in the imperative.

    Attributes:
        message: The reason.
        help: What the user can do.

    Example:
        >>> import netspec
        >>> netspec.EngineError("Graphviz is not installed", "install the package `graphviz`").help
        'install the package `graphviz`'
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(f"{message}\n  help: {help}" if help else message)
        self.message, self.help = message, help


class CancelledError(Exception):
    """A picture that is no longer needed."""


def draw(
    text: str, format: str, *, patience: float = PATIENCE, cancelled: Cancelled = lambda: False
) -> bytes:
    """The picture that a text in DOT describes, as `svg`, `png` or `pdf`.

    Raises `EngineError`, and `CancelledError` as soon as `cancelled` says so.
    """
    command = _command(format)
    if format != "svg" and not has_fonts():
        raise EngineError(
            f"no fonts are installed, so a {format} would have no readable text",
            "write an SVG, which uses the fonts of its viewer, or install fonts, such as "
            "fonts-dejavu",
        )
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            drawn, complaint = _answer(process, text.encode(), patience, cancelled)
        finally:
            process.kill()
    if process.returncode or not drawn:
        error_lines = complaint.decode("utf-8", "replace").strip().splitlines()
        raise EngineError(
            f"Graphviz failed: {error_lines[-1] if error_lines else f'exit code {process.returncode}'}"
        )
    return drawn


def _answer(
    process: subprocess.Popen[bytes], asked: bytes | None, patience: float, cancelled: Cancelled
) -> tuple[bytes, bytes]:
    """Its output and its errors, with regular checks for cancellation."""
    end = time.monotonic() + patience
    while True:
        try:
            return process.communicate(asked, timeout=min(_BEAT, patience))
        except subprocess.TimeoutExpired:
            asked = None  # it goes on with what it was given first
            if cancelled():
                raise CancelledError from None
            if time.monotonic() >= end:
                raise EngineError(
                    f"Graphviz did not finish within {patience:.0f} seconds",
                    "fold it: `--depth 2`",
                ) from None


def has_fonts() -> bool:
    """Whether there is a font to draw letters with; other systems than Linux always have some."""
    if not sys.platform.startswith("linux"):
        return True
    home = os.path.expanduser("~")
    folders = [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        f"{home}/.fonts",
        f"{home}/.local/share/fonts",
    ]
    endings = (".ttf", ".otf", ".ttc", ".pfb")
    return any(
        name.endswith(endings)
        for folder in folders
        for _, _, names in os.walk(folder)
        for name in names
    )


def _command(format: str) -> list[str]:
    if (dot := which("dot")) is not None:
        return [dot, f"-T{format}"]
    if find_spec("pygraphviz") is not None:
        return [sys.executable, "-c", _PYGRAPHVIZ, format]
    raise EngineError(
        "Graphviz is not installed",
        "install it: pip install 'netspec-compiler[graphviz]', or your system's graphviz; "
        "`--format dot`, `mermaid` and `rail` do not require it",
    )
