"""The result of a run of `check`, as one value from which every report format is made."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostic, Severity
from netspec.record import record

if TYPE_CHECKING:
    from netspec.report.json_types import CheckedFileJson


@record(frozen=True, slots=True)
class Outcome:
    """All files and all diagnostics of a run."""

    files: Sequence[CheckedFileJson]
    """The summary of each file, in the form of `report_json`."""
    diagnostics: Sequence[tuple[str, Diagnostic]]
    """Each diagnostic with the path of the checked file in which it occurred."""
    valid: bool
    strict: bool = False
    """Whether warnings fail, too."""
    skipped: int = 0

    @property
    def errors(self) -> int:
        """How many of the diagnostics are errors."""
        return sum(1 for _, d in self.diagnostics if d.severity == Severity.ERROR)

    @property
    def exit_code(self) -> int:
        """The exit code of the process; 2 if something could not be read."""
        if any(file["kind"] == "unreadable" for file in self.files):
            return 2
        return 0 if self.valid else 1

    def fingerprinted(self) -> Iterator[tuple[str, Diagnostic, str]]:
        """The diagnostics, each with a text that stays the same while the file around it changes."""
        seen: Counter[str] = Counter()
        for path, diagnostic in self.diagnostics:
            mark = _fingerprint(path, diagnostic)
            seen[mark] += 1
            yield path, diagnostic, mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"


def file_of(path: str, diagnostic: Diagnostic) -> str:
    """The file that a diagnostic is in, as a report names it: relative, with forward slashes."""
    name = diagnostic.span.source.name if diagnostic.span is not None else path
    return name.replace(os.sep, "/").removeprefix("./")


def _fingerprint(path: str, diagnostic: Diagnostic) -> str:
    """A hash of the diagnostic: the code, the file, the node and the marked words, but no line."""
    from hashlib import sha256

    words = diagnostic.span.text if diagnostic.span is not None else diagnostic.message
    about = (diagnostic.code, file_of(path, diagnostic), diagnostic.path, words)
    return sha256("\0".join(about).encode("utf-8", "surrogatepass")).hexdigest()[:32]
