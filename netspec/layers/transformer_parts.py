"""The parts of transformer layers: attention, and two linear layers.

N batch, S positions of the source, T positions of the target, E = d_model features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    NUMBER,
    POSITIVE,
    PROBABILITY,
    Choice,
    ConcreteShape,
    Null,
    OneOf,
    Origin,
    Shape,
    Size,
    Solver,
    constant_size,
    inferred,
    optional,
    required,
)
from netspec.layers.heads import Heads, attention_macs, attention_weights

HINT = OneOf(BOOLEAN, Null())
"""A promise of a mask, or `null` to look at it."""


class TransformerParts(Heads):
    """The parts that all of them have."""

    positional: ClassVar[tuple[str, ...]] = ("d_model", "nhead")

    d_model: int | None = inferred("the number of features of the input and of the result")
    nhead: int = required(POSITIVE, "the number of heads, which divides d_model")
    dim_feedforward: int = optional(
        POSITIVE, "the number of features of the hidden layer of the feedforward network", 2048
    )
    dropout: float = optional(PROBABILITY, "the probability of zeroing an element in training", 0.1)
    activation: str = optional(
        Choice("relu", "gelu"), "the activation function of the feedforward network", "relu"
    )
    layer_norm_eps: float = optional(
        NUMBER, "a constant that is added to the variance, for numerical stability", 1e-5
    )
    batch_first: bool = optional(BOOLEAN, "whether the batch is the first dimension", False)
    norm_first: bool = optional(
        BOOLEAN,
        "whether to normalize before attention and feedforward network instead of after them",
        False,
    )
    bias: bool = optional(BOOLEAN, "whether to learn the biases", True)

    attentions: ClassVar[tuple[str, ...]] = ()
    """The attentions of one layer, by torch's names."""
    flowing: ClassVar[str]
    """The input that the result has the shape of."""
    other: ClassVar[str] = ""
    """The second input, of the same features."""
    scores: ClassVar[Mapping[str, tuple[str, str]]]
    """Masks of attention, each with its queries and its keys."""
    padded: ClassVar[Mapping[str, str]]
    """Masks of padding, each with its keys."""
    causal: ClassVar[Mapping[str, str]]
    """The hints that a mask is causal."""

    def flow(self, inputs: Sequence[Shape]) -> Shape:
        """The shape that the result has."""
        return self.by_name(inputs)[self.flowing]

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        shape = self.flow(inputs)
        return {"d_model": shape[-1]} if shape else {}

    def features(self, inputs: Sequence[Shape]) -> int:
        """The features of the model."""
        return constant_size(self.op, "features", self.flow(inputs), -1, self.d_model)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shapes = self.by_name(inputs)
        self.require_sequences(*inputs[: 2 if self.other else 1])
        flow = self.flow(inputs)
        self.require_heads(flow, self.features(inputs))
        if self.other:
            for axis in range(len(flow)):
                if self.is_batch(flow, axis) or axis == len(flow) - 1:
                    self.require_equal(solver, inputs, self.flowing, self.other, axis)
        for name, (query, key) in self.scores.items():
            self.check_attention_mask(solver, inputs, name, shapes[query], shapes[key])
        for name, key in self.padded.items():
            self.check_padding_mask(solver, inputs, name, shapes[key])
        for hint, mask in self.causal.items():
            self.check_causal(inputs, hint, mask)
        return flow

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((list(self.by_name(inputs)).index(self.flowing), axis),))

    def weights(self, features: int, attentions: Sequence[str]) -> dict[str, ConcreteShape]:
        """The weights of one layer with these attentions."""
        wide = self.dim_feedforward
        parts: dict[str, dict[str, ConcreteShape]] = {
            **{name: attention_weights(features, bias=self.bias) for name in attentions},
            "linear1": {"weight": (wide, features), "bias": (wide,)},
            "linear2": {"weight": (features, wide), "bias": (features,)},
            **{f"norm{k + 1}": norm_weights(features) for k in range(len(attentions) + 1)},
        }
        return under(parts, bias=self.bias)

    def feedforward_macs(self, shape: ConcreteShape) -> int:
        """MACs of the two fully connected layers."""
        return 2 * prod(shape) * self.dim_feedforward


def norm_weights(features: int) -> dict[str, ConcreteShape]:
    """The weights of a normalization."""
    return {"weight": (features,), "bias": (features,)}


def under(
    parts: Mapping[str, Mapping[str, ConcreteShape]], *, bias: bool = True
) -> dict[str, ConcreteShape]:
    """The weights of parts, each under its name; without `bias` no shifts."""
    return {
        f"{name}.{own}": shape
        for name, weights in parts.items()
        for own, shape in weights.items()
        if bias or own != "bias"
    }


class EncoderParts(TransformerParts):
    """Attention of a source to itself."""

    attentions = ("self_attn",)
    flowing = "src"
    call_arguments: ClassVar[tuple[str, ...]] = ("is_causal",)

    def layer_macs(self, inputs: Sequence[ConcreteShape]) -> int:
        """MACs of one layer."""
        items, count = self.counts(inputs[0])
        return attention_macs(items, count, count, inputs[0][-1]) + self.feedforward_macs(inputs[0])


class DecoderParts(TransformerParts):
    """Attention of a target to itself, and to the output of an encoder."""

    attentions = ("self_attn", "multihead_attn")
    inputs = (
        "tgt", "memory", "tgt_mask", "memory_mask", "tgt_key_padding_mask",
        "memory_key_padding_mask",
    )  # fmt: skip
    optional_inputs = 4
    elements: ClassVar = dict.fromkeys(inputs[2:], "mask")
    call_arguments: ClassVar[tuple[str, ...]] = ("tgt_is_causal", "memory_is_causal")
    flowing, other = "tgt", "memory"
    scores: ClassVar = {"tgt_mask": ("tgt", "tgt"), "memory_mask": ("tgt", "memory")}
    padded: ClassVar = {"tgt_key_padding_mask": "tgt", "memory_key_padding_mask": "memory"}
    causal: ClassVar = {"tgt_is_causal": "tgt_mask", "memory_is_causal": "memory_mask"}

    def layer_macs(self, inputs: Sequence[ConcreteShape]) -> int:
        """MACs of one layer."""
        target, memory = inputs[:2]
        (items, count), (_, keys), features = self.counts(target), self.counts(memory), target[-1]
        own = attention_macs(items, count, count, features)
        return own + attention_macs(items, count, keys, features) + self.feedforward_macs(target)
