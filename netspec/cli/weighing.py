"""`netspec check --weights FILE`: whether the weights in a file load into the network."""

from __future__ import annotations

from netspec.check import Report
from netspec.cli.arguments import Given, UsageError
from netspec.diagnostics import Code, Diagnostic, Help, Span, SpecError
from netspec.record import replace
from netspec.weights import WeightsError, read_checkpoint
from netspec.weights.agreement import agreement


def weighed(found: Report, given: Given) -> Report:
    """The report with what the file of weights says of it."""
    if not found.valid or found.graph is None or found.spec is None:
        return found
    at = Span(found.document.source, 0, 0)
    try:
        file = read_checkpoint(given.last("--weights"))
    except WeightsError as error:
        helps = (Help(error.help),) if error.help else ()
        problem = [Diagnostic(Code.WEIGHTS_FILE, error.message, at, helps=helps)]
    else:
        try:
            problem = agreement(found.graph, file, found.spec.rename, at)
        except SpecError as error:
            problem = [*error.diagnostics]
    return replace(found, diagnostics=(*found.diagnostics, *problem))


def one_network(paths: list[str]) -> None:
    """Refuse to hold one file of weights against several networks."""
    if len(paths) > 1:
        raise UsageError(
            f"`--weights` is about one network, and there are {len(paths)} to check",
            "name the spec that the weights are of",
        )
