"""How a value that differs between the uses of a class is said: by the class's constructor arguments.

A value that is the same everywhere is a literal. One that varies is an argument, or a simple multiple or
part of one where that is exact for every use; so a class asks for no more numbers than it needs.
"""

from __future__ import annotations

import keyword
from itertools import pairwise

from netspec.codegen.names import fresh, identifier, variable
from netspec.codegen.parts import ClassPlan, Hole
from netspec.codegen.quoting import literal
from netspec.document import Scalar
from netspec.elaborate.names import RESERVED_BY_TORCH
from netspec.spec import Block

_FACTORS = (2, 3, 4, 5, 6, 8)


class Vectors:
    """The constructor arguments of one class while they are found: names, and values use by use."""

    def __init__(self, plan: ClassPlan) -> None:
        self.plan = plan
        self.uses = plan.uses
        self.offered = _offers(plan)
        self.told: list[tuple[list[object], str]] = []
        """What was said already, so that a size is said as it was where it was decided."""

    def say(self, values: list[object], hole: Hole, hint: str = "") -> str:
        """The Python that says these values, one for each use."""
        if _constant(values):
            return literal(values[0])
        said = (
            self._by_name(values, hole.names)
            or next((text for vector, text in reversed(self.told) if vector == values), None)
            or self._known(values)
            or self._offered(values)
            or self._new(values, hint or hole.hint)
        )
        self.told.append((values, said))
        return said

    def _by_name(self, values: list[object], names: tuple[str, ...]) -> str | None:
        """By a parameter that the spec's own expression mentions."""
        for name in names:
            vector = self.offered.get(name)
            said = (
                None
                if vector is None
                else name
                if vector == values
                else _related(name, vector, values)
            )
            if said and vector is not None:
                if name not in self.plan.parameters:
                    self._add(name, vector)
                return said
        return None

    def _known(self, values: list[object]) -> str | None:
        """By the arguments there are, a part or a multiple of one included."""
        pairs = list(zip(self.plan.parameters, self.plan.values, strict=True))
        for name, vector in pairs:
            if vector == values:
                return name
        for name, vector in pairs:
            said = _related(name, vector, values)
            if said:
                return said
        return None

    def _offered(self, values: list[object]) -> str | None:
        """By a number that the spec has a name for, which becomes an argument."""
        for name, vector in self.offered.items():
            if name in self.plan.parameters:
                continue
            said = name if vector == values else _related(name, vector, values)
            if said:
                self._add(name, vector)
                return said
        return None

    def _new(self, values: list[object], hint: str) -> str:
        name = fresh(variable(hint), {*self.plan.parameters, *self.offered})
        self._add(name, values)
        return name

    def _add(self, name: str, vector: list[object]) -> None:
        self.plan.parameters.append(name)
        self.plan.values.append(vector)


def fill(plan: ClassPlan) -> None:
    """Find the texts of all holes of a class, and its constructor arguments."""
    vectors = Vectors(plan)
    for k in range(len(plan.uses[0].holes)):
        holes = [use.holes[k] for use in plan.uses]
        hole = holes[0]
        if hole.text:
            continue
        if hole.series:
            _fill_series(hole, [list(h.value) for h in holes], vectors)  # type: ignore[call-overload]
        else:
            hole.text = vectors.say([h.value for h in holes], hole)
        varies = hole.in_forward and not _constant([h.value for h in holes])
        if varies and not plan.uses[0].chain:
            _keep(hole, plan)
    _take_defaults(plan)


def _take_defaults(plan: ClassPlan) -> None:
    """Give arguments the defaults that the block declares; these come last in the signature."""
    if not isinstance(plan.definition, Block):
        return
    for name, values in zip(plan.parameters, plan.values, strict=True):
        declared = plan.definition.parameters.get(name)
        default = declared.default if declared is not None else None
        if not isinstance(default, Scalar) or str(default.value).startswith("="):
            continue
        if any(_same(v, default.value) for v in values):
            plan.defaults[name] = default.value
    pairs = sorted(
        zip(plan.parameters, plan.values, strict=True), key=lambda p: p[0] in plan.defaults
    )
    plan.parameters = [name for name, _ in pairs]
    plan.values = [values for _, values in pairs]


def _keep(hole: Hole, plan: ClassPlan) -> None:
    """Let `forward` read a constructor argument: it is kept as an attribute."""
    for name, text in plan.attributes.items():
        if text == hole.text:
            hole.kept = name
            return
    children = {getattr(item, "name", "") for item in plan.uses[0].items}
    base = hole.text if hole.text.isidentifier() else identifier(hole.hint)
    name = fresh(base, {*children, *plan.attributes, *RESERVED_BY_TORCH})
    plan.attributes[name] = hole.text
    hole.kept = name


def _fill_series(hole: Hole, series: list[list[object]], vectors: Vectors) -> None:
    """A value for each iteration: constant, evenly growing, or a list."""
    if all(map(_constant, series)):
        hole.series = False
        hole.text = vectors.say([s[0] for s in series], hole)
        return
    steps = {_step(s) for s in series if len(s) > 1}
    if len(steps) == 1 and max(map(len, series)) > 2 and (step := steps.pop()) is not None:
        start = vectors.say([s[0] for s in series], hole)
        ends = [s[0] + step * len(s) for s in series]  # type: ignore[operator]
        end = vectors.say(list(ends), hole, f"last_{hole.hint}")
        hole.text = f"range({start}, {end})" if step == 1 else f"range({start}, {end}, {step})"
        return
    hole.text = vectors.say([tuple(s) for s in series], hole, f"{hole.hint}s")


def _step(series: list[object]) -> int | None:
    if not all(type(v) is int for v in series):
        return None
    numbers = [v for v in series if isinstance(v, int)]
    steps = {b - a for a, b in pairwise(numbers)}
    return steps.pop() if len(steps) == 1 else None


def _offers(plan: ClassPlan) -> dict[str, list[object]]:
    """What differs between uses and has a name: the input's channels, and the block's parameters."""
    found: dict[str, list[object]] = {}
    shapes = [use.level.inputs[0].shape if use.level.inputs else None for use in plan.uses]
    channels = [s[1] if s is not None and len(s) > 1 else None for s in shapes]
    if all(type(c) is int for c in channels):
        found["in_channels"] = list(channels)
    if plan.uses[0].level.block is not None:
        for name in plan.uses[0].level.env:
            values = [use.level.env.get(name) for use in plan.uses]
            plain = all(isinstance(v, int | float | str) for v in values)
            if plain and not keyword.iskeyword(name):
                found.setdefault(variable(name), values)
    return {n: v for n, v in found.items() if not _constant(v)}


def _related(name: str, vector: list[object], values: list[object]) -> str | None:
    """`name * 4` or `name // 2`, where that is exact for every use."""
    pairs = list(zip(vector, values, strict=True))
    if not all(type(a) is int and type(b) is int and a > 1 for a, b in pairs):
        return None
    numbers = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    for factor in _FACTORS:
        if all(a * factor == b for a, b in numbers):
            return f"{name} * {factor}"
        if all(a // factor == b for a, b in numbers):
            return f"{name} // {factor}"
    return None


def _constant(values: list[object]) -> bool:
    """Whether all of these values are the same."""
    return values.count(values[0]) == len(values) and len({type(v) is bool for v in values}) == 1


def _same(a: object, b: object) -> bool:
    return a == b and isinstance(a, bool) == isinstance(b, bool)
