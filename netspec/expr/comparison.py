"""Comparisons and truth, which must be decided for every size that the input may have."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from math import ceil, floor
from typing import Any, Final

from netspec.diagnostics import Code
from netspec.dims import Domain, Verdict, at_least, equal, is_symbolic, symbols
from netspec.expr.bounded_arithmetic import Apply
from netspec.expr.errors import OperationError, listing, quoted_piece
from netspec.expr.value_types import UNKNOWN, EvaluationFrame, is_list, is_number, kind

_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _ordering(sign: str, compute: Callable[[Any, Any], bool]) -> Apply:
    def apply(a: object, b: object, frame: EvaluationFrame) -> object:
        if is_number(a) and is_number(b):
            return compute(a, b)
        if a is UNKNOWN or b is UNKNOWN:
            return UNKNOWN
        if (is_symbolic(a) or is_number(a)) and (is_symbolic(b) or is_number(b)):
            return _ordered_sizes(sign, a, b, frame)
        what = f"requires numbers for `{sign}`, got {kind(a)} and {kind(b)}"
        raise OperationError(Code.EXPRESSION_TYPE, what)

    return apply


def _ordered_sizes(sign: str, a: object, b: object, frame: EvaluationFrame) -> bool:
    frame.spend_symbolic()
    if not is_symbolic(a):
        a, b, sign = b, a, _MIRRORED[sign]
    size: Any = a
    if is_symbolic(b):
        size, b = size - b, 0
    bound = _whole_bound(sign, b)
    verdict = at_least(size, bound, frame.scope.known())
    return decided(verdict, (size,), holds=sign in (">", ">="))


def _whole_bound(sign: str, bound: object) -> int:
    """The least integer that is `> bound` or `>= bound`, by the sign of the comparison."""
    assert is_number(bound)
    try:
        return floor(bound) + 1 if sign in (">", "<=") else ceil(bound)
    except (OverflowError, ValueError):
        raise OperationError(Code.EXPRESSION_TYPE, f"compares a size with {bound}") from None


def equal_values(a: object, b: object, frame: EvaluationFrame) -> object:
    """Whether two values are equal, for every size; raises `OperationError` if that depends."""
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if is_list(a) and is_list(b):
        return _equal_lists(a, b, frame)
    if not (is_symbolic(a) or is_symbolic(b)):
        return bool(a == b)
    if not ((is_symbolic(a) or is_number(a)) and (is_symbolic(b) or is_number(b))):
        return False
    frame.spend_symbolic()
    return _equal_sizes(a, b, frame)


def _equal_sizes(a: Any, b: Any, frame: EvaluationFrame) -> bool:
    if any(isinstance(v, float) and not v.is_integer() for v in (a, b)):
        return False
    a, b = (v if is_symbolic(v) else int(v) for v in (a, b))
    return decided(equal(a, b, frame.scope.known()), (a, b), holds=True)


def _equal_lists(a: Any, b: Any, frame: EvaluationFrame) -> object:
    if len(a) != len(b):
        return False
    frame.spend(len(a))
    return _settled(False, zip(a, b, strict=True), frame)


def _settled(by: bool, pairs: Iterable[tuple[object, object]], frame: EvaluationFrame) -> object:
    """`by` if one of the pairs is equal (or not) to settle it, whatever the others depend on."""
    result: object = not by
    depends: list[DependsError] = []
    for a, b in pairs:
        try:
            same = equal_values(a, b, frame)
        except DependsError as error:
            depends.append(error)
            continue
        if same is by:
            return by
        result = same if same is UNKNOWN else result
    if depends:
        raise depends[0] if len(depends) == 1 else _joined(depends)
    return result


def _contained(a: object, b: object, frame: EvaluationFrame) -> object:
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if not is_list(b):
        raise OperationError(Code.EXPRESSION_TYPE, f"requires a list after `in`, got {kind(b)}")
    frame.spend(len(b))
    return _settled(True, ((a, item) for item in b), frame)


def _negation(comparison: Apply) -> Apply:
    """The comparison that holds where this one does not."""

    def negated(a: object, b: object, frame: EvaluationFrame) -> object:
        try:
            holds = comparison(a, b, frame)
        except DependsError as error:
            raise error.denied() from None
        return holds if holds is UNKNOWN else not holds

    return negated


COMPARISONS: Final[dict[str, Apply]] = {
    "==": equal_values,
    "!=": _negation(equal_values),
    "<": _ordering("<", operator.lt),
    "<=": _ordering("<=", operator.le),
    ">": _ordering(">", operator.gt),
    ">=": _ordering(">=", operator.ge),
    "in": _contained,
    "not in": _negation(_contained),
}
"""The comparisons by their signs."""


def truth(value: object, frame: EvaluationFrame) -> object:
    """Whether a value is true: all are, except `false`, `null`, 0 and empty lists or texts."""
    if value is UNKNOWN:
        return UNKNOWN
    if not is_symbolic(value):
        return bool(value)
    frame.spend_symbolic()
    zero = equal(value, 0, frame.scope.known())
    return decided(zero, (value,), holds=False)


class DependsError(OperationError):
    """A relation that holds for some sizes of the input and not for others."""

    def __init__(self, names: frozenset[str], how: str, opposite: str) -> None:
        self.names, self.how, self.opposite = names, how, opposite
        symbols = listing(sorted(names))
        super().__init__(
            Code.UNDECIDED,
            f"depends on {symbols}: {how}",
            f"restrict {symbols} in `dims` so that the condition is decided for every size",
        )

    def denied(self) -> DependsError:
        """The same of the opposite relation."""
        return DependsError(self.names, self.opposite, self.how)


def _joined(depends: list[DependsError]) -> DependsError:
    names = frozenset[str]().union(*(error.names for error in depends))
    how = "it holds for some sizes and not for others"
    return DependsError(names, how, how)


def decided(verdict: Verdict, sizes: tuple[Any, ...], *, holds: bool) -> bool:
    """The verdict as a boolean: `holds` if it is `always`; raises `DependsError`."""
    if verdict.always:
        return holds
    if verdict.never:
        return not holds
    raise _depends(verdict, sizes, holds=holds)


def _depends(verdict: Verdict, sizes: tuple[Any, ...], *, holds: bool) -> DependsError:
    if verdict.unproved:
        names = frozenset[str]().union(*map(symbols, sizes))
        how = f"whether {quoted_piece(str(verdict.unproved))} is not known"
        return DependsError(names, how, how)
    domains = verdict.domains
    rest = "below" if len(domains) == 1 and all(map(_is_bound, domains.values())) else "otherwise"
    hows = (
        f"it holds for {where(verdict)} and not {rest}",
        f"it fails for {where(verdict)} and holds {rest}",
    )
    return DependsError(frozenset(domains), *(hows if holds else reversed(hows)))


def where(verdict: Verdict) -> str:
    """The sizes that a relation holds for, in words."""
    return listing([d.describe(name) for name, d in sorted(verdict.domains.items())])


def _is_bound(domain: Domain) -> bool:
    return domain.hi is None and domain.modulus == 1 and domain.values is None
