"""Pictures in terminals that have pixels: what is sent is decoded again, and a terminal of our own asks for one."""

from __future__ import annotations

import base64
import io
import os
import re
import select
import shutil
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

from netspec.render.engine import has_fonts
from netspec_tui.terminal.pixels import encoded, protocol

ROOT = Path(__file__).parents[2]
Image = pytest.importorskip("PIL.Image")


def picture() -> bytes:
    image = Image.new("RGB", (37, 20), (255, 255, 255))
    for x in range(37):
        for y in range(20):
            if (x // 5 + y // 4) % 3 == 0:
                image.putpixel((x, y), (200, 40, 40) if x < 20 else (30, 60, 220))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_kitty_receives_the_image_in_chunks() -> None:
    png = picture() + bytes(20_000)
    escape_codes = encoded(png, "kitty")
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", escape_codes)
    assert base64.b64decode("".join(data for _, data in pieces)) == png
    assert all(len(data) <= 4096 for _, data in pieces)
    assert [re.search(r"m=(\d)", head)[1] for head, _ in pieces] == ["1"] * (len(pieces) - 1) + [
        "0"
    ]


def test_iterm_receives_the_whole_image() -> None:
    match = re.fullmatch(r"\x1b\]1337;File=([^:]*):([^\x07]*)\x07", encoded(picture(), "iterm"))
    assert match is not None
    assert base64.b64decode(match[2]) == picture()
    assert f"size={len(picture())}" in match[1]


def test_sixels_decode_to_the_image() -> None:
    escape_codes = encoded(picture(), "sixel")
    assert escape_codes.startswith("\x1bPq")
    assert escape_codes.endswith("\x1b\\")
    drawn = decoded(escape_codes[3:-2])
    expected_image = Image.open(io.BytesIO(picture())).convert("RGB")
    for (x, y), color in drawn.items():
        if x < expected_image.width and y < expected_image.height:
            assert (
                max(abs(a - b) for a, b in zip(color, expected_image.getpixel((x, y)), strict=True))
                <= 4
            )
    assert {
        (x, y) for x in range(expected_image.width) for y in range(expected_image.height)
    } <= drawn.keys()


def decoded(text: str) -> dict[tuple[int, int], tuple[int, int, int]]:
    """The pixels that a terminal would draw."""
    palette: dict[int, tuple[int, int, int]] = {}
    pixels: dict[tuple[int, int], tuple[int, int, int]] = {}
    x = y = color = 0
    for m in re.finditer(
        r'"[\d;]*|#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)(.)|([$-])|([?-~])', text
    ):
        if m[1]:
            palette[int(m[1])] = tuple(round(int(m[k]) * 255 / 100) for k in (2, 3, 4))
        elif m[5]:
            color = int(m[5])
        elif m[8] == "$":
            x = 0
        elif m[8] == "-":
            x, y = 0, y + 6
        elif m[7] or m[9]:
            bits, count = ord(m[7] or m[9]) - 63, int(m[6] or 1)
            columns = [(x + k, row) for k in range(count) for row in range(6) if bits >> row & 1]
            pixels.update({(column, y + row): palette[color] for column, row in columns})
            x += count
    return pixels


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("\x1b_Gi=31;OK\x1b\\\x1b[?62;4c", "kitty"), ("\x1b[?64;4;6c", "sixel"), ("\x1b[?64;14c", ""), ("", "")],
)  # fmt: skip
def test_the_answer_of_a_terminal_names_its_protocol(answer: str, kind: str) -> None:
    assert protocol(answer) == kind


@pytest.mark.skipif(os.name == "nt", reason="requires a pseudo-terminal")
@pytest.mark.skipif(
    not has_fonts() or (which("dot") is None and find_spec("pygraphviz") is None),
    reason="requires Graphviz and fonts",
)
def test_a_kitty_terminal_shows_the_image_and_then_the_editor_again(
    tmp_path: Path,
) -> None:
    import pty

    shutil.copy(ROOT / "specs/textbook/lenet.yaml", tmp_path)
    environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", "STY", "TERM_PROGRAM")}
    pid, handle = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        command = [sys.executable, "-m", "netspec", "tui", "lenet.yaml"]
        os.execve(sys.executable, command, {**environment, "TERM": "xterm-kitty"})
    terminal_output, answered = b"", False

    def until(text: bytes) -> None:
        nonlocal terminal_output, answered
        end = time.monotonic() + 30
        while text not in terminal_output:
            assert time.monotonic() < end, terminal_output[-500:]
            if select.select([handle], [], [], 0.2)[0]:
                terminal_output += os.read(handle, 1 << 16)
                if b"a=q" in terminal_output and not answered:
                    time.sleep(0.6)  # a terminal that is far away
                    os.write(handle, b"\x1b_Gi=31;OK\x1b\\\x1b[?62;c")
                    answered = True

    try:
        until(b"Sigmoid")
        terminal_output = b""
        os.write(handle, b"V")
        until(b"press any key to return")
        data = b"".join(re.findall(rb"\x1b_G[^;]*m=\d;([^\x1b]*)\x1b", terminal_output))
        assert base64.b64decode(data).startswith(b"\x89PNG")
        terminal_output = b""
        os.write(handle, b" ")
        until(b"Sigmoid")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(handle)
