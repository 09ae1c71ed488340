"""Attention with learned projections, in several heads.

N batch, L queries, S keys, E features of the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    POSITIVE,
    PROBABILITY,
    Code,
    ConcreteShape,
    Origin,
    Shape,
    ShapeError,
    Size,
    Solver,
    constant_size,
    inferred,
    layer,
    optional,
    required,
)
from netspec.layer.base import Item
from netspec.layer.calls import keywords
from netspec.layers.heads import Heads, attention_macs, attention_weights


@layer
class MultiheadAttention(Heads):
    """Applies attention in several heads, each with learned projections of query, key and value.

    Shape: (L, N, E), (S, N, kdim), (S, N, vdim) -> (L, N, E), weights (N, L, S)
    Note: With `batch_first`, the batch is the first dimension; the input may be unbatched,
        without N. A single input is the query, the key and the value. `key_padding_mask` is (N,
        S); `attn_mask` is (L, S) or (N · num_heads, L, S). Without `need_weights` there is one
        result, and PyTorch uses a faster kernel.
    Source: `torch.nn.MultiheadAttention`, https://arxiv.org/abs/1706.03762
    """

    example = """
        inputs: {tokens: [N, T, 64], padding: {shape: [N, T], dtype: bool}}
        body:
          - op: MultiheadAttention
            num_heads: 4
            batch_first: true
            need_weights: false
            from: {query: tokens, key_padding_mask: padding}
    """

    heads = "num_heads"
    inputs = ("query", "key", "value", "key_padding_mask", "attn_mask")
    optional_inputs = 4
    elements: ClassVar = {"key_padding_mask": "mask", "attn_mask": "mask"}
    positional = ("embed_dim", "num_heads")
    call_arguments = ("need_weights", "average_attn_weights", "is_causal")

    embed_dim: int | None = inferred("the number of features of the query and of the result")
    num_heads: int = required(POSITIVE, "the number of heads, which divides embed_dim")
    dropout: float = optional(
        PROBABILITY, "the probability of zeroing an attention weight in training", 0.0
    )
    bias: bool = optional(BOOLEAN, "whether to add a learned bias to the projections", True)
    add_bias_kv: bool = optional(BOOLEAN, "whether to append a learned key and value", False)
    add_zero_attn: bool = optional(BOOLEAN, "whether to append a key and a value of zeros", False)
    kdim: int | None = inferred("the number of features of the key")
    vdim: int | None = inferred("the number of features of the value")
    batch_first: bool = optional(BOOLEAN, "whether the batch is the first dimension", False)
    need_weights: bool = optional(
        BOOLEAN, "whether to return the attention weights as a second result, `weights`", True
    )
    average_attn_weights: bool = optional(
        BOOLEAN,
        "whether `weights` is the mean over the heads; otherwise, it has a dimension for them",
        True,
    )
    is_causal: bool = optional(
        BOOLEAN, "whether attn_mask is a causal mask, as a hint for faster kernels", False
    )

    @property
    def results(self) -> tuple[str, ...]:
        return ("output", "weights") if self.need_weights else ("output",)

    def saves_result(self, result: int) -> bool:
        return result == 1 and not self.average_attn_weights

    # ---- shapes -------------------------------------------------------------------------------

    def streams(self, inputs: Sequence[Item]) -> tuple[Item, Item, Item]:
        """Query, key and value."""
        items = self.by_name(inputs)
        query = items["query"]
        return query, items.get("key", query), items.get("value", query)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        query, key, value = self.streams(inputs)
        if not (query and key and value):
            return {}
        sides = {"kdim": key[-1], "vdim": value[-1]}
        declared = {n for n in sides if getattr(self, n) is not None}
        inferred_sizes = {n: s for n, s in sides.items() if s != query[-1] or n in declared}
        return {"embed_dim": query[-1], **inferred_sizes}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        shapes = self.by_name(inputs)
        if ("key" in shapes) != ("value" in shapes):
            raise ShapeError(
                Code.INPUT_COUNT,
                "`MultiheadAttention` requires a query alone, or query, key and value",
                label="missing key or value",
                helps=("pass all three: `from: {query: …, key: …, value: …}`",),
            )
        query, key, value = self.streams(inputs)
        self.require_sequences(query, key, value)
        features, _, _ = self.features(inputs)
        self.require_heads(query, features)
        if "key" in shapes:
            self.check_pair(solver, inputs)
        self.check_attention_mask(solver, inputs, "attn_mask", query, key)
        self.check_padding_mask(solver, inputs, "key_padding_mask", key)
        self.check_causal(inputs, "is_causal", "attn_mask")
        if not self.need_weights:
            return query
        each = () if self.average_attn_weights else (self.num_heads,)
        return [
            query,
            (*self.batch(query), *each, self.length(query), self.length(key) + self.extra),
        ]

    @property
    def extra(self) -> int:
        """The additional keys that are appended."""
        return self.add_bias_kv + self.add_zero_attn

    def features(self, inputs: Sequence[Shape]) -> tuple[int, int, int]:
        """The features of query, key and value."""
        declared = (self.embed_dim, self.kdim, self.vdim)
        query, key, value = (
            constant_size("MultiheadAttention", "features", shape, -1, written)
            for shape, written in zip(self.streams(inputs), declared, strict=True)
        )
        return query, key, value

    def check_pair(self, solver: Solver, inputs: Sequence[Shape]) -> None:
        """Reject a key and a value of other positions, or another batch than the query's."""
        query = inputs[0]
        for axis in range(len(query) - 1):
            self.require_equal(solver, inputs, "key", "value", axis)
            if self.is_batch(query, axis):
                self.require_equal(solver, inputs, "query", "key", axis)

    # ---- cost and code ------------------------------------------------------------------------

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        features, keys, values = self.features(inputs)
        weights = attention_weights(features, bias=self.bias)
        if (keys, values) != (features, features):
            del weights["in_proj_weight"]
            weights = {
                "q_proj_weight": (features, features),
                "k_proj_weight": (features, keys),
                "v_proj_weight": (features, values),
                **weights,
            }
        if not self.add_bias_kv:
            return weights
        added = {"bias_k": (1, 1, features), "bias_v": (1, 1, features)}
        own = {n: shape for n, shape in weights.items() if "." not in n}
        return {**own, **added, **weights}

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        query, key, value = self.streams(inputs)
        items, queries = self.counts(query)
        keys, features = self.counts(key)[1], query[-1]
        plain = attention_macs(items, queries, keys, features)
        sides = items * keys * features * (key[-1] + value[-1] - 2 * features)
        return plain + sides + items * 2 * queries * self.extra * features

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        query = inputs[0]
        if result == 0:
            return Origin("same", parts=((0, axis),))
        named = list(self.by_name(inputs))
        key = named.index("key") if "key" in named else 0
        batch = [Origin("same", parts=((0, self.batch_axis),))] * len(self.batch(query))
        heads = [] if self.average_attn_weights else [Origin("argument", "num_heads")]
        queries = Origin("same", parts=((0, self.along(query)),))
        keys = Origin("window" if self.extra else "same", parts=((key, self.along(inputs[key])),))
        return [*batch, *heads, queries, keys][axis]

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        expressions = self.by_name(inputs)
        query = expressions.pop("query")
        key, value = expressions.pop("key", query), expressions.pop("value", query)
        masks = "".join(f", {name}={text}" for name, text in expressions.items())
        keyword_texts = keywords(self, arguments, *self.call_arguments)
        only = "" if self.need_weights else "[0]"
        return f"{module}({query}, {key}, {value}{masks}{keyword_texts}){only}"
