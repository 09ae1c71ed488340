"""The editor in a real terminal: tmux, keys, and the screen as text."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="requires tmux")
ROOT = Path(__file__).parents[2]


class Terminal:
    """One editor in a window of tmux."""

    def __init__(
        self, folder: Path, *arguments: str, size: tuple[int, int] = (120, 36), shell: bool = False
    ) -> None:
        self.socket = f"netspec-{uuid.uuid4().hex[:8]}"
        self.folder = folder
        state = folder / "state"
        (state / "netspec").mkdir(parents=True, exist_ok=True)
        (state / "netspec" / "tour").touch()
        environment = {
            **os.environ, "XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(folder / "config"), "TERM": "xterm-256color",
            "COLUMNS": "80", "LINES": "24",  # as some machines export them: the window's own size counts
        }  # fmt: skip
        environment.pop("TMUX", None)
        command = [sys.executable, "-m", "netspec", "tui", *arguments]
        if shell:  # what it prints stays when it has ended
            command = ["sh", "-c", f"{shlex.join(command)}; sleep 60"]
        width, height = size
        subprocess.run(
            ["tmux", "-L", self.socket, "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height),
             *command],
            check=True, cwd=folder, env=environment,
        )  # fmt: skip

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], check=False, capture_output=True)

    def screen(self) -> str:
        """What is on the screen."""
        done = subprocess.run(
            ["tmux", "-L", self.socket, "capture-pane", "-p", "-t", "t"],
            capture_output=True,
            check=False,
        )
        return done.stdout.decode()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            subprocess.run(["tmux", "-L", self.socket, "send-keys", "-t", "t", key], check=True)
            time.sleep(0.04)

    def type(self, text: str) -> None:
        """Type a text."""
        subprocess.run(["tmux", "-L", self.socket, "send-keys", "-t", "t", "-l", text], check=True)
        time.sleep(0.05)

    def wait(self, text: str, patience: float = 12.0) -> str:
        """The screen, as soon as it has a text."""
        return self._until(lambda screen: text in screen, f"`{text}` on", patience)

    def wait_gone(self, text: str, patience: float = 12.0) -> str:
        """The screen, as soon as it no longer has a text."""
        return self._until(lambda screen: text not in screen, f"no `{text}` on", patience)

    def _until(self, test, what: str, patience: float) -> str:
        end = time.monotonic() + patience
        screen = self.screen()
        while True:
            time.sleep(0.03)
            before, screen = screen, self.screen()
            if test(screen) and screen == before:  # a frame may be half drawn
                return screen
            assert time.monotonic() < end, f"waited for {what} the screen:\n{screen}"

    def pick(self, key: str, typed: str, after: str) -> None:
        """Open a list by a key, type, and take what fits; `after` is on the screen then."""
        self.press(key)
        self.wait("╭──")
        time.sleep(0.15)
        self.type(typed)
        time.sleep(0.15)
        self.press("Enter")
        self.wait(after)

    def kill(self) -> None:
        """Kill the editor."""
        listed = subprocess.run(
            ["tmux", "-L", self.socket, "list-panes", "-t", "t", "-F", "#{pane_pid}"],
            capture_output=True,
            check=True,
        )
        os.kill(int(listed.stdout), signal.SIGKILL)

    def ended(self, patience: float = 10.0) -> bool:
        """Whether the editor has ended by itself."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            done = subprocess.run(
                ["tmux", "-L", self.socket, "has-session", "-t", "t"],
                capture_output=True,
                check=False,
            )
            if done.returncode:
                return True
            time.sleep(0.05)
        return False
