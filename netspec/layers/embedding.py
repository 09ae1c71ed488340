"""Tables that learned vectors are looked up in.

N batch, L positions.
"""

from __future__ import annotations

from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    POSITIVE,
    Choice,
    Code,
    ConcreteShape,
    Module,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    require_rank,
    required,
)
from netspec.layer.argument_kinds import show


class _Table(Module):
    """A table of learned vectors, one row for each number."""

    category = "embedding"
    saved_inputs = True
    positional = ("num_embeddings", "embedding_dim")

    num_embeddings: int = required(POSITIVE, "the number of vectors; each index is less than it")
    embedding_dim: int = required(POSITIVE, "the number of features of each vector")
    max_norm: float | None = optional(
        OneOf(NUMBER, Null()),
        "the norm to which longer vectors are scaled when they are looked up; null for no limit",
        None,
    )
    norm_type: float = optional(NUMBER, "the exponent of the norm for max_norm", 2.0)
    scale_grad_by_freq: bool = optional(
        BOOLEAN, "whether to divide the gradient of a vector by its frequency in the batch", False
    )
    sparse: bool = optional(BOOLEAN, "whether the gradient of the weight is a sparse tensor", False)
    padding_idx: int | None = optional(
        OneOf(INTEGER, Null()),
        "the index whose vector is not updated; -1 for the last; null for none",
        None,
    )

    def validate(self) -> None:
        rows, row = self.num_embeddings, self.padding_idx
        if row is not None and not -rows <= row < rows:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"padding_idx={row} is out of range for a table of {rows} rows",
                argument="padding_idx",
                label=f"must be from {-rows} to {rows - 1}",
                helps=(f"set `padding_idx` to an integer from {-rows} to {rows - 1}",),
            )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "float32"


@layer
class Embedding(_Table):
    """Looks up a learned vector for each index of the input.

    Shape: (*) -> (*, embedding_dim), y = weight[x]
    Note: The input has integer elements: declare it with `dtype: int64`.
    Source: `torch.nn.Embedding`
    """

    example = """
        inputs: {tokens: {shape: [N, T], dtype: int64}}
        body:
          - {op: Embedding, num_embeddings: 1000, embedding_dim: 64}
    """

    elements: ClassVar = {"input": "integer"}
    order = ("num_embeddings", "embedding_dim", "padding_idx")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return (*inputs[0], self.embedding_dim)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]):
            return Origin("argument", "embedding_dim")
        return Origin("same", parts=((0, axis),))


@layer
class EmbeddingBag(_Table):
    """Looks up learned vectors for bags of indices, and reduces each bag to its sum, mean or maximum.

    Shape: (N, L) -> (N, embedding_dim),
        y = mean of weight[x] over L; or (L) and offsets (N) -> (N, embedding_dim)
    Note: The input has integer elements: declare it with `dtype: int64`. For an input of one
        dimension, `offsets` has the start of each bag. `per_sample_weights` has the shape of the
        input.
    Source: `torch.nn.EmbeddingBag`
    """

    example = """
        inputs: {words: {shape: [N, 20], dtype: int64}}
        body:
          - {op: EmbeddingBag, num_embeddings: 1000, embedding_dim: 64}
    """

    inputs = ("input", "offsets", "per_sample_weights")
    optional_inputs = 2
    elements: ClassVar = {"input": "integer", "offsets": "integer"}
    order = (
        "num_embeddings", "embedding_dim", "max_norm", "norm_type", "scale_grad_by_freq", "mode",
        "sparse", "include_last_offset", "padding_idx",
    )  # fmt: skip

    mode: str = optional(Choice("sum", "mean", "max"), "the reduction of each bag", "mean")
    include_last_offset: bool = optional(
        BOOLEAN, "whether the last offset is the end of the last bag", False
    )

    def validate(self) -> None:
        super().validate()
        for name in ("scale_grad_by_freq", "sparse"):
            if self.mode == "max" and getattr(self, name):
                raise ShapeError(
                    Code.BAD_ARGUMENT,
                    f"{name} is not valid with mode: max",
                    argument=name,
                    label="the gradient of a maximum",
                )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shapes = self.by_name(inputs)
        shape, offsets = shapes["input"], shapes.get("offsets")
        require_rank(
            "EmbeddingBag", shape, (1, 2), "[N, L], or [L] with offsets",
            ("use `Embedding`, which accepts indices of any shape",),
        )  # fmt: skip
        self.check_offsets(solver, shape, offsets)
        self.check_weights(solver, inputs)
        if offsets is None:
            return (shape[0], self.embedding_dim)
        return (offsets[0] - int(self.include_last_offset), self.embedding_dim)

    def check_offsets(self, solver: Solver, shape: Shape, offsets: Shape | None) -> None:
        """Reject missing or unexpected offsets."""
        if (offsets is None) == (len(shape) == 2):
            if offsets is not None:
                require_rank("EmbeddingBag", offsets, (1,), "1-D offsets")
            enough = offsets is None or solver.at_least(offsets[0], 1 + self.include_last_offset)
            if enough:
                return
        expected = "no offsets: each row is a bag" if len(shape) == 2 else "offsets"
        if offsets is not None and len(shape) == 1:
            expected = "at least one offset"
        raise ShapeError(
            Code.INPUT_COUNT,
            f"`EmbeddingBag` expects an input {show(shape)} with {expected}",
            label=f"the input is {show(shape)}",
            shown_shapes=(shape,),
        )

    def check_weights(self, solver: Solver, inputs: tuple[Shape, ...]) -> None:
        """Reject weights that are not one for each number, or not for a sum."""
        shapes = self.by_name(inputs)
        weights, shape = shapes.get("per_sample_weights"), shapes["input"]
        if weights is None:
            return
        if self.mode != "sum":
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`EmbeddingBag` accepts per_sample_weights only with mode: sum, not {self.mode}",
                argument="mode",
                label="used together with per_sample_weights",
                helps=("set `mode: sum`, or remove per_sample_weights",),
            )
        alike = len(weights) == len(shape)
        if not alike or not all(solver.equal(a, b) for a, b in zip(weights, shape, strict=True)):
            raise ShapeError(
                Code.BROADCAST,
                f"the per_sample_weights of `EmbeddingBag` are {show(weights)}, but its input is "
                f"{show(shape)}",
                label=f"{show(weights)} and {show(shape)}",
                shown_shapes=(weights, shape),
            )

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == 1:
            return Origin("argument", "embedding_dim")
        if len(inputs[0]) == 2:
            return Origin("same", parts=((0, 0),))
        return Origin("window" if self.include_last_offset else "same", parts=((1, 0),))
