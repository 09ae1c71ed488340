"""Variables by lifetime: a value reuses the variable of one that it replaces, so that memory is freed early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from netspec.graph import Value
from netspec.optimize.inference.statement import Held, Operand, Path, Statement


class Line(NamedTuple):
    """A statement with variables.

    Attributes:
        pieces: The text, with the paths as they are.
    """

    pieces: tuple[str | Path, ...]

    @property
    def template(self) -> tuple[str, ...]:
        """The text without the paths."""
        return tuple("" if isinstance(p, Path) else p for p in self.pieces)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths, in order."""
        return tuple(p.text for p in self.pieces if isinstance(p, Path))


def named_lines(
    statements: Sequence[Statement], inputs: Mapping[Value, str], outputs: Sequence[Value]
) -> tuple[list[Line], list[str]]:
    """Give each value a variable.

    Args:
        statements: The statements of a forward pass.
        inputs: The arguments of the forward pass, by the input of the network.
        outputs: What it returns.

    Returns:
        The lines, and the variables of the outputs.
    """
    return _Naming(statements, inputs, outputs).result()


class _Naming:
    def __init__(
        self, statements: Sequence[Statement], inputs: Mapping[Value, str], outputs: Sequence[Value]
    ) -> None:
        self.statements, self.outputs = statements, outputs
        self.inputs: dict[Operand, str] = {}
        self.last_use: dict[Operand, int] = {}
        for index, statement in enumerate(statements):
            for operand in statement.operands:
                self.last_use[operand] = index
        self.last_use.update(dict.fromkeys(outputs, len(statements)))
        self.variables: dict[Operand, str] = {}
        for value, name in inputs.items():
            self.inputs[value] = self.variables[value] = name

    def result(self) -> tuple[list[Line], list[str]]:
        lines = [line for i, s in enumerate(self.statements) for line in self._lines(i, s)]
        return lines, [self.variables[value] for value in self.outputs]

    def _lines(self, index: int, statement: Statement) -> Iterator[Line]:
        expression = tuple(
            self.variables[p] if isinstance(p, Operand) else p for p in statement.parts
        )
        ending = [
            operand
            for operand in statement.operands
            if self.last_use[operand] == index and operand in self.variables
        ]
        freed = [self.variables.pop(operand) for operand in ending if operand not in self.inputs]
        for result in statement.results:
            if result in self.inputs:  # the same tensor in another layout, which may be freed
                del self.inputs[result], self.variables[result]
            if result not in self.variables:
                self.variables[result] = self._variable(result, freed)
        target = tuple(self.variables[p] if isinstance(p, Operand) else p for p in statement.target)
        yield Line((*target, " = ", *expression))
        unread = [r for r in statement.results if r not in self.last_use]
        names = {self.variables[r] for r in statement.results}
        dead = [self.variables.pop(r) for r in unread if r not in self.inputs]
        dead += [name for name in freed if name not in names]
        if dead and index + 1 < len(self.statements):
            yield Line((f"del {', '.join(sorted(set(dead)))}",))

    def _variable(self, result: Operand, freed: Sequence[str]) -> str:
        """A variable: one of a value that ends, or one that is not in use."""
        used = set(self.variables.values())
        if not isinstance(result, Value):
            stem = "block" if isinstance(result, Held) else "size"
            return next(n for n in _numbered(stem) if n not in used)
        free = [n for n in sorted(freed) if not n.startswith(("block", "size")) and n not in used]
        names = chain(free, ("x", "y", "z"), _numbered("x"))
        return next(n for n in names if n not in used)


def _numbered(stem: str) -> Iterator[str]:
    """The names `block`, `block2`, and so on."""
    yield stem
    yield from (f"{stem}{number}" for number in count(2))
