"""Recurrent layers: a state that is carried along a sequence.

N batch, L positions, F features, H = hidden_size, D = 2 with `bidirectional`, else 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layers.answers import FieldRule
from netspec.layers.arguments import (
    FLAG,
    LAYERS,
    NATURAL,
    POSITIVE,
    PROBABILITY,
    Choice,
    inferred,
    optional,
    required,
)
from netspec.layers.base import Axes, Module, Names, Origin, ShapeError, Solver, layer
from netspec.layers.checks import fixed, require_rank
from netspec.layers.state import check_state, weights


class _Recurrent(Module):
    """A state that is carried along a sequence, in one layer or several."""

    saved_inputs = True
    saved_result = True
    gates: ClassVar[int] = 1
    """How many rows of its weights there are for each feature of the state."""
    inputs: ClassVar[tuple[str, ...]] = ("input", "h_0")
    optional_inputs = 1
    positional = ("input_size", "hidden_size")
    order: ClassVar[tuple[str, ...]] = ("input_size", "hidden_size", "num_layers")

    input_size: int | None = inferred("features of the input")
    hidden_size: int = required(POSITIVE, "features of the state")
    num_layers: int = optional(LAYERS, "layers, each on the results of the one below", 1)
    bias: bool = optional(FLAG, "whether learned vectors are added", True)
    batch_first: bool = optional(FLAG, "whether the batch is the first axis", False)
    dropout: float = optional(
        PROBABILITY, "probability of zeroing between the layers, while training", 0.0
    )
    bidirectional: bool = optional(FLAG, "whether a second state runs from the end", False)

    @property
    def op(self) -> str:
        """Its name, for messages."""
        return type(self).__name__

    @property
    def results(self) -> tuple[str, ...]:
        return ("output", "h_n")

    @property
    def directions(self) -> int:
        """How many states run along the sequence."""
        return 1 + self.bidirectional

    @property
    def width(self) -> int:
        """Features of what one direction gives."""
        return self.hidden_size

    # ---- shapes -------------------------------------------------------------------------------

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        return {"input_size": inputs[0][-1]} if inputs[0] else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        first = "[N, L, F]" if self.batch_first else "[L, N, F]"
        require_rank(self.op, shape, (2, 3), f"{first} or [L, F]")
        fixed(self.op, "features", shape, -1, self.input_size)
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

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        batch = len(inputs[0]) == 3 and axis == (0 if self.batch_first else 1)
        return super().sees(result, index, axis, *inputs) if batch else "everything"

    def wide(self, result: int) -> str:
        """The argument that sets the features of a result."""
        return "hidden_size"

    # ---- cost ---------------------------------------------------------------------------------

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        first, later = map(self.one, self.features(inputs[0]))
        return {
            f"{name}_l{number}{'_reverse' * direction}": shape
            for number in range(self.num_layers)
            for direction in range(self.directions)
            for name, shape in (later if number else first).items()
        }

    def weight_groups(self, *inputs: Shape) -> list[tuple[int, dict[str, Axes]]]:
        first, later = self.features(inputs[0])
        return [
            (self.directions, self.one(first)),
            (self.directions * (self.num_layers - 1), self.one(later)),
        ]

    def features(self, shape: Shape) -> tuple[int, int]:
        """What flows into the first layer, and into each of the others."""
        first = fixed(self.op, "features", shape, -1, self.input_size)
        return first, self.directions * self.width

    def one(self, features: int) -> dict[str, Axes]:
        """The weights of one direction of one layer."""
        return weights(self.gates * self.hidden_size, features, self.width, bias=self.bias)

    def macs(self, inputs: Sequence[Axes], outputs: Sequence[Axes]) -> int:
        matrices = (
            times * prod(shape)
            for times, part in self.weight_groups(*inputs)
            for shape in part.values()
            if len(shape) == 2
        )
        return prod(inputs[0][:-1]) * sum(matrices)


@layer
class RNN(_Recurrent):
    """Carries a state along a sequence, made at each position of the input and the state before.

    Shape: (L, N, F) -> (L, N, D · H), h_n (D · num_layers, N, H),
    h' = tanh(weight_ih · x + bias_ih + weight_hh · h + bias_hh)
    Source: `torch.nn.RNN`. The batch comes first with `batch_first`; a single item has no N.
    """

    example = """
        inputs: {sequence: [N, T, 64]}
        body:
          - {op: RNN, hidden_size: 16, batch_first: true}
    """

    order = ("input_size", "hidden_size", "num_layers", "nonlinearity")

    nonlinearity: str = optional(Choice("tanh", "relu"), "the function of the new state", "tanh")


@layer
class GRU(_Recurrent):
    """Carries a state along a sequence; two gates decide what of it is kept and what is new.

    Shape: (L, N, F) -> (L, N, D · H), h_n (D · num_layers, N, H), h' = (1 − z) · n + z · h
    Source: `torch.nn.GRU`, https://arxiv.org/abs/1406.1078.
    The batch comes first with `batch_first`; a single item has no N.
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
    """Carries a state and a memory along a sequence; gates decide what is kept, added and shown.

    Shape: (L, N, F) -> (L, N, D · H), h_n (D · num_layers, N, H), c_n (D · num_layers, N, H),
    c' = f · c + i · g, h' = o · tanh(c'); with proj_size, what is shown has so many features
    Source: `torch.nn.LSTM`, https://doi.org/10.1162/neco.1997.9.8.1735.
    The batch comes first with `batch_first`; a single item has no N.
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
        NATURAL, "features that the shown state is projected to; 0 for no projection", 0
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

    def one(self, features: int) -> dict[str, Axes]:
        direction_weights = super().one(features)
        return direction_weights | (
            {"weight_hr": (self.proj_size, self.hidden_size)} if self.proj_size else {}
        )

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        state = f", ({inputs[1]}, {inputs[2]})" if len(inputs) > 1 else ""
        return f"{module}({inputs[0]}{state})"
