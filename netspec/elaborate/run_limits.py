"""The budget of a run, charged at places of the spec: where a limit is passed, the run ends with a diagnostic."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Help, SpecError
from netspec.document import TextNode
from netspec.limits import LimitError, RunBudget


def passed(error: LimitError, place: TextNode) -> SpecError:
    """The end of a run that passes a limit at `place`."""
    label = "limit exceeded here"
    return SpecError(
        Diagnostic(Code.BOUNDS, error.message, place.span, label, helps=(Help(error.help),))
    )


def spend_steps(budget: RunBudget, count: int, place: TextNode) -> None:
    """Charge steps to the run; raises `SpecError`."""
    try:
        budget.spend_steps(count)
    except LimitError as error:
        raise passed(error, place) from None


def spend_work(budget: RunBudget, operations: int, place: TextNode) -> None:
    """Charge operations to the run; raises `SpecError`."""
    try:
        budget.spend_work(operations)
    except LimitError as error:
        raise passed(error, place) from None
