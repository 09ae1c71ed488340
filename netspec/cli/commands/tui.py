"""`netspec tui`: the visual editor, in the terminal or served to a browser on this machine."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.setting_options import catalog, settings

if TYPE_CHECKING:
    from netspec_tui.core.disk import OpenedFile

_INSTALL = "install it: pip install 'netspec-compiler[tui]'"
_INSTALL_WEB = "install it: pip install 'netspec-compiler[web]'"
_FRAMES = "120"
"""Frames per second: with the 60 of Textual, a keystroke waits twice as long for its frame."""
_PACKAGES = ("textual", "rich", "netspec_tui", "textual_serve", "aiohttp")


def run(args: ParsedArgs) -> int:
    """Open a spec, or a new file."""
    if len(args.operands) > 1:
        raise UsageError("the editor opens one spec", "open another spec in the editor with ctrl+o")
    path = args.operands[0] if args.operands else _new_name()
    if path == "-":
        raise UsageError("the editor requires a file, not standard input")
    if os.path.isdir(path):
        raise UsageError(f"`{path}` is a directory", "pass a file in it")
    try:
        return _serve(path, args) if args.has("--web") else _edit(path, args)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _PACKAGES:
            raise
        web = missing in ("textual_serve", "aiohttp")
        what = "textual-serve" if web else "Textual"
        raise UsageError(f"the editor requires {what}", _INSTALL_WEB if web else _INSTALL) from None


def _edit(path: str, args: ParsedArgs) -> int:
    served = bool(os.environ.get("TEXTUAL_DRIVER"))
    if not served and not (sys.stdin.isatty() and sys.stdout.isatty()):
        import textual  # noqa: F401 - a missing package a reported first

        raise UsageError("the editor requires a terminal", "draw a picture with `netspec render`")
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)
    from netspec_tui.core.session import Session
    from netspec_tui.launch import edit

    session = Session(path, _opened(path))
    session.update_request(
        settings=dict(settings(args)), preset=args.last("--preset") or None, catalog=catalog(args)
    )
    if not served:  # exported sizes are those of another moment: the terminal knows its own
        os.environ.pop("COLUMNS", None)
        os.environ.pop("LINES", None)
    return edit(session, ascii=args.has("--ascii"), theme=args.last("--theme") or "dark")


def _serve(path: str, args: ParsedArgs) -> int:
    from netspec_tui.web import serve_app

    _opened(path)
    words = [sys.executable, "-m", "netspec", "tui", path]
    for name in ("--set", "--preset", "--layers", "--theme"):
        words += [word for value in args.all(name) for word in (name, value)]
    words += ["--ascii"] if args.has("--ascii") else []
    port = _port(args)
    try:
        serve_app(shlex.join(words), port=port, open_browser=not args.has("--no-browser"))
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used: {(error.strerror or 'error').lower()}"
        ) from None
    return exit_codes.CLEAN


def _opened(path: str) -> OpenedFile:
    """Read the file to edit. Raises `UsageError` if it cannot be edited."""
    from netspec_tui.core.disk import open_file

    opened = open_file(path)
    if opened.error:
        raise UsageError(opened.error)
    return opened


def _port(args: ParsedArgs) -> int:
    text = args.last("--port") or "0"
    if not text.isdecimal() or int(text) > 65535:
        raise UsageError(f"`--port` cannot be `{text}`", "use a number from 1 to 65535")
    return int(text)


def _new_name() -> str:
    """The name of a new file in this folder."""
    number, name = 1, "network.yaml"
    while os.path.exists(name):
        number += 1
        name = f"network{number}.yaml"
    return name
