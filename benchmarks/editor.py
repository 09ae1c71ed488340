"""The editor through a real pseudo-terminal: from the key, written to it, to the end of the frame that answers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZE = 160, 48
_ASKED = b"\x1b[?2026$p"
"""The query whether the terminal draws whole frames: it does, so that their ends are known."""
_FRAME_END = b"\x1b[?2026l"


class Editor:
    """An editor that runs in a pseudo-terminal, and what it writes."""

    def __init__(self, path: Path, state: str) -> None:
        self.output = b""
        self.started = time.perf_counter()
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.environ.update(XDG_STATE_HOME=state, XDG_CONFIG_HOME=state, TERM="xterm-256color")
            os.execv(sys.executable, [sys.executable, "-m", "netspec", "tui", str(path)])
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.handle)

    def press(self, keys: str) -> float:
        """Send keys; when."""
        self.output = b""
        now = time.perf_counter()
        os.write(self.handle, keys.encode())
        return now

    def frame(self, text: str, patience: float = 60.0) -> float:
        """Wait for the end of the first frame that has a text; when that was."""
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            text_offset = self.output.find(text.encode())
            if text_offset >= 0 and self.output.find(_FRAME_END, text_offset) >= 0:
                return time.perf_counter()
            self._read(0.2)
        raise SystemExit(f"the editor never showed `{text}`")

    def rest(self, pause: float = 0.3) -> None:
        """Wait until it writes no more."""
        while self._read(pause):
            pass
        self.output = b""

    def _read(self, patience: float) -> bool:
        if not select.select([self.handle], [], [], patience)[0]:
            return False
        fresh = os.read(self.handle, 1 << 16)
        if _ASKED in fresh:
            os.write(self.handle, b"\x1b[?2026;2$y")
        self.output += fresh
        return bool(fresh)


def main() -> None:
    """Print the medians, and the slowest of each."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "netspec").mkdir()
        (Path(folder) / "netspec" / "tour").touch()
        print(f"the editor in a pseudo-terminal of {SIZE[0]}×{SIZE[1]}, medians (slowest)")
        _summary("open densenet121.yaml to the graph", list(_openings(folder)))
        thousand = _chain(Path(folder) / "thousand.yaml", 1_000)
        _summary(
            "1,000 nodes: key stroke to new verdict and frame", list(_strokes(thousand, folder))
        )
        _summary("1,000 nodes: cursor moves", list(_moves(thousand, folder)))
        many = _chain(Path(folder) / "many.yaml", 20_000)
        _summary("20,000 nodes: cursor moves", list(_moves(many, folder)))


def _summary(what: str, seconds: list[float]) -> None:
    middle, worst = statistics.median(seconds) * 1e3, max(seconds) * 1e3
    print(f"  {what:<50}{middle:7.1f} ms  ({worst:.1f}, {len(seconds)} times)")


def _chain(path: Path, nodes: int) -> Path:
    """A network of convolutions and activations in turn."""
    lines = ["netspec: 1", "inputs: {image: [N, 3, 32, 32]}", "body:"]
    for k in range(nodes // 2):
        call = "{op: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}"
        lines += [f"  - conv{k}: {call}", f"  - relu{k}: ReLU"]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


@contextlib.contextmanager
def _opened(path: Path, state: str) -> Iterator[Editor]:
    editor = Editor(path, state)
    try:
        yield editor
    finally:
        editor.close()


def _openings(state: str) -> Iterator[float]:
    for _ in range(9):
        with _opened(ROOT / "specs" / "densenet121.yaml", state) as editor:
            yield editor.frame("N×64×") - editor.started


def _strokes(path: Path, state: str) -> Iterator[float]:
    """`16` becomes `165` and `16` again in the source: every shape of the graph says so."""
    with _opened(path, state) as editor:
        editor.frame("N×16×")
        for keys in ("g", "j", "3", "\x1b[F", *["\x1b[D"] * len(", kernel_size: 3, padding: 1}")):
            editor.rest(0.1)
            editor.press(keys)
        editor.rest()
        for _ in range(20):
            for keys, shown in (("5", "N×165×"), ("\x7f", "N×16×")):
                start = editor.press(keys)
                yield editor.frame(shown) - start
                editor.rest()


def _moves(path: Path, state: str) -> Iterator[float]:
    """The cursor goes down from the first row, and up from the last."""
    with _opened(path, state) as editor:
        editor.frame("N×16×")
        editor.rest(1.0)
        yield from _walk(editor, "j", [f"{op}{k}" for k in range(20) for op in ("conv", "relu")])
        last = path.read_text("utf-8").count("ReLU") - 1
        editor.press("G")
        editor.rest(1.0)
        yield from _walk(
            editor, "k", [f"{op}{last - k}" for k in range(10) for op in ("relu", "conv")]
        )


def _walk(editor: Editor, key: str, names: list[str]) -> Iterator[float]:
    """One key again and again, each time until the row of that name is drawn."""
    for name in names:
        start = editor.press(key)
        yield editor.frame(name) - start
        editor.rest(0.1)


if __name__ == "__main__":
    main()
