"""The entries of the `state_dict` of the compiled module, without compiling it."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.graph import Graph, Node
from netspec.graph.named_weights import too_many_weights
from netspec.layer.base import Layer
from netspec.layer.memory import ConcreteShape
from netspec.limits import MOST_TENSORS
from netspec.record import record


@record(frozen=True, slots=True)
class Tensor:
    """One entry of a `state_dict`."""

    shape: ConcreteShape
    dtype: str
    """As torch spells it without `torch.`."""


def state(graph: Graph) -> dict[str, tuple[Tensor, Node]]:
    """Every key with its tensor, and the node that it is of; raises `SpecError` for more than a run may list."""
    count = 0
    for node in graph.nodes:
        if node.layer is not None and node.owner is None and node.known:
            count += node.layer.tensor_count(*node.shapes)
            if count > MOST_TENSORS:
                raise too_many_weights(node)
    return {key: (tensor, node) for node in graph.nodes for key, tensor in _entries(node)}


def _entries(node: Node) -> Iterator[tuple[str, Tensor]]:
    layer = node.layer
    if layer is None or node.owner is not None or not node.known:
        return
    shapes = node.shapes
    for name, shape in layer.parameters(*shapes).items():
        yield _key(node.path, name), Tensor(shape, "float32")
    for name, shape in layer.buffers(*shapes).items():
        yield (
            _key(node.path, name),
            Tensor(shape, _element_type(layer, name)),
        )


def _element_type(layer: Layer, name: str) -> str:
    """The element type of a buffer; one without a name is a `Constant`."""
    if not name:
        return layer.result_dtype((), ())
    return "int64" if name == "num_batches_tracked" else "float32"


def _key(path: str, name: str) -> str:
    return ".".join(part for part in (path, name) if part)
