"""The variables of a `forward`, and which of them hold a tensor that is still read."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container, Mapping
from heapq import heappop, heappush

from netspec.codegen.value_references import Ref


class Union:
    """Whether something is in one of several sets, without a copy of them."""

    def __init__(self, *sets: Container[str]) -> None:
        self.sets = sets

    def __contains__(self, item: object) -> bool:
        return any(item in each for each in self.sets)


class Variables(dict[Ref, ast.expr]):
    """The expression for each tensor.

    Statements are asked about in their order, so that a variable is looked at when it is bound and when its
    tensor has been read for the last time: a wide network has thousands of live tensors at each statement.
    """

    def __init__(self, last_read: Mapping[Ref, int]) -> None:
        super().__init__()
        self._last_read = last_read
        self._bound: list[Ref] = []
        """What is bound since the last question."""
        self._live: dict[Ref, ast.Name] = {}
        self._ends: list[tuple[int, int, Ref]] = []
        """When the live tensors are read last: a heap."""
        self._number = 0
        self._holders: Counter[str] = Counter()

    def __setitem__(self, ref: Ref, tree: ast.expr) -> None:
        super().__setitem__(ref, tree)
        self._bound.append(ref)

    def held(self, position: int) -> Mapping[str, int]:
        """The variables that hold, or have as an item, a tensor that is read after a statement."""
        for ref in self._bound:
            self._end(ref)
            root, last = root_of(self[ref]), self._last_read.get(ref, -1)
            if root is not None and last > position:
                self._live[ref] = root
                self._holders[root.id] += 1
                self._number += 1
                heappush(self._ends, (last, self._number, ref))
        self._bound.clear()
        while self._ends and self._ends[0][0] <= position:
            self._end(heappop(self._ends)[2])
        return self._holders

    def _end(self, ref: Ref) -> None:
        root = self._live.pop(ref, None)
        if root is not None:
            self._holders[root.id] -= 1
            if not self._holders[root.id]:
                del self._holders[root.id]


def root_of(tree: ast.expr) -> ast.Name | None:
    """The variable at the beginning of `x[0].shape`."""
    while isinstance(tree, ast.Subscript | ast.Attribute):
        tree = tree.value
    return tree if isinstance(tree, ast.Name) else None
