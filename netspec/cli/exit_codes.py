"""The exit codes of the process. They do not depend on the output format."""

from __future__ import annotations

from typing import Final

CLEAN: Final = 0
"""No errors."""
ERRORS: Final = 1
"""At least one error; with `--strict`, at least one diagnostic."""
USAGE: Final = 2
"""A command line that makes no sense, a file that cannot be read, or nothing to work on."""
INTERNAL: Final = 101
"""A bug in netspec."""
INTERRUPTED: Final = 130
"""Ctrl-C, as shells expect it."""
PIPE: Final = 141
"""The reader of the output went away, as shells expect it."""
