"""Recurrent layers: a state that is carried along a sequence.

N batch, L positions, F features, H = hidden_size, D = 2 with `bidirectional`, else 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    NON_NEGATIVE,
    PROBABILITY,
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    Origin,
    Shape,
    ShapeError,
    Solver,
    constant_size,
    layer,
    optional,
    require_rank,
)
from netspec.layer.argument_kinds import LAYER_COUNT
from netspec.layer.base import Names
from netspec.layers.hidden_state import HiddenState, check_state, state_pair_call, weights


class _Recurrent(HiddenState):
    """A state that is carried along a sequence, in one layer or several."""

    saved_result = True
    inputs: ClassVar[tuple[str, ...]] = ("input", "h_0")
    order: ClassVar[tuple[str, ...]] = ("input_size", "hidden_size", "num_layers")

    num_layers: int = optional(LAYER_COUNT, "the number of stacked layers", 1)
    bias: bool = optional(BOOLEAN, "whether to add learned biases", True)
    batch_first: bool = optional(BOOLEAN, "whether the batch is the first dimension", False)
    dropout: float = optional(
        PROBABILITY,
        "the probability of zeroing the outputs of each layer but the last in training",
        0.0,
    )
    bidirectional: bool = optional(
        BOOLEAN, "whether to process the sequence in both directions", False
    )

    @property
    def results(self) -> tuple[str, ...]:
        return ("output", "h_n")

    @property
    def directions(self) -> int:
        """How many states run along the sequence."""
        return 1 + self.bidirectional

    @property
    def width(self) -> int:
        """The number of features of the output of one direction."""
        return self.hidden_size

    # ---- shapes -------------------------------------------------------------------------------

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        first = "[N, L, F]" if self.batch_first else "[L, N, F]"
        require_rank(self.op, shape, (2, 3), f"{first} or [L, F]")
        constant_size(self.op, "features", shape, -1, self.input_size)
        states = self.states(shape)
        for index, (state_shape, state) in enumerate(zip(inputs[1:], states, strict=False), 1):
            check_state(self.op, solver, self.inputs[index], index, state_shape, state)
        return [(*shape[:-1], self.directions * self.width), *states]

    def states(self, shape: Shape) -> list[Shape]:
        """The shapes of the states, at the beginning and at the end."""
        return [self.state(shape, self.width)]

    def state(self, shape: Shape, width: int) -> Shape:
        """The shape of one state of so many features."""
        batch = (shape[0 if self.batch_first else 1],) if len(shape) == 3 else ()
        return (self.directions * self.num_layers, *batch, width)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = len(inputs[0])
        if axis == rank - 1:
            return Origin("argument", self.wide(result))
        if result == 0:
            return Origin("same", parts=((0, axis),))
        if axis == 0:
            return Origin("argument", "num_layers")
        return Origin("same", parts=((0, 0 if self.batch_first else 1),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        batch = len(inputs[0]) == 3 and axis == (0 if self.batch_first else 1)
        return super().receptive_field(result, index, axis, *inputs) if batch else "everything"

    def wide(self, result: int) -> str:
        """The argument that sets the features of a result."""
        return "hidden_size"

    # ---- cost ---------------------------------------------------------------------------------

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        first, later = map(self.one, self.features(inputs[0]))
        return {
            f"{name}_l{number}{'_reverse' * direction}": shape
            for number in range(self.num_layers)
            for direction in range(self.directions)
            for name, shape in (later if number else first).items()
        }

    def weight_groups(self, *inputs: Shape) -> list[tuple[int, dict[str, ConcreteShape]]]:
        first, later = self.features(inputs[0])
        return [
            (self.directions, self.one(first)),
            (self.directions * (self.num_layers - 1), self.one(later)),
        ]

    def features(self, shape: Shape) -> tuple[int, int]:
        """The number of input features of the first layer, and of the others."""
        first = constant_size(self.op, "features", shape, -1, self.input_size)
        return first, self.directions * self.width

    def one(self, features: int) -> dict[str, ConcreteShape]:
        """The weights of one direction of one layer."""
        return weights(self.gates * self.hidden_size, features, self.width, bias=self.bias)

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        matrices = (
            times * prod(shape)
            for times, part in self.weight_groups(*inputs)
            for shape in part.values()
            if len(shape) == 2
        )
        return prod(inputs[0][:-1]) * sum(matrices)


@layer
class RNN(_Recurrent):
    """Applies a recurrent network with a tanh or ReLU nonlinearity to a sequence.

    Shape: (L, N, F) -> (L, N, D · H), h_n (D · num_layers, N, H),
        h' = tanh(weight_ih · x + bias_ih + weight_hh · h + bias_hh)
    Note: D is 2 with `bidirectional` and otherwise 1. With `batch_first`, the batch is the first
        dimension; the input may be unbatched, without N.
    Source: `torch.nn.RNN`
    """

    example = """
        inputs: {sequence: [N, T, 64]}
        body:
          - {op: RNN, hidden_size: 16, batch_first: true}
    """

    order = ("input_size", "hidden_size", "num_layers", "nonlinearity")

    nonlinearity: str = optional(
        Choice("tanh", "relu"), "the activation function of the hidden state", "tanh"
    )


@layer
class GRU(_Recurrent):
    """Applies a gated recurrent unit network to a sequence.

    Shape: (L, N, F) -> (L, N, D · H), h_n (D · num_layers, N, H), h' = (1 − z) · n + z · h
    Note: D is 2 with `bidirectional` and otherwise 1. With `batch_first`, the batch is the first
        dimension; the input may be unbatched, without N.
    Source: `torch.nn.GRU`, https://arxiv.org/abs/1406.1078
    """

    example = """
        inputs: {sequence: [N, T, 64]}
        body:
          - gru: {op: GRU, hidden_size: 16, batch_first: true}
        outputs: [gru, gru.h_n]
    """

    gates = 3


@layer
class LSTM(_Recurrent):
    """Applies a long short-term memory network to a sequence.

    Shape: (L, N, F) -> (L, N, D · H), h_n (D · num_layers, N, H), c_n (D · num_layers, N, H),
        c' = f · c + i · g, h' = o · tanh(c')
    Note: D is 2 with `bidirectional` and otherwise 1. With `proj_size`, the output and h_n have
        `proj_size` features in place of H. With `batch_first`, the batch is the first dimension;
        the input may be unbatched, without N.
    Source: `torch.nn.LSTM`, https://doi.org/10.1162/neco.1997.9.8.1735
    """

    example = """
        inputs: {sequence: [N, T, 64]}
        body:
          - lstm: {op: LSTM, hidden_size: 16, batch_first: true, bidirectional: true}
        outputs: {every: lstm, last: lstm.h_n}
    """

    gates = 4
    inputs = ("input", "h_0", "c_0")
    optional_inputs = 2

    proj_size: int = optional(
        NON_NEGATIVE, "the number of features of the projected hidden state; 0 for no projection", 0
    )

    @property
    def results(self) -> tuple[str, ...]:
        return ("output", "h_n", "c_n")

    @property
    def returned(self) -> Names:
        return ("output", ("h_n", "c_n"))

    @property
    def width(self) -> int:
        return self.proj_size or self.hidden_size

    def validate(self) -> None:
        if self.proj_size >= self.hidden_size:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"proj_size={self.proj_size} of `LSTM` must be smaller than "
                f"hidden_size={self.hidden_size}",
                argument="proj_size",
                label=f"must be from 0 to {self.hidden_size - 1}",
            )

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        if len(inputs) == 2:
            raise ShapeError(
                Code.INPUT_COUNT,
                "`LSTM` requires both h_0 and c_0, or neither",
                label="one of the two is missing",
                helps=("pass all three: `from: {input: …, h_0: …, c_0: …}`",),
            )
        return super().infer(solver, *inputs)

    def states(self, shape: Shape) -> list[Shape]:
        return [self.state(shape, self.width), self.state(shape, self.hidden_size)]

    def wide(self, result: int) -> str:
        return "proj_size" if self.proj_size and result < 2 else "hidden_size"

    def one(self, features: int) -> dict[str, ConcreteShape]:
        direction_weights = super().one(features)
        return direction_weights | (
            {"weight_hr": (self.proj_size, self.hidden_size)} if self.proj_size else {}
        )

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        return state_pair_call(module, inputs)
