"""Text in, `Report` out: the one analysis that the command line and the editor both show."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from typing import TypeVar

from netspec.diagnostics import Diagnostic, Diagnostics, Phase, Severity, Span
from netspec.document import Document, parse, read
from netspec.elaborate import Catalog, elaborate
from netspec.graph import Graph
from netspec.limits import RUN, RunBudget
from netspec.record import record, replace
from netspec.syntax import Respelling, Spec, read_spec

Result = TypeVar("Result")


@record(frozen=True, slots=True)
class Report:
    r"""The result of a check of one file.

    Attributes:
        document: The tree of the text.
        spec: The spec; None if the text cannot be read as one.
        graph: The typed graph, which may be partial if there are errors; None for a library.
        diagnostics: The diagnostics, in the order of the text.

    Example:
        >>> import netspec
        >>> report = netspec.load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [Relu]").check()
        >>> [d.code for d in report.errors]
        ['NS101']
    """

    document: Document
    spec: Spec | None
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors, not warnings."""
        return tuple(d for d in self.diagnostics if d.severity == Severity.ERROR)

    @property
    def valid(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    @property
    def unreadable(self) -> bool:
        """Whether the file could not be read."""
        return self.document.unreadable


def check(
    path: str,
    settings: Mapping[str, object] | None = None,
    preset: str | None = None,
    catalog: Catalog | None = None,
) -> Report:
    """The report on the file at `path`; `catalog` has the layers that it may use."""
    return check_document(read(path), settings, preset, catalog)


def check_text(
    text: str, name: str = "<text>", settings: Mapping[str, object] | None = None,
    preset: str | None = None, catalog: Catalog | None = None,
) -> Report:  # fmt: skip
    """The report on a text; `name` is its name in messages, and the location that its `use` is relative to."""
    return check_document(parse(text, name), settings, preset, catalog)


def check_document(
    document: Document,
    settings: Mapping[str, object] | None,
    preset: str | None,
    catalog: Catalog | None = None,
    *,
    tries_helps: bool = True,
) -> Report:
    """The report on a document; with `tries_helps`, the edits of its helps have been tried."""
    budget = RunBudget()
    outside = RUN.set(budget)
    try:
        report = without_collecting(lambda: _analyzed(document, settings, preset, catalog))
    finally:
        RUN.reset(outside)
    if not tries_helps or not any(h.edits for d in report.diagnostics for h in d.helps):
        return report
    from netspec.advice import with_tried_helps

    source = document.source

    def recheck(text: str) -> tuple[Diagnostic, ...]:
        copy = parse(text, source.name)
        return check_document(copy, settings, preset, catalog, tries_helps=False).diagnostics

    helped = with_tried_helps(
        report.diagnostics, report.graph, source.text, source.name, recheck, budget.spent_advice
    )
    return replace(report, diagnostics=helped)


def _analyzed(
    document: Document,
    settings: Mapping[str, object] | None,
    preset: str | None,
    catalog: Catalog | None,
) -> Report:
    """The report on a document, with untried helps."""
    if (diagnostic := _foreign(document)) is not None:
        return Report(document, None, None, (diagnostic,))
    if _broken(document):
        return Report(document, None, None, tuple(document.diagnostics))
    respelling: Respelling = {}
    while True:
        collected, before = Diagnostics(), len(respelling)
        spec = read_spec(document, collected, respelling)
        graph = elaborate(spec, collected, settings, preset, respelling, catalog) if spec else None
        if len(respelling) == before:
            diagnostics = _without_echoes(collected.ordered())
            if respelling:
                diagnostics = _without_values_of_misspelled_keys(diagnostics, respelling)
            return Report(document, spec, graph, _without_ignored(document, diagnostics))


def _broken(document: Document) -> bool:
    """Whether the text has a syntax error that could not be corrected, so that later errors may follow from it."""
    return any(not any(h.edits for h in d.helps) for d in document.diagnostics)


def _foreign(document: Document) -> Diagnostic | None:
    """The diagnostic for a text of another tool, tried if it is not a spec."""
    if document.has_version:
        return None
    from netspec.document.foreign import foreign

    return foreign(document)


def _without_echoes(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The diagnostics without those on a piece of text that had to be fixed to be read at all."""
    repaired_spans = [d.span for d in diagnostics if d.phase is Phase.TEXT and d.span is not None]
    if not repaired_spans:
        return diagnostics
    return tuple(
        d
        for d in diagnostics
        if d.phase is Phase.TEXT
        or d.span is None
        or not any(_touch(d.span, place) for place in repaired_spans)
    )


def _without_values_of_misspelled_keys(
    diagnostics: tuple[Diagnostic, ...], respelling: Respelling
) -> tuple[Diagnostic, ...]:
    """The diagnostics without those on the value of a misspelled key."""
    spans = [m.diagnostic.span for m in respelling.values() if m.diagnostic.span is not None]
    keys = {(span.source.name, span.end) for span in spans}
    return tuple(
        d
        for d in diagnostics
        if d.span is None or (d.span.source.name, _end_of_key(d.span)) not in keys
    )


def _end_of_key(value: Span) -> int:
    """Where the key ends that a value follows on its line."""
    ahead = value.source.text[: value.start].rstrip(" ")
    return len(ahead[:-1].rstrip(" ")) if ahead.endswith(":") else -1


def _without_ignored(
    document: Document, diagnostics: tuple[Diagnostic, ...]
) -> tuple[Diagnostic, ...]:
    """The diagnostics without the warnings that comments of the text ignore."""
    if "netspec: ignore" not in document.source.text:
        return diagnostics
    from netspec.ignores import without_ignored

    return without_ignored(diagnostics, document.source, document.root)


def _touch(a: Span, b: Span) -> bool:
    return a.source.name == b.source.name and a.start <= b.end and b.start <= a.end


def without_collecting(run: Callable[[], Result]) -> Result:
    """Do something that makes much and drops little, with the collector of cycles paused.

    What is made stays alive to the end; walking it over and over is a third of the time of a large file.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return run()
    finally:
        if collecting:
            gc.enable()
