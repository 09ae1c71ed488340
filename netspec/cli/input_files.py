"""The files that a command line names; a directory means all specs below it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.report.numbers import counted

_ENDINGS = (".yaml", ".yml", ".json")
_NOT_OURS = frozenset({"node_modules", "__pycache__", "venv"})
_ENOUGH = 1024 * 1024
"""The key `netspec` is near the beginning of a spec; larger files are data."""
_YAML_KEY = rb"""(?m)^(?:\xef\xbb\xbf)?(?:\{\s*)?["']?netspec["']?[ \t]*:"""
_JSON_KEY = rb'"netspec"\s*:'


class InputFiles:
    """The paths to check, the errors of other paths, and the number of files that are not specs."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.diagnostics: list[tuple[str, Diagnostic]] = []
        self.skipped = 0


def find_files(operands: Sequence[str], *, specs_only: bool = False) -> InputFiles:
    """The files of these paths, each once, in order; `specs_only` skips other files."""
    files = InputFiles()
    for operand in operands:
        if operand != "-" and os.path.isdir(operand):
            _search(operand, files, must=not specs_only)
        elif specs_only and operand != "-" and not _is_spec(operand):
            files.skipped += 1
        else:
            files.paths.append(operand)
    files.paths = list(dict.fromkeys(files.paths))
    return files


def _search(directory: str, files: InputFiles, *, must: bool) -> None:
    before, skipped = len(files.paths), files.skipped
    for path in _candidates(directory, files):
        if _is_spec(path):
            files.paths.append(path)
        else:
            files.skipped += 1
    if must and len(files.paths) == before:
        _nothing(directory, files.skipped - skipped, files)


def _candidates(directory: str, files: InputFiles) -> Iterator[str]:
    """The YAML and JSON files below a directory; links to directories are not followed."""

    def unreadable(error: OSError) -> None:
        reason = (error.strerror or "error").lower()
        _add_diagnostic(
            str(error.filename), f"`{error.filename}` cannot be read: {reason}", "", files
        )

    for folder, below, names in os.walk(directory, onerror=unreadable):
        below[:] = sorted(b for b in below if not b.startswith(".") and b not in _NOT_OURS)
        for name in sorted(names):
            path = os.path.normpath(os.path.join(folder, name))
            if name.endswith(_ENDINGS) and not name.startswith(".") and os.path.isfile(path):
                yield path


def _is_spec(path: str) -> bool:
    """Whether a file has the key `netspec`; `check` reports files that cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
            return True
        with open(path, "rb") as file:
            begin = file.read(_ENOUGH)
    except (OSError, ValueError):
        return True
    return bool(re.search(_JSON_KEY if path.endswith(".json") else _YAML_KEY, begin))


def _nothing(directory: str, others: int, files: InputFiles) -> None:
    looked = f"; skipped {counted(others, 'file')} without it" if others else ""
    help = f"a netspec file is YAML or JSON with the top-level key `netspec`{looked}"
    _add_diagnostic(directory, f"no netspec file in `{directory}`", help, files)


def _add_diagnostic(path: str, message: str, help: str, files: InputFiles) -> None:
    file_start = Span(Source("", path), 0, 0)
    helps = (Help(help),) if help else ()
    files.diagnostics.append((path, Diagnostic(Code.UNREADABLE, message, file_start, helps=helps)))
