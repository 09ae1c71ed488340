"""The layers of a transformer, one at a time or a stack of them.

N batch, S positions of the source, T positions of the target, E = d_model features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    POSITIVE,
    Choice,
    ConcreteShape,
    Null,
    OneOf,
    Shape,
    layer,
    optional,
    required,
)
from netspec.layer.argument_kinds import LAYER_COUNT
from netspec.layers.transformer_parts import (
    HINT,
    DecoderParts,
    EncoderParts,
    TransformerParts,
    norm_weights,
    under,
)


class _Stack(TransformerParts):
    """A stack of layers, with an optional normalization of the result."""

    part: ClassVar[str]
    """The class of one layer."""

    num_layers: int = required(LAYER_COUNT, "the number of stacked layers")
    norm: str | None = optional(
        OneOf(Choice("LayerNorm"), Null()),
        "the normalization of the result; null for none",
        None,
    )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        (_, one), (_, norm) = self.weight_groups(*inputs)
        layer_weights = {
            f"layers.{k}.{n}": shape for k in range(self.num_layers) for n, shape in one.items()
        }
        return layer_weights | norm

    def weight_groups(self, *inputs: Shape) -> list[tuple[int, dict[str, ConcreteShape]]]:
        features = self.features(inputs)
        norm = under({"norm": norm_weights(features)}, bias=self.bias) if self.norm else {}
        return [(self.num_layers, self.weights(features, self.attentions)), (1, norm)]

    def build(self, *positional: str, **named: str) -> str:
        after = {n: named.pop(n) for n in ("enable_nested_tensor", "mask_check") if n in named}
        count, norm = named.pop("num_layers"), named.pop("norm", "None")
        listed = [*positional, *(f"{name}={text}" for name, text in named.items())]
        one = f"nn.{self.part}({', '.join(listed)})"
        rest = [f"{name}={text}" for name, text in after.items()]
        if norm != "None":
            rest.insert(0, f"norm={_norm(norm, positional[0], named)}")
        return f"{self.constructor()}({', '.join([one, count, *rest])})"


def _norm(norm_name: str, features: str, named: Mapping[str, str]) -> str:
    """The normalization of the result; `norm_name` is an expression for its name or None."""
    argument_names = {"layer_norm_eps": "eps", "bias": "bias"}
    rest = "".join(f", {name}={named[n]}" for n, name in argument_names.items() if n in named)
    made = f"nn.LayerNorm({features}{rest})"
    return made if norm_name[0] in "\"'" else f"{made} if {norm_name} else None"


@layer
class TransformerEncoderLayer(EncoderParts):
    """Applies a transformer encoder layer: self-attention, then a feedforward network.

    Shape: (S, N, E) -> (S, N, E)
    Note: With `batch_first`, the batch is the first dimension; the input may be unbatched,
        without N. `src_mask` is (S, S) or (N · nhead, S, S); `src_key_padding_mask` is (N, S).
    Source: `torch.nn.TransformerEncoderLayer`, https://arxiv.org/abs/1706.03762
    """

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: TransformerEncoderLayer, nhead: 4, batch_first: true}
    """

    inputs = ("src", "src_mask", "src_key_padding_mask")
    optional_inputs = 2
    elements: ClassVar = dict.fromkeys(inputs[1:], "mask")
    scores: ClassVar = {"src_mask": ("src", "src")}
    padded: ClassVar = {"src_key_padding_mask": "src"}
    causal: ClassVar = {"is_causal": "src_mask"}

    is_causal: bool = optional(
        BOOLEAN, "whether src_mask is a causal mask, as a hint for faster kernels", False
    )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return self.weights(self.features(inputs), self.attentions)

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return self.layer_macs(inputs)


@layer
class TransformerDecoderLayer(DecoderParts):
    """Applies a transformer decoder layer: self-attention, attention over a memory, then a feedforward network.

    Shape: (T, N, E), memory (S, N, E) -> (T, N, E)
    Note: With `batch_first`, the batch is the first dimension; the input may be unbatched,
        without N. `tgt_mask` is (T, T) or (N · nhead, T, T); `memory_mask` is (T, S); the key
        padding masks are (N, T) and (N, S).
    Source: `torch.nn.TransformerDecoderLayer`, https://arxiv.org/abs/1706.03762
    """

    example = """
        inputs: {tokens: [N, T, 64], memory: [N, S, 64]}
        body:
          - {op: TransformerDecoderLayer, nhead: 4, batch_first: true, from: [tokens, memory]}
    """

    tgt_is_causal: bool = optional(
        BOOLEAN, "whether tgt_mask is a causal mask, as a hint for faster kernels", False
    )
    memory_is_causal: bool = optional(
        BOOLEAN, "whether memory_mask is a causal mask, as a hint for faster kernels", False
    )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return self.weights(self.features(inputs), self.attentions)

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return self.layer_macs(inputs)


@layer
class TransformerEncoder(_Stack, EncoderParts):
    """Applies a stack of transformer encoder layers with the same arguments.

    Shape: (S, N, E) -> (S, N, E)
    Note: PyTorch expects a `TransformerEncoderLayer`; pass the arguments of that layer directly.
    Source: `torch.nn.TransformerEncoder`, https://arxiv.org/abs/1706.03762
    """

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: TransformerEncoder, nhead: 4, num_layers: 6, batch_first: true, norm: LayerNorm}
    """

    part = "TransformerEncoderLayer"
    inputs = ("src", "mask", "src_key_padding_mask")
    optional_inputs = 2
    elements: ClassVar = dict.fromkeys(inputs[1:], "mask")
    scores: ClassVar = {"mask": ("src", "src")}
    padded: ClassVar = {"src_key_padding_mask": "src"}
    causal: ClassVar = {"is_causal": "mask"}

    enable_nested_tensor: bool = optional(
        BOOLEAN, "whether to skip padded positions in evaluation, with nested tensors", True
    )
    mask_check: bool = optional(BOOLEAN, "whether to check the padding mask before that", True)
    is_causal: bool | None = optional(
        HINT, "whether mask is a causal mask; null to detect it", None
    )

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return self.num_layers * self.layer_macs(inputs)


@layer
class TransformerDecoder(_Stack, DecoderParts):
    """Applies a stack of transformer decoder layers with the same arguments and the same memory.

    Shape: (T, N, E), memory (S, N, E) -> (T, N, E)
    Note: PyTorch expects a `TransformerDecoderLayer`; pass the arguments of that layer directly.
    Source: `torch.nn.TransformerDecoder`, https://arxiv.org/abs/1706.03762
    """

    example = """
        inputs: {tokens: [N, T, 64], memory: [N, S, 64]}
        body:
          - {op: TransformerDecoder, nhead: 4, num_layers: 6, batch_first: true, from: [tokens, memory]}
    """

    part = "TransformerDecoderLayer"

    tgt_is_causal: bool | None = optional(
        HINT, "whether tgt_mask is a causal mask; null to detect it", None
    )
    memory_is_causal: bool = optional(
        BOOLEAN, "whether memory_mask is a causal mask, as a hint for faster kernels", False
    )

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return self.num_layers * self.layer_macs(inputs)


@layer
class Transformer(TransformerParts):
    """Applies a transformer: an encoder of the source, and a decoder of the target that attends to it.

    Shape: (S, N, E), tgt (T, N, E) -> (T, N, E)
    Note: With `batch_first`, the batch is the first dimension; the input may be unbatched,
        without N.
    Source: `torch.nn.Transformer`, https://arxiv.org/abs/1706.03762
    """

    example = """
        inputs: {source: [N, S, 64], target: [N, T, 64]}
        body:
          - {op: Transformer, nhead: 4, batch_first: true, from: [source, target]}
    """

    inputs = (
        "src", "tgt", "src_mask", "tgt_mask", "memory_mask", "src_key_padding_mask",
        "tgt_key_padding_mask", "memory_key_padding_mask",
    )  # fmt: skip
    optional_inputs = 6
    elements: ClassVar = dict.fromkeys(inputs[2:], "mask")
    call_arguments = ("src_is_causal", "tgt_is_causal", "memory_is_causal")
    flowing, other = "tgt", "src"
    scores: ClassVar = {
        "src_mask": ("src", "src"), "tgt_mask": ("tgt", "tgt"), "memory_mask": ("tgt", "src"),
    }  # fmt: skip
    padded: ClassVar = {
        "src_key_padding_mask": "src", "tgt_key_padding_mask": "tgt",
        "memory_key_padding_mask": "src",
    }  # fmt: skip
    causal: ClassVar = {
        "src_is_causal": "src_mask", "tgt_is_causal": "tgt_mask", "memory_is_causal": "memory_mask",
    }  # fmt: skip
    order = ("d_model", "nhead", "num_encoder_layers", "num_decoder_layers")

    nhead: int = optional(POSITIVE, "the number of heads, which divides d_model", 8)
    num_encoder_layers: int = optional(LAYER_COUNT, "the number of encoder layers", 6)
    num_decoder_layers: int = optional(LAYER_COUNT, "the number of decoder layers", 6)
    src_is_causal: bool | None = optional(
        HINT, "whether src_mask is a causal mask; null to detect it", None
    )
    tgt_is_causal: bool | None = optional(
        HINT, "whether tgt_mask is a causal mask; null to detect it", None
    )
    memory_is_causal: bool = optional(
        BOOLEAN, "whether memory_mask is a causal mask, as a hint for faster kernels", False
    )

    def halves(self, features: int) -> tuple[TransformerEncoder, TransformerDecoder]:
        """The encoder and the decoder."""
        own = {n: getattr(self, n) for n in TransformerParts.arguments}
        own |= {"d_model": features, "norm": "LayerNorm"}
        return (
            TransformerEncoder(**own, num_layers=self.num_encoder_layers),
            TransformerDecoder(**own, num_layers=self.num_decoder_layers),
        )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        source, target = inputs[:2]
        encoder, decoder = self.halves(self.features(inputs))
        made = {
            "encoder": encoder.parameters(source),
            "decoder": decoder.parameters(target, source),
        }
        return under(made)

    def weight_groups(self, *inputs: Shape) -> list[tuple[int, dict[str, ConcreteShape]]]:
        source, target = inputs[:2]
        encoder, decoder = self.halves(self.features(inputs))
        return [*encoder.weight_groups(source), *decoder.weight_groups(target, source)]

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        source, target = inputs[:2]
        encoder, decoder = self.halves(target[-1])
        return encoder.macs([source], [source]) + decoder.macs([target, source], [target])
