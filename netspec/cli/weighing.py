"""`netspec check --weights FILE`: whether the weights in a file load into the network."""

from __future__ import annotations

from netspec.check import Report
from netspec.cli.arguments import Given, UsageError
from netspec.diagnostics import Span, SpecError
from netspec.record import replace
from netspec.spec.rename_rules import rename_spans
from netspec.weights import WeightsError, read_checkpoint
from netspec.weights.agreement import agreement, file_problem


def weighed(found: Report, given: Given) -> Report:
    """The report with what the file of weights says of it."""
    if not found.valid or found.graph is None or found.spec is None:
        return found
    at = Span(found.document.source, 0, 0)
    try:
        file = read_checkpoint(given.last("--weights"))
    except WeightsError as error:
        problems = [file_problem(error, at)]
    else:
        spans = rename_spans(found.spec)
        try:
            problems = agreement(found.graph, file, found.spec.rename, at, spans)
        except SpecError as error:
            problems = [*error.diagnostics]
    return replace(found, diagnostics=(*found.diagnostics, *problems))


def one_network(paths: list[str]) -> None:
    """Refuse to hold one file of weights against several networks."""
    if len(paths) > 1:
        raise UsageError(
            f"`--weights` is about one network, and there are {len(paths)} to check",
            "name the spec that the weights are of",
        )
