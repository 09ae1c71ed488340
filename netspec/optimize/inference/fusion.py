"""Which nodes become one call: a convolution or linear layer, its normalizations, a sum, and an activation."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.graph import Node, Value
from netspec.layer.arguments import per_axis
from netspec.optimize.inference.dataflow import Dataflow
from netspec.optimize.layer_names import layer_name
from netspec.record import field, record

ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "SiLU": "silu",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "GELU": "gelu",
}
"""The activations that a call may include, by the name of the layer."""
_POOLS = frozenset({"AvgPool2d", "AdaptiveAvgPool2d"})


@record(slots=True)
class FusedCall:
    """A convolution or linear layer with the operations that its call includes.

    Attributes:
        node: The layer.
        result: What the call computes, the output of the last node that it includes.
        norm: The normalization of its output.
        clamped: The normalization of its input, whose nonlinear part a clamp computes.
        other: The tensor that is added.
        activation: The activation of the sum; empty for no activation.
    """

    node: Node
    result: Value
    norm: Node | None = None
    clamped: Node | None = None
    other: Value | None = None
    activation: str = ""


@record(slots=True)
class Fusion:
    """The calls of a graph.

    Attributes:
        calls: The fused calls by their layer.
        clamps: Normalizations that become a clamp, with the output of their ReLU.
        pools_first: Average pools that run before the convolution whose output they read.
        included: Nodes that are part of another call.
    """

    calls: dict[Node, FusedCall] = field(default_factory=dict)
    clamps: dict[Node, Value] = field(default_factory=dict)
    pools_first: dict[Node, Node] = field(default_factory=dict)
    included: set[Node] = field(default_factory=set)


def fuse(flow: Dataflow) -> Fusion:
    """Find the calls of a graph.

    Args:
        flow: The data flow of the network.

    Returns:
        The calls, each with the nodes that it includes.
    """
    fusion = Fusion()
    for node in flow.nodes:
        if _is_convolution(node):
            _fuse_convolution(node, flow, fusion)
        elif layer_name(node) == "Linear":
            _fuse_linear(node, flow, fusion)
    for node in flow.nodes:
        if node not in fusion.included and _is_norm(node):
            _fuse_clamp(node, flow, fusion)
    return fusion


def _is_convolution(node: Node) -> bool:
    layer = node.layer
    return (
        layer_name(node) == "Conv2d"
        and getattr(layer, "padding_mode", "") == "zeros"
        and not isinstance(getattr(layer, "padding", ""), str)
        and min(per_axis(getattr(layer, "padding", 0), 2)) >= 0
        and len(node.inputs[0].shape or ()) == 4
    )


def _is_norm(node: Node) -> bool:
    return layer_name(node) == "BatchNorm2d" and bool(
        getattr(node.layer, "track_running_stats", False)
    )


def _fuse_convolution(node: Node, flow: Dataflow, fusion: Fusion) -> None:
    call = FusedCall(node, node.outputs[0])
    reader = flow.only_reader(call.result)
    if reader is not None and _is_norm(reader):
        call.norm, call.result = reader, reader.outputs[0]
        fusion.included.add(reader)
        reader = flow.only_reader(call.result)
    fusion.calls[node] = call
    if reader is not None and _pools_exactly(reader) and _is_pointwise(node):
        fusion.pools_first[reader] = node
        fusion.included.add(reader)
        call.result = reader.outputs[0]
        return
    reader = _include_sum(call, reader, flow, fusion)
    allowed = frozenset({"relu"}) if call.other is not None else frozenset(ACTIVATIONS.values())
    _include_activation(call, reader, fusion, allowed)


def _fuse_linear(node: Node, flow: Dataflow, fusion: Fusion) -> None:
    call = fusion.calls[node] = FusedCall(node, node.outputs[0])
    reader = flow.only_reader(call.result)
    if _include_sum(call, reader, flow, fusion) is reader:
        _include_activation(call, reader, fusion, frozenset(ACTIVATIONS.values()))


def _include_sum(
    call: FusedCall, reader: Node | None, flow: Dataflow, fusion: Fusion
) -> Node | None:
    """Include a sum with a tensor that exists by then; return the next reader."""
    if reader is None or layer_name(reader) != "Add" or len(reader.inputs) != 2:
        return reader
    others = [value for value in flow.inputs(reader) if value is not call.result]
    if len(others) != 1 or not _same_shape(others[0], call.result):
        return reader
    other = others[0]
    if flow.order.get(other.node, -1) >= flow.order[call.node] or reader in fusion.included:
        return reader
    call.other, call.result = other, reader.outputs[0]
    fusion.included.add(reader)
    return flow.only_reader(call.result)


def _include_activation(
    call: FusedCall, reader: Node | None, fusion: Fusion, allowed: frozenset[str]
) -> None:
    activation = ACTIVATIONS.get(layer_name(reader), "") if reader is not None else ""
    if reader is None or activation not in allowed or reader in fusion.included:
        return
    if getattr(reader.layer, "approximate", "none") != "none":
        return
    call.activation, call.result = activation, reader.outputs[0]
    fusion.included.add(reader)


def _same_shape(a: Value, b: Value) -> bool:
    return a.shape is not None and a.shape == b.shape and a.dtype == b.dtype


def _is_pointwise(node: Node) -> bool:
    """Whether a convolution computes each position from the same position only."""
    layer = node.layer
    sizes = [per_axis(getattr(layer, name), 2) for name in ("kernel_size", "stride", "padding")]
    return sizes == [(1, 1), (1, 1), (0, 0)]


def _pools_exactly(node: Node) -> bool:
    """Whether a pool is the mean of existing elements, so that it commutes with a pointwise convolution."""
    layer = node.layer
    if layer_name(node) != "AvgPool2d" or getattr(layer, "divisor_override", None) is not None:
        return False
    return per_axis(getattr(layer, "padding", 0), 2) == (0, 0)


def _fuse_clamp(norm: Node, flow: Dataflow, fusion: Fusion) -> None:
    """Make a clamp of a normalization and its ReLU if all readers can apply scale and shift."""
    relu = flow.only_reader(norm.outputs[0])
    if relu is None or layer_name(relu) != "ReLU" or len(norm.inputs[0].shape or ()) != 4:
        return
    consumers = list(_consumers(relu.outputs[0], flow))
    layers = [fusion.calls.get(node) if node is not None else None for node in consumers]
    if not consumers or any(call is None or call.clamped is not None for call in layers):
        return
    for call in layers:
        assert call is not None
        call.clamped = norm
    fusion.clamps[norm] = relu.outputs[0]
    fusion.included.add(relu)


def _consumers(value: Value, flow: Dataflow) -> Iterator[Node | None]:
    """The layers that read a value of channels, through pools and flattening; None for others."""
    for reader in flow.readers.get(value, []):
        name = layer_name(reader) if reader is not None else ""
        if reader is None:
            yield None
        elif name in _POOLS and (name == "AdaptiveAvgPool2d" or _pools_exactly(reader)):
            yield from _consumers(reader.outputs[0], flow)
        elif _flattens_features(reader) or _means_positions(reader):
            yield from _linear_readers(reader.outputs[0], flow)
        elif _is_convolution(reader) and not any(per_axis(getattr(reader.layer, "padding", 0), 2)):
            yield reader
        else:
            yield None


def _linear_readers(value: Value, flow: Dataflow) -> Iterator[Node | None]:
    for reader in flow.readers.get(value, []):
        linear = reader is not None and layer_name(reader) == "Linear"
        yield reader if linear and len(value.shape or ()) == 2 else None


def _flattens_features(node: Node) -> bool:
    layer = node.layer
    if layer_name(node) != "Flatten":
        return False
    return getattr(layer, "start_dim", 0) == 1 and getattr(layer, "end_dim", 0) in (-1, 3)


def _means_positions(node: Node) -> bool:
    dims = getattr(node.layer, "dim", None)
    if layer_name(node) != "Mean" or not isinstance(dims, list | tuple):
        return False
    return {d % 4 for d in dims} == {2, 3} and not getattr(node.layer, "keepdim", False)
