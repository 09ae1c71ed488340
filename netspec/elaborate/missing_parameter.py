"""The help for a parameter of a block that a step does not pass, with the line to write."""

from __future__ import annotations

from netspec.document import Mapping
from netspec.elaborate.parameter_types import expected
from netspec.syntax import Block, Parameter, Step


def missing_parameter(block: Block, names: list[str], step: Step) -> str:
    """What to write in a step for the parameters that it does not pass."""
    entries = ", ".join(f"{name}: …" for name in names)
    in_place = isinstance(step.node, Mapping) and bool(step.arguments)
    op = step.op.text if step.op is not None else block.name
    text = f"add `{entries}` to the step" if in_place else f"write `{{op: {op}, {entries}}}`"
    values = [_value(block.parameters[name]) for name in names]
    listed = ", ".join(filter(None, values))
    return f"{text} ({listed})" if listed else text


def _value(parameter: Parameter) -> str:
    """What a parameter takes, by its declaration."""
    if parameter.choices:
        return f"`{parameter.name}` is one of {', '.join(map(str, parameter.choices[:8]))}"
    if parameter.type in ("", "any"):
        return f"`{parameter.name}` is {parameter.doc}" if parameter.doc else ""
    value = expected(parameter.type)
    return f"`{parameter.name}` is {value}" + (f": {parameter.doc}" if parameter.doc else "")
