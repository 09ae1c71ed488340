"""Pictures in terminals that have pixels, by the protocols of kitty, iTerm2 and sixel; else in a file."""

from __future__ import annotations

import base64
import os
import re
import select
import sys
from typing import Any

from textual.app import App

_PATIENCE = 3.0
"""Seconds that a terminal has to say what it can: every one answers, but some are far away."""
_QUERY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
"""Whether it takes pictures by kitty's protocol, and then what every terminal answers."""
_CHUNK = 4096


def has_screen() -> bool:
    """Whether there is a screen for windows."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def may_show(app: App[Any]) -> bool:
    """Whether there is a terminal to ask for pixels; tmux and screen pass no pictures on."""
    return (
        not app.is_web
        and sys.stdin.isatty()
        and sys.platform != "win32"
        and not (os.environ.get("TMUX") or os.environ.get("STY"))
    )


def show(app: App[Any], png: bytes) -> bool:
    """Give the terminal the picture alone, until a key is pressed; whether it could show it."""
    with app.suspend():
        kind = _kind()
        data = encoded(png, kind) if kind else ""
        if data:
            _say(f"\x1b[2J\x1b[H{data}\r\n any key goes back")
            _answer(None)
            _say("\x1b_Ga=d\x1b\\\x1b[2J\x1b[H" if kind == "kitty" else "\x1b[2J\x1b[H")
    app.refresh()
    return bool(data)


def _say(text: str) -> None:
    if sys.__stdout__ is not None:
        sys.__stdout__.write(text)
        sys.__stdout__.flush()


def _kind() -> str:
    """The protocol that the terminal knows."""
    if os.environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm"):
        return "iterm"
    _say(_QUERY)
    return protocol(_answer(_PATIENCE))


def protocol(answer: str) -> str:
    """The protocol that an answer speaks of.

    >>> protocol(chr(27) + "_Gi=31;OK" + chr(27) + chr(92) + chr(27) + "[?62;c")
    'kitty'
    >>> protocol(chr(27) + "[?62;4;22c")
    'sixel'
    >>> protocol(chr(27) + "[?62;22c")
    ''
    """
    if "_Gi=31;OK" in answer:
        return "kitty"
    attributes = re.search(r"\x1b\[\?([\d;]*)c", answer)
    return "sixel" if attributes is not None and "4" in attributes[1].split(";") else ""


def _answer(patience: float | None) -> str:
    """What the terminal says within that time; without a limit, one key."""
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    reply = b""
    try:
        tty.setcbreak(handle)
        while select.select([handle], [], [], patience)[0]:
            reply += os.read(handle, 1024)
            if patience is None or (b"[?" in reply and reply.endswith(b"c")):
                break
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)
    return reply.decode("ascii", "replace")


def encoded(png: bytes, kind: str) -> str:
    """A picture in the words of a protocol; empty where it cannot be said."""
    if kind == "kitty":
        return _kitty(png)
    if kind == "iterm":
        size = f"size={len(png)};inline=1;height=90%;preserveAspectRatio=1"
        return f"\x1b]1337;File={size}:{base64.b64encode(png).decode()}\x07"
    return _sixel(png)


def _kitty(png: bytes) -> str:
    text = base64.b64encode(png).decode()
    pieces = [text[k : k + _CHUNK] for k in range(0, len(text), _CHUNK)]
    rows = max(os.get_terminal_size().lines - 2, 5) if sys.stdout.isatty() else 40
    chunks = []
    for k, piece in enumerate(pieces):
        more = int(k < len(pieces) - 1)
        head = f"a=T,f=100,r={rows},q=2,m={more}" if k == 0 else f"m={more}"
        chunks.append(f"\x1b_G{head};{piece}\x1b\\")
    return "".join(chunks)


def _sixel(png: bytes) -> str:
    """By Pillow, where it is installed: at most 64 colours, no larger than a screen."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return ""
    import io

    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((1400, 900))
    small = image.quantize(64)
    colours = small.getpalette() or []
    width, height = small.size
    pixels = small.load()
    assert pixels is not None
    parts = ["\x1bPq", f'"1;1;{width};{height}']
    for k in range(len(colours) // 3):
        r, g, b = (round(c / 255 * 100) for c in colours[3 * k : 3 * k + 3])
        parts.append(f"#{k};2;{r};{g};{b}")
    for top in range(0, height, 6):
        band: dict[int, bytearray] = {}
        for x in range(width):
            for dy in range(min(6, height - top)):
                colour = pixels[x, top + dy]
                assert isinstance(colour, int)
                band.setdefault(colour, bytearray(width))[x] |= 1 << dy
        for colour, bits in band.items():
            parts.append(f"#{colour}{_runs(bits)}$")
        parts.append("-")
    return "".join([*parts, "\x1b\\"])


def _runs(bits: bytearray) -> str:
    text = "".join(chr(63 + b) for b in bits)
    return re.sub(r"(.)\1{3,}", lambda m: f"!{len(m[0])}{m[1]}", text)
