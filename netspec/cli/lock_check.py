"""`netspec check --locked`: a difference from the lock file next to the spec is an error."""

from __future__ import annotations

from netspec.check import Report
from netspec.cli.options import ParsedArgs, UsageError
from netspec.compare import Difference, difference, facts, fitting
from netspec.compare.lock_file import LockError, lock_path, read_lock
from netspec.compare.text import difference_text
from netspec.diagnostics import Code, Diagnostic, Help, Span
from netspec.document.loading import read
from netspec.graph import Graph
from netspec.limits import MOST_LOCK_BYTES, MOST_LOCK_MARKS
from netspec.printable import Lines
from netspec.record import replace

_MOST = 12
"""How many rows of each kind of change a diagnostic shows."""


def locked(report: Report, args: ParsedArgs) -> Report:
    """The report with the differences from the lock file."""
    if not report.valid or report.graph is None:
        return report
    name = report.document.source.name
    if name == "<stdin>":
        raise UsageError("standard input has no lock file", "pass a file")
    diagnostic = _lock_diagnostic(report, name, args)
    if diagnostic is None:
        return report
    return replace(report, diagnostics=(*report.diagnostics, diagnostic))


def _lock_diagnostic(report: Report, name: str, args: ParsedArgs) -> Diagnostic | None:
    preset = args.last("--preset") or None
    path = lock_path(name, preset)
    file_start = Span(report.document.source, 0, 0)
    command = f"netspec lock {name}{f' --preset {preset}' if preset else ''}"
    again = Help(f"create it: `{command}`")
    document = read(path, MOST_LOCK_BYTES, MOST_LOCK_MARKS)
    if document.unreadable:
        reason = document.diagnostics[0].message
        return Diagnostic(
            Code.LOCK, f"`{name}` has no lock file: {reason}", file_start, helps=(again,)
        )
    assert report.graph is not None
    try:
        locked_facts = read_lock(document.source.text, path)
    except LockError as error:
        message = f"`{path}` cannot be used: {error}"
        return Diagnostic(Code.LOCK, message, error.span or file_start, helps=(again,))
    changed = difference(
        locked_facts, facts(report.graph, fitting(_sizes(locked_facts.sizes), report.graph))
    )
    if not changed:
        return None
    lines = [line for line in difference_text(changed, most=_MOST).split("\n") if line]
    take = Help(f"if this is intended, update it: `{command}`")
    span, label = _place(report.graph, changed) or (file_start, "")
    message = f"the network does not match lock file `{path}`"
    return Diagnostic(
        Code.LOCK, message, span, label, notes=(Lines("\n".join(lines)),), helps=(take,)
    )


def _sizes(text: str) -> dict[str, int]:
    """`H=224, N=1` as numbers."""
    pairs = (part.partition("=") for part in text.split(", "))
    return {name: int(size) for name, _, size in pairs if size.isdecimal()}


def _place(graph: Graph, changed: Difference) -> tuple[Span, str] | None:
    """The first step that the author changed, or otherwise the first new one."""
    paths = [c.after.path for c in changed.changed if c.arguments]
    paths += [n.path for n in changed.added]
    first = next((n for n in graph.nodes if n.path in paths and n.place is not None), None)
    if first is None or first.place is None:
        return None
    label = "changed" if any(c.after.path == first.path for c in changed.changed) else "new"
    return first.place.span, label
