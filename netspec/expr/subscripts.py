"""Items and slices of lists."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import is_symbolic
from netspec.expr.errors import OperationError
from netspec.expr.value_types import UNKNOWN, EvaluationFrame, is_list, kind


def item_at(items: object, index: object, _frame: EvaluationFrame) -> object:
    """`items[index]`; raises `OperationError`."""
    if items is UNKNOWN or index is UNKNOWN:
        return UNKNOWN
    if not is_list(items):
        raise OperationError(Code.EXPRESSION_TYPE, f"requires a list before `[`, got {kind(items)}")
    if not isinstance(index, int):
        raise _no_index(index)
    if -len(items) <= index < len(items):
        return items[index]
    count = "1 item" if len(items) == 1 else f"{len(items)} items"
    raise OperationError(Code.EXPRESSION, f"is out of range: index {index} in a list of {count}")


def items_between(items: object, cuts: list[object], frame: EvaluationFrame) -> object:
    """`items[start:end:step]`; raises `OperationError`."""
    if items is UNKNOWN or UNKNOWN in cuts:
        return UNKNOWN
    if not is_list(items):
        raise OperationError(Code.EXPRESSION_TYPE, f"requires a list before `[`, got {kind(items)}")
    start, stop, step = map(_cut, cuts)
    if step == 0:
        raise OperationError(Code.EXPRESSION, "has a step of zero")
    frame.spend(len(items))
    return list(items[start:stop:step])


def _cut(cut: object) -> int | None:
    if cut is None or isinstance(cut, int):
        return cut
    raise _no_index(cut)


def _no_index(index: object) -> OperationError:
    if is_symbolic(index):
        return OperationError(Code.UNDECIDED, f"has an index that depends on the input: {index}")
    return OperationError(
        Code.EXPRESSION_TYPE, f"requires an integer index, got {kind(index)}: {index}"
    )
