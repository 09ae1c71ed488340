"""Attention: every position looks at all others.

N batch, L queries, S keys, E features.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from netspec.dims import as_integer
from netspec.layer import (
    BOOLEAN,
    NUMBER,
    PROBABILITY,
    Code,
    ConcreteShape,
    Function,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    require_rank,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import keywords
from netspec.layers.broadcast import broadcast, stretched


@layer
class ScaledDotProductAttention(Function):
    """Computes attention: the mean of the values, weighted by the similarity of each query to the keys.

    Shape: (*, L, E), (*, S, E), (*, S, F) -> (*, L, F), y = softmax(q · kᵀ / √E + mask) · v
    Note: The leading dimensions broadcast. A mask is (L, S), or broadcasts to (*, L, S).
    Source: `torch.nn.functional.scaled_dot_product_attention`, https://arxiv.org/abs/1706.03762
    """

    torch_name = "torch.nn.functional.scaled_dot_product_attention"

    category = "attention"
    saved_inputs = True
    saved_result = True
    floating = True
    elements: ClassVar = {"attn_mask": "mask"}
    example = """
        inputs: {query: [N, 4, T, 16], memory: [N, 4, S, 16]}
        body:
          - {op: ScaledDotProductAttention, from: [query, memory, memory]}
    """

    inputs = ("query", "key", "value", "attn_mask")
    optional_inputs = 1

    dropout_p: float = optional(
        PROBABILITY, "the probability of zeroing an attention weight in training", 0.0
    )
    is_causal: bool = optional(
        BOOLEAN,
        "whether to apply a causal mask: each query attends only to keys up to its position",
        False,
    )
    scale: float | None = optional(
        OneOf(NUMBER, Null()), "the factor of the dot products; null for 1/√E", None
    )
    enable_gqa: bool = optional(
        BOOLEAN,
        "whether groups of query heads may share a key and value head (grouped-query attention)",
        False,
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        op = "ScaledDotProductAttention"
        query, key, value = inputs[:3]
        for shape in (query, key, value):
            require_rank(op, shape, range(2, 100), "[…, L, E], [N, heads, L, E] as a rule")
        self.match(solver, "features", inputs, (0, -1), (1, -1))
        self.match(solver, "positions", inputs, (1, -2), (2, -2))
        heads = (
            [self.grouped(solver, query, s) for s in (key, value)]
            if self.enable_gqa
            else [key, value]
        )
        batch = broadcast(op, solver, [query, *heads], drop=2)
        if len(inputs) > 3:
            weights_shape = broadcast(op, solver, [query, heads[0]], drop=2)
            self.check_mask(solver, inputs[3], (*weights_shape, query[-2], key[-2]))
        return (*batch, query[-2], value[-1])

    def match(
        self,
        solver: Solver,
        what: str,
        shapes: Sequence[Shape],
        a: tuple[int, int],
        b: tuple[int, int],
    ) -> None:
        """Reject two inputs that differ where they must not."""
        (i, first_axis), (j, other) = a, b
        if solver.equal(shapes[i][first_axis], shapes[j][other]):
            return
        raise ShapeError(
            Code.FEATURES,
            f"the {self.inputs[i]} has {shapes[i][first_axis]} {what}, but the {self.inputs[j]} has "
            f"{shapes[j][other]}",
            label=f"{show(shapes[i])} and {show(shapes[j])}",
            axes=((i, len(shapes[i]) + first_axis), (j, len(shapes[j]) + other)),
        )

    def grouped(self, solver: Solver, query: Shape, shape: Shape) -> Shape:
        """Keys or values with their heads repeated for the queries'."""
        need = min(len(query), len(shape))
        if need < 3:
            require_rank(
                "ScaledDotProductAttention",
                shape if len(shape) < 3 else query,
                (3, 4),
                "[…, heads, L, E]",
            )
        heads, fewer = query[-3], as_integer(shape[-3])
        if fewer is None or solver.divisible(heads, fewer):
            return (*shape[:-3], heads, *shape[-2:])
        raise ShapeError(
            Code.DIVISIBLE,
            f"the {heads} heads of the query are not divisible by the {fewer} of the key or value",
            argument="enable_gqa",
            label=f"{heads} heads and {fewer}",
        )

    def check_mask(self, solver: Solver, mask: Shape, scores: Shape) -> None:
        """Reject a mask that does not broadcast to one weight for each query and key."""
        op = "ScaledDotProductAttention"
        if self.is_causal:
            raise ShapeError(
                Code.BAD_ARGUMENT, f"`{op}` takes a mask or is_causal: true, not both",
                argument="is_causal", label="used together with a mask",
            )  # fmt: skip
        require_rank(op, mask, range(2, len(scores) + 1), f"a mask of {show(scores)} or [L, S]")
        for back in range(1, len(mask) + 1):
            if mask[-back] != 1 and not solver.equal(mask[-back], scores[-back]):
                raise ShapeError(
                    Code.BROADCAST,
                    f"the mask {show(mask)} does not match the attention weights {show(scores)}",
                    label=f"{mask[-back]} and {scores[-back]}",
                    axes=((3, len(mask) - back),),
                )

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        query, key, value = inputs[:3]
        return prod(outputs[0][:-1]) * key[-2] * (query[-1] + value[-1])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = max(map(len, inputs[:3]))
        if axis == rank - 1:
            return Origin("same", parts=((2, len(inputs[2]) - 1),))
        if axis == rank - 2:
            return Origin("same", parts=((0, len(inputs[0]) - 2),))
        return stretched(axis, rank - 2, [shape[:-2] for shape in inputs[:3]])

    def write(self, *inputs: str, **arguments: str) -> str:
        texts = dict(arguments)
        if texts["dropout_p"] not in ("0", "0.0"):
            texts["dropout_p"] = f"{texts['dropout_p']} if self.training else 0.0"
        mask = f", attn_mask={inputs[3]}" if len(inputs) > 3 else ""
        named = keywords(self, texts, *self.arguments)
        return f"F.scaled_dot_product_attention({', '.join(inputs[:3])}{mask}{named})"
