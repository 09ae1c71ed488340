"""Attention with learned projections, in several heads.

N batch, L queries, S keys, E features of the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layers.arguments import FLAG, POSITIVE, PROBABILITY, inferred, optional, required
from netspec.layers.base import Axes, Item, Module, Origin, ShapeError, Solver, layer, show
from netspec.layers.checks import fixed, require_rank
from netspec.layers.heads import require_heads
from netspec.layers.writing import keywords


@layer
class MultiheadAttention(Module):
    """Lets every position look at all others, in several heads with learned projections.

    Shape: (L, N, E), (S, N, kdim), (S, N, vdim) -> (L, N, E), weights (N, L, S);
    the batch comes first with `batch_first`; a single item has no N
    Source: `torch.nn.MultiheadAttention`, https://arxiv.org/abs/1706.03762.
    A single input is query, key and value. `key_padding_mask` is (N, S), `attn_mask` (L, S) or
    (N · num_heads, L, S); without `need_weights` there is one result and a faster kernel.
    """

    inputs = ("query", "key", "value", "key_padding_mask", "attn_mask")
    optional_inputs = 4
    elements: ClassVar = {"key_padding_mask": "mask", "attn_mask": "mask"}
    positional = ("embed_dim", "num_heads")
    called = ("need_weights", "average_attn_weights", "is_causal")

    embed_dim: int | None = inferred("features of the query and of the result")
    num_heads: int = required(POSITIVE, "number of heads; it divides embed_dim")
    dropout: float = optional(
        PROBABILITY, "probability that a weight is zeroed while training", 0.0
    )
    bias: bool = optional(FLAG, "whether the projections add learned vectors", True)
    add_bias_kv: bool = optional(FLAG, "whether a learned key and value are put behind", False)
    add_zero_attn: bool = optional(FLAG, "whether a key and value of zeros are put behind", False)
    kdim: int | None = inferred("features of the key")
    vdim: int | None = inferred("features of the value")
    batch_first: bool = optional(FLAG, "whether the batch is the first axis", False)
    need_weights: bool = optional(FLAG, "whether a second result `weights` is given", True)
    average_attn_weights: bool = optional(
        FLAG, "whether `weights` is the mean over the heads, or one for each head", True
    )
    is_causal: bool = optional(FLAG, "whether attn_mask is known to hide what comes later", False)

    @property
    def results(self) -> tuple[str, ...]:
        return ("output", "weights") if self.need_weights else ("output",)

    # ---- shapes -------------------------------------------------------------------------------

    def streams(self, inputs: Sequence[Item]) -> tuple[Item, Item, Item]:
        """Query, key and value."""
        given = self.by_name(inputs)
        query = given["query"]
        return query, given.get("key", query), given.get("value", query)

    def given(self, *inputs: Shape) -> dict[str, Size | Shape]:
        query, key, value = self.streams(inputs)
        if not (query and key and value):
            return {}
        sides = {"kdim": key[-1], "vdim": value[-1]}
        declared = {n for n in sides if getattr(self, n) is not None}
        told = {n: s for n, s in sides.items() if s != query[-1] or n in declared}
        return {"embed_dim": query[-1], **told}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        query, key, _ = self.streams(inputs)
        self.check_inputs(inputs)
        features, _, _ = self.features(inputs)
        require_heads("MultiheadAttention", query, features, self.num_heads)
        self.check_pair(solver, inputs)
        self.check_masks(solver, inputs)
        if not self.need_weights:
            return query
        batch, length, keys = self.parts(query, key)
        heads = () if self.average_attn_weights else (self.num_heads,)
        return [query, (*batch, *heads, length, keys + self.extra)]

    @property
    def extra(self) -> int:
        """The keys that are put behind."""
        return self.add_bias_kv + self.add_zero_attn

    @property
    def batch_axis(self) -> int:
        """The axis of the batch, where there is one."""
        return 0 if self.batch_first else 1

    def parts(self, query: Shape, key: Shape) -> tuple[Shape, Size, Size]:
        """The batch, the number of queries, and that of keys."""
        if len(query) == 2:
            return (), query[0], key[0]
        batch, along = self.batch_axis, 1 - self.batch_axis
        return (query[batch],), query[along], key[along]

    def features(self, inputs: Sequence[Shape]) -> tuple[int, int, int]:
        """The features of query, key and value."""
        declared = (self.embed_dim, self.kdim, self.vdim)
        query, key, value = (
            fixed("MultiheadAttention", "features", shape, -1, written)
            for shape, written in zip(self.streams(inputs), declared, strict=True)
        )
        return query, key, value

    def check_inputs(self, inputs: Sequence[Shape]) -> None:
        """Refuse a key without a value, and inputs of other ranks than attention takes."""
        given = self.by_name(inputs)
        if ("key" in given) != ("value" in given):
            raise ShapeError(
                Code.INPUT_COUNT,
                "`MultiheadAttention` takes a query alone, or query, key and value",
                label="a key or a value is missing",
                helps=("name all three: `from: {query: …, key: …, value: …}`",),
            )
        takes = "[N, L, E] or [L, E]" if self.batch_first else "[L, N, E] or [L, E]"
        query, key, value = self.streams(inputs)
        require_rank("MultiheadAttention", query, (2, 3), takes)
        for shape in (key, value):
            require_rank("MultiheadAttention", shape, (len(query),), "inputs of one rank")

    def check_pair(self, solver: Solver, inputs: Sequence[Shape]) -> None:
        """Refuse a key and a value of other positions, or another batch than the query's."""
        query, key, value = self.streams(inputs)
        for axis in range(len(key) - 1):
            what = "items in the batch" if self.is_batch(key, axis) else "positions"
            if not solver.equal(key[axis], value[axis]):
                raise self.differs("key", "value", what, inputs, axis)
            if self.is_batch(key, axis) and not solver.equal(query[axis], key[axis]):
                raise self.differs("query", "key", what, inputs, axis)

    def is_batch(self, shape: Shape, axis: int) -> bool:
        """Whether an axis is that of the batch."""
        return len(shape) == 3 and axis == self.batch_axis

    def differs(
        self, one: str, other: str, what: str, inputs: Sequence[Shape], axis: int
    ) -> ShapeError:
        """The refusal of two inputs that differ on an axis."""
        shapes = dict(zip(("query", "key", "value"), self.streams(inputs), strict=True))
        a, b = shapes[one], shapes[other]
        named = list(self.by_name(inputs))
        return ShapeError(
            Code.FEATURES,
            f"the {one} has {a[axis]} {what}, but the {other} has {b[axis]}",
            label=f"{show(a)} and {show(b)}",
            axes=tuple((named.index(n), axis) for n in (one, other) if n in named),
        )

    # ---- masks --------------------------------------------------------------------------------

    def check_masks(self, solver: Solver, inputs: Sequence[Shape]) -> None:
        """Refuse masks that do not fit, and a promise of one that is not there."""
        given = self.by_name(inputs)
        query, key, _ = self.streams(inputs)
        batch, length, keys = self.parts(query, key)
        if self.is_causal and "attn_mask" not in given:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                "is_causal of `MultiheadAttention` says that attn_mask is causal, but there is none",
                argument="is_causal",
                label="no attn_mask flows in",
                helps=(
                    "give the mask: `from: {query: …, attn_mask: …}`; "
                    "`ScaledDotProductAttention` has is_causal without one",
                ),
            )
        if mask := given.get("attn_mask"):
            each = (batch[0] if batch else 1) * self.num_heads
            scores = (length, keys) if len(mask) < 3 else (each, length, keys)
            self.check_mask(solver, "attn_mask", mask, scores, inputs)
        if mask := given.get("key_padding_mask"):
            self.check_mask(solver, "key_padding_mask", mask, (*batch, keys), inputs)

    def check_mask(
        self, solver: Solver, name: str, mask: Shape, wanted: Shape, inputs: Sequence[Shape]
    ) -> None:
        """Refuse a mask of another shape than wanted."""
        index = list(self.by_name(inputs)).index(name)
        alike = len(mask) == len(wanted)
        pairs = zip(mask, wanted, strict=True) if alike else ()
        wrong = [axis for axis, (a, b) in enumerate(pairs) if not solver.equal(a, b)]
        if wrong or not alike:
            raise ShapeError(
                Code.BROADCAST,
                f"the {name} of `MultiheadAttention` must be {show(wanted)}, but it is {show(mask)}",
                label=f"{show(mask)}, not {show(wanted)}",
                axes=tuple((index, axis) for axis in wrong[:1]),
            )

    # ---- cost and code ------------------------------------------------------------------------

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        features, keys, values = self.features(inputs)
        found: dict[str, Axes] = {"in_proj_weight": (3 * features, features)}
        if (keys, values) != (features, features):
            found = {
                "q_proj_weight": (features, features),
                "k_proj_weight": (features, keys),
                "v_proj_weight": (features, values),
            }
        if self.bias:
            found["in_proj_bias"] = (3 * features,)
        if self.add_bias_kv:
            found |= {"bias_k": (1, 1, features), "bias_v": (1, 1, features)}
        found["out_proj.weight"] = (features, features)
        return found | ({"out_proj.bias": (features,)} if self.bias else {})

    def macs(self, inputs: Sequence[Axes], outputs: Sequence[Axes]) -> int:
        query, key, value = self.streams(inputs)
        features = query[-1]
        per_key = key[-1] + value[-1]
        projected = 2 * prod(query) * features + prod(key[:-1]) * per_key * features
        keys = key[0 if len(key) == 2 else 1 - self.batch_axis] + self.extra
        return projected + 2 * prod(query) * keys

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        query = inputs[0]
        if result == 0:
            return Origin("same", parts=((0, axis),))
        batched = len(query) == 3
        named = list(self.by_name(inputs))
        key = named.index("key") if "key" in named else 0
        batch, along = (self.batch_axis, 1 - self.batch_axis) if batched else (0, 0)
        heads = [] if self.average_attn_weights else [Origin("argument", "num_heads")]
        keys = Origin("window" if self.extra else "same", parts=((key, along),))
        origins = [Origin("same", parts=((0, batch),))] * batched + heads
        return [*origins, Origin("same", parts=((0, along),)), keys][axis]

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        given = self.by_name(inputs)
        query = given.pop("query")
        key, value = given.pop("key", query), given.pop("value", query)
        masks = "".join(f", {name}={text}" for name, text in given.items())
        said = keywords(self, arguments, *self.called)
        only = "" if self.need_weights else "[0]"
        return f"{module}({query}, {key}, {value}{masks}{said}){only}"
