"""Whether a graph has anything that the lints look at: a glance, so that most networks never load them."""

from __future__ import annotations

from netspec.graph.nodes import Node
from netspec.graph.typed_graph import Graph

SEQUENCE_LAYERS = frozenset({
    "Embedding", "LSTM", "GRU", "RNN", "MultiheadAttention", "TransformerEncoderLayer", "TransformerEncoder",
    "TransformerDecoderLayer", "TransformerDecoder", "Transformer",
})  # fmt: skip
"""Layers over a sequence, whose features come last."""

BATCH_FIRST = SEQUENCE_LAYERS - {"Embedding"}
"""Layers that take the batch second, by default."""

READS_FEATURES = {
    "Linear": "in_features", "Bilinear": "in1_features", "LSTM": "input_size", "GRU": "input_size",
    "RNN": "input_size", "LayerNorm": "normalized_shape", "RMSNorm": "normalized_shape",
    "MultiheadAttention": "embed_dim", "TransformerEncoderLayer": "d_model", "TransformerEncoder": "d_model",
}  # fmt: skip
"""Layers that read the last axis, by the argument that PyTorch asks for and netspec infers."""

READS_CHANNELS = {
    **{f"Conv{n}d": "in_channels" for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": "in_channels" for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": "num_features" for n in (1, 2, 3)},
    "GroupNorm": "num_channels",
}  # fmt: skip
"""Layers that read the axis after the batch."""

REDUCTIONS = frozenset({"Mean", "Sum", "Max", "Min", "Norm"})
"""Layers that make one number of all along an axis."""

_REORDERING = frozenset({"Transpose", "Permute", "Movedim", "Reshape", "Unflatten"})
_CHANNELS_OF_IMAGES = (1, 3, 4)


def suspicious(graph: Graph) -> bool:
    """Whether the lints may have something to say."""
    ops = {node.op for node in graph.nodes}
    if not ops.isdisjoint(BATCH_FIRST):
        return True
    pools = {op for op in ops if "Pool" in op}
    if pools and _pools_without_batch(
        [node for node in graph.nodes if node.op in pools],
        features_last="Embedding" in ops or "Linear" in ops,
    ):
        return True
    reordered = not ops.isdisjoint(_REORDERING) or "Embedding" in ops
    if not ops.isdisjoint(READS_CHANNELS) and (reordered or _channels_last(graph)):
        return True
    if ops.isdisjoint(READS_FEATURES):
        return False
    if not ops.isdisjoint(REDUCTIONS):
        return True
    if not any(node.layer is not None and node.layer.axes for node in graph.nodes):
        return False  # no layer says of a dimension that it is a side of an image
    readers = [node for node in graph.nodes if node.op in READS_FEATURES]
    return any(_is_map(node.inputs[0].shape) for node in readers)


def _pools_without_batch(pools: list[Node], *, features_last: bool) -> bool:
    """Whether a pool gets one axis less than a batch has, or a sequence whose features may come last."""
    for node in pools:
        if node.layer is None:
            continue
        missing = node.layer.axes + 2 - len(node.inputs[0].shape or ()) if node.inputs else 0
        if missing == 1 or (features_last and node.layer.axes == 1):
            return True
    return False


def _channels_last(graph: Graph) -> bool:
    shapes = (v.shape for v in graph.inputs if v.shape is not None)
    return any(len(s) >= 4 and s[-1] in _CHANNELS_OF_IMAGES for s in shapes)


def _is_map(shape: tuple[object, ...] | None) -> bool:
    return shape is not None and len(shape) >= 3
