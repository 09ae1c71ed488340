"""The state that recurrent layers and cells carry: its shape, and the weights that make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.layer import (
    POSITIVE,
    Code,
    ConcreteShape,
    Module,
    Shape,
    ShapeError,
    Size,
    Solver,
    inferred,
    required,
)
from netspec.layer.argument_kinds import show


class HiddenState(Module):
    """The common part of recurrent layers and cells: the features of the input and of the state."""

    category = "recurrent"
    saved_inputs = True
    gates: ClassVar[int] = 1
    """How many rows of its weights there are for each feature of the state."""
    optional_inputs = 1
    positional = ("input_size", "hidden_size")

    input_size: int | None = inferred("the number of features of the input")
    hidden_size: int = required(POSITIVE, "the number of features of the hidden state")

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        return {"input_size": inputs[0][-1]} if inputs[0] else {}


def state_pair_call(module: str, inputs: Sequence[str]) -> str:
    """The call of a module with its two states as a tuple, if there are states."""
    state = f", ({inputs[1]}, {inputs[2]})" if len(inputs) > 1 else ""
    return f"{module}({inputs[0]}{state})"


def check_state(
    op: str, solver: Solver, name: str, index: int, actual: Shape, expected: Shape
) -> None:
    """Reject a state at the beginning that has another shape than the layer's."""
    alike = len(actual) == len(expected)
    pairs = zip(actual, expected, strict=True) if alike else ()
    wrong = [axis for axis, (a, b) in enumerate(pairs) if not solver.equal(a, b)]
    if wrong or not alike:
        width = actual[-1] if wrong == [len(actual) - 1] and name != "c_0" else None
        raise ShapeError(
            Code.FEATURES,
            f"`{op}` expects `{name}` to have {show(expected)}, got {show(actual)}",
            label=f"{show(actual)}, not {show(expected)}",
            axes=tuple((index, axis) for axis in wrong[:1]),
            helps=_state_helps(actual, expected, wrong) if alike else _flat_state(actual, expected),
            fits={"hidden_size": width} if isinstance(width, int) else None,
        )


def _flat_state(actual: Shape, expected: Shape) -> tuple[str, ...]:
    """What makes a state of one vector per sequence the state of a layer."""
    if actual != expected[1:]:
        return ()
    if expected[0] == 1:
        return ("add `{op: Unsqueeze, dim: 0}` to the state: it has one entry per layer",)
    return (f"stack {expected[0]} states, one per layer and direction, with `Stack` and `dim: 0`",)


def _state_helps(actual: Shape, expected: Shape, wrong: list[int]) -> tuple[str, ...]:
    """The change that makes a layer accept the state of another one, by the dimensions that differ."""
    helps = []
    if len(actual) - 1 in wrong:
        helps.append(f"set `hidden_size: {actual[-1]}`, as the state has")
    if 0 in wrong and len(actual) == 3:
        helps.append(
            f"a state of {actual[0]} is the number of layers times directions: set `num_layers` and "
            f"`bidirectional` alike in both, or bring the state to {show(expected)}"
        )
    return tuple(helps)


def weights(rows: int, features: int, width: int, *, bias: bool) -> dict[str, ConcreteShape]:
    """The weights from the input and from the state, as torch names them."""
    weight_shapes: dict[str, ConcreteShape] = {
        "weight_ih": (rows, features),
        "weight_hh": (rows, width),
    }
    return weight_shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {})
