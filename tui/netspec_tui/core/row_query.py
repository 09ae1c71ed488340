"""The query language of `/`: words of a name, `op:conv`, `shape:*,256,*,*`, `params:>1M`, `macs:>10M`, `error`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from netspec_tui.core.graph_rows import GraphRow

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_AMOUNT = re.compile(r"(<=|>=|<|>|=)?\s*([\d.]+)\s*([kmgt]?)", re.IGNORECASE)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip

HELP = "name · op:conv · shape:*,256,*,* · params:>1M · macs:>10M · error"


class QueryError(Exception):
    """An invalid query, and why."""


Test = Callable[[GraphRow], bool]


def parse_query(text: str) -> Test:
    """The test of a query: a row must match all its words. Raises `QueryError`."""
    tests = [_word(word) for word in text.split()]
    return lambda row: all(test(row) for test in tests)


def _word(word: str) -> Test:
    key, colon, value = word.partition(":")
    if not colon:
        if word.lower() in ("error", "errors"):
            return lambda row: bool(row.errors)
        return lambda row: word.lower() in row.path.lower() or word.lower() in row.name.lower()
    if key == "op":
        return lambda row: value.lower() in row.box.op.lower()
    if key == "kind":
        return lambda row: value.lower() in row.box.kind
    if key == "name":
        return lambda row: value.lower() in row.name.lower()
    if key == "shape":
        return _shape(value)
    if key in ("params", "parameters"):
        return _amount(value, lambda row: row.box.parameters)
    if key == "macs":
        return _amount(value, lambda row: row.box.macs)
    raise QueryError(f"unknown query `{key}:`; use {HELP}")


def _shape(value: str) -> Test:
    """Match sizes separated by `,` or `×`; `*` matches any size."""
    size_patterns = [part for part in re.split(r"[,x×]", value) if part]

    def test(row: GraphRow) -> bool:
        sizes = [str(size) for size in row.box.shape or ()]
        return len(sizes) == len(size_patterns) and all(
            fnmatchcase(s, w) for s, w in zip(sizes, size_patterns, strict=True)
        )

    return test


def _amount(value: str, measure: Callable[[GraphRow], int]) -> Test:
    match = _AMOUNT.fullmatch(value)
    if match is None:
        raise QueryError(f"`{value}` is not an amount: write `>1M`, `<=500k` or `=0`")
    compare = _COMPARE[match[1] or "="]
    limit = float(match[2]) * _UNITS[match[3].lower()]
    return lambda row: compare(measure(row), limit)
