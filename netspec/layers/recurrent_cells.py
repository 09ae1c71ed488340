"""Recurrent cells: one step of a recurrent layer, for loops that a spec writes itself.

N batch, F features, H = hidden_size.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    Choice,
    Code,
    ConcreteShape,
    Origin,
    Shape,
    ShapeError,
    Solver,
    constant_size,
    layer,
    optional,
    require_rank,
)
from netspec.layers.hidden_state import HiddenState, check_state, state_pair_call, weights


class _Cell(HiddenState):
    """One step along a sequence."""

    inputs: ClassVar[tuple[str, ...]] = ("input", "hidden")

    bias: bool = optional(BOOLEAN, "whether to add learned biases", True)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        shape = inputs[0]
        require_rank(self.op, shape, (1, 2), "[N, F] or [F]")
        constant_size(self.op, "features", shape, -1, self.input_size)
        state = (*shape[:-1], self.hidden_size)
        for index, state_shape in enumerate(inputs[1:], 1):
            check_state(self.op, solver, self.inputs[index], index, state_shape, state)
        return [state] * len(self.results)

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        features = constant_size(self.op, "features", inputs[0], -1, self.input_size)
        rows = self.gates * self.hidden_size
        return weights(rows, features, self.hidden_size, bias=self.bias)

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        matrices = (s for s in self.parameters(*inputs).values() if len(s) == 2)
        return prod(inputs[0][:-1]) * sum(map(prod, matrices))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]) - 1:
            return Origin("argument", "hidden_size")
        return Origin("same", parts=((0, axis),))


@layer
class RNNCell(_Cell):
    """Computes one time step of a recurrent network with a tanh or ReLU nonlinearity.

    Shape: (N, F), hidden (N, H) -> (N, H),
        h' = tanh(weight_ih · x + bias_ih + weight_hh · h + bias_hh)
    Note: The input may be unbatched: (F). Without `hidden`, the state starts at 0.
    Source: `torch.nn.RNNCell`
    """

    saved_result = True
    nonlinearity: str = optional(
        Choice("tanh", "relu"), "the activation function of the hidden state", "tanh"
    )


@layer
class GRUCell(_Cell):
    """Computes one time step of a gated recurrent unit network.

    Shape: (N, F), hidden (N, H) -> (N, H), h' = (1 − z) · n + z · h
    Note: The input may be unbatched: (F). Without `hidden`, the state starts at 0.
    Source: `torch.nn.GRUCell`, https://arxiv.org/abs/1406.1078
    """

    gates = 3


@layer
class LSTMCell(_Cell):
    """Computes one time step of a long short-term memory network.

    Shape: (N, F), h_0 (N, H), c_0 (N, H) -> h_1 (N, H), c_1 (N, H),
        c' = f · c + i · g, h' = o · tanh(c')
    Note: The input may be unbatched: (F). Without `h_0` and `c_0`, the states start at 0.
    Source: `torch.nn.LSTMCell`, https://doi.org/10.1162/neco.1997.9.8.1735
    """

    example = """
        inputs: {features: [N, 64], h: [N, 16], c: [N, 16]}
        body:
          - cell: {op: LSTMCell, hidden_size: 16, from: {input: features, h_0: h, c_0: c}}
        outputs: [cell.h_1, cell.c_1]
    """

    gates = 4
    inputs = ("input", "h_0", "c_0")
    optional_inputs = 2

    @property
    def results(self) -> tuple[str, ...]:
        return ("h_1", "c_1")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        if len(inputs) == 2:
            raise ShapeError(
                Code.INPUT_COUNT,
                "`LSTMCell` requires both h_0 and c_0, or neither",
                label="one of the two is missing",
                helps=("pass all three: `from: {input: …, h_0: …, c_0: …}`",),
            )
        return super().infer(solver, *inputs)

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        return state_pair_call(module, inputs)
