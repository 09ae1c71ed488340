"""Graphviz: the `dot` on the path, or the one that the package pygraphviz carries; in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from shutil import which

PATIENCE = 60
"""Seconds that a layout may take."""

_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


class EngineError(Exception):
    """A picture that cannot be laid out, and what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


def draw(text: str, format: str, *, patience: float = PATIENCE) -> bytes:
    """The picture that a text in DOT describes, as `svg`, `png` or `pdf`. Raises `EngineError`."""
    command = _command(format)
    if format != "svg" and not _has_fonts():
        raise EngineError(
            f"there are no fonts on this machine, so that a {format} would have boxes for letters",
            "write an SVG, which is drawn where it is looked at, or install fonts, such as fonts-dejavu",
        )
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"Graphviz did not lay it out within {patience:.0f} seconds", "fold it: `--depth 2`"
        ) from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EngineError(
            f"Graphviz failed: {said[-1] if said else f'exit code {done.returncode}'}"
        )
    return done.stdout


def _has_fonts() -> bool:
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
        "there is no Graphviz to lay the picture out",
        "install it: pip install 'netspec-compiler[graphviz]', or your system's graphviz; "
        "`--format dot`, `mermaid` and `rail` need none",
    )
