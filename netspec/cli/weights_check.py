"""`netspec check --weights FILE`: whether the weights in a file load into the network."""

from __future__ import annotations

from netspec.check import Report
from netspec.cli.options import ParsedArgs, UsageError
from netspec.diagnostics import Span, SpecError
from netspec.record import replace
from netspec.syntax.rename_rules import rename_spans
from netspec.weights import WeightsError, read_checkpoint
from netspec.weights.agreement import agreement, file_diagnostic


def check_weights(report: Report, args: ParsedArgs) -> Report:
    """The report with the diagnostics of the weights file."""
    if not report.valid or report.graph is None or report.spec is None:
        return report
    file_start = Span(report.document.source, 0, 0)
    try:
        file = read_checkpoint(args.last("--weights"))
    except WeightsError as error:
        diagnostics = [file_diagnostic(error, file_start)]
    else:
        spans = rename_spans(report.spec)
        try:
            diagnostics = agreement(report.graph, file, report.spec.rename, file_start, spans)
        except SpecError as error:
            diagnostics = [*error.diagnostics]
    return replace(report, diagnostics=(*report.diagnostics, *diagnostics))


def one_network(paths: list[str]) -> None:
    """Reject to hold one file of weights against several networks."""
    if len(paths) > 1:
        raise UsageError(
            f"`--weights` checks one network, but {len(paths)} files were passed",
            "pass only the spec of these weights",
        )
