"""The message for an internal error of netspec."""

from __future__ import annotations

import os
import sys
import traceback

from netspec.cli import exit_codes
from netspec.cli.output import say


def report_bug(error: Exception) -> int:
    """Report a bug in netspec with its location; the full traceback is optional."""
    if os.environ.get("NETSPEC_DEBUG"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    message_lines = str(error).splitlines()
    say(
        f"netspec: internal error: {type(error).__name__}: {message_lines[0] if message_lines else ''}{place}",
        *(f"  {note}" for note in getattr(error, "__notes__", ())),
        "  this is a bug in netspec, not in your spec; please report it with the spec",
        "  NETSPEC_DEBUG=1 prints the traceback",
        stream=sys.stderr,
    )
    return exit_codes.INTERNAL
