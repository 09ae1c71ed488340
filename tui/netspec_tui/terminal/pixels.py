"""Images in terminals that support them, by the protocols of kitty, iTerm2 and sixel."""

from __future__ import annotations

import base64
import os
import re
import select
import sys
from typing import Any

from textual.app import App

_PATIENCE = 3.0
"""Seconds to wait for the answer of the terminal: every one answers, but some are remote."""
_QUERY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
"""Asks for kitty's protocol, and then a question that every terminal answers."""
_CHUNK = 4096


def has_display() -> bool:
    """Whether windows can be opened."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def may_show(app: App[Any]) -> bool:
    """Whether to ask the terminal for images; tmux and screen do not forward them."""
    return (
        not app.is_web
        and sys.stdin.isatty()
        and sys.platform != "win32"
        and not (os.environ.get("TMUX") or os.environ.get("STY"))
    )


def show_image(app: App[Any], png: bytes) -> bool:
    """Show only the image until a key is pressed; return whether the terminal supports it."""
    with app.suspend():
        kind = _terminal_protocol()
        data = encoded(png, kind) if kind else ""
        if data:
            _write(f"\x1b[2J\x1b[H{data}\r\n press any key to return")
            _read(None)
            _write("\x1b_Ga=d\x1b\\\x1b[2J\x1b[H" if kind == "kitty" else "\x1b[2J\x1b[H")
    app.refresh()
    return bool(data)


def _write(text: str) -> None:
    if sys.__stdout__ is not None:
        sys.__stdout__.write(text)
        sys.__stdout__.flush()


def _terminal_protocol() -> str:
    """The protocol that the terminal supports."""
    if os.environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm"):
        return "iterm"
    _write(_QUERY)
    return protocol(_read(_PATIENCE))


def protocol(answer: str) -> str:
    """The protocol that an answer of the terminal names.

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


def _read(patience: float | None) -> str:
    """The response of the terminal within that time; without a limit, one key."""
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
    """An image encoded for a protocol; empty if that is not possible."""
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
    """Encode with Pillow if it is installed: at most 64 colors, no larger than a screen."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return ""
    import io

    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((1400, 900))
    small = image.quantize(64)
    colors = small.getpalette() or []
    width, height = small.size
    pixels = small.load()
    assert pixels is not None
    parts = ["\x1bPq", f'"1;1;{width};{height}']
    for k in range(len(colors) // 3):
        r, g, b = (round(c / 255 * 100) for c in colors[3 * k : 3 * k + 3])
        parts.append(f"#{k};2;{r};{g};{b}")
    for top in range(0, height, 6):
        band: dict[int, bytearray] = {}
        for x in range(width):
            for dy in range(min(6, height - top)):
                color = pixels[x, top + dy]
                assert isinstance(color, int)
                band.setdefault(color, bytearray(width))[x] |= 1 << dy
        for color, bits in band.items():
            parts.append(f"#{color}{_runs(bits)}$")
        parts.append("-")
    return "".join([*parts, "\x1b\\"])


def _runs(bits: bytearray) -> str:
    text = "".join(chr(63 + b) for b in bits)
    return re.sub(r"(.)\1{3,}", lambda m: f"!{len(m[0])}{m[1]}", text)
