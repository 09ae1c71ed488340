"""The state that recurrent layers and cells carry: its shape, and the weights that make it."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape
from netspec.layers.base import ConcreteShape, ShapeError, Solver, show


def check_state(
    op: str, solver: Solver, name: str, index: int, actual: Shape, expected: Shape
) -> None:
    """Refuse a state at the beginning that has another shape than the layer's."""
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
            helps=_state_helps(actual, expected, wrong),
            fits={"hidden_size": width} if isinstance(width, int) else None,
        )


def _state_helps(actual: Shape, expected: Shape, wrong: list[int]) -> tuple[str, ...]:
    """What makes a layer take the state of another one, by the dimensions that differ."""
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
