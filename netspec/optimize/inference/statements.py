"""From the typed graph to the statements of a forward pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netspec.codegen.functional import FUNCTIONS
from netspec.dims import Symbolic, is_symbolic
from netspec.graph import Graph, Node, Value
from netspec.layer.base import Function, Module, Names
from netspec.layers.constant import TensorSource
from netspec.optimize.inference.concatenations import Buffer, growing_concatenations
from netspec.optimize.inference.dataflow import Dataflow
from netspec.optimize.inference.fusion import ACTIVATIONS, FusedCall, Fusion, fuse
from netspec.optimize.inference.sizes import size_parts
from netspec.optimize.inference.statement import Held, Operand, Part, Path, Size, Statement
from netspec.optimize.layer_names import layer_name

CALLS = "f"
"""The variable of the folded weights."""
_PLACEHOLDER = re.compile(r"(_module_|_input\d+_|_size\d+_)")
_FRESH = ("Add", "BatchNorm2d", "Concat", "Conv2d", "ConvTranspose2d", "Linear", "Mul", "Sub")
"""Layers whose result is in memory of its own."""


class UnsupportedNodeError(Exception):
    """A node that cannot be written outside of the class that it is in, with the reason."""


def forward_statements(graph: Graph) -> list[Statement]:
    """Write the forward pass of a network for inference.

    Args:
        graph: The network.

    Returns:
        The statements, in order, without the `return`.

    Raises:
        UnsupportedNodeError: A node has no expression outside of its class.
    """
    return list(_with_sizes([*_Writer(graph).statements()]))


def _with_sizes(statements: Sequence[Statement]) -> Iterator[Statement]:
    """The statements, with one for each size that they read behind the first that computes its tensor."""
    pending = dict.fromkeys(o for s in statements for o in s.operands if isinstance(o, Size))
    for statement in statements:
        yield statement
        for size in [size for size in pending if size.value in statement.results]:
            del pending[size]
            yield Statement((size,), (size.value, f".size({size.axis})"))


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.flow = graph, Dataflow(graph)
        self.fusion: Fusion = fuse(self.flow)
        self.buffers = growing_concatenations(self.flow)
        self.in_calls = set(_clamps_in_calls(self.fusion, self.flow))
        self.fresh: set[Value] = set()
        """The values that share their memory with no other."""
        self.computed: list[Value] = []
        """The results of the statements so far."""

    def statements(self) -> Iterator[Statement]:
        for value in self._images():
            yield Statement((value,), (value, ".contiguous(memory_format=torch.channels_last)"))
        for value in self.graph.inputs:
            yield from self._early_buffers(value)
        for statement in self._of_nodes():
            yield statement
            for result in statement.results:
                if isinstance(result, Value):
                    self.computed.append(result)
                    yield from self._early_buffers(result)

    def _early_buffers(self, first: Value) -> Iterator[Statement]:
        """The buffers that a value starts."""
        for buffer in dict.fromkeys(self.buffers.values()):
            if buffer.first is first and buffer.starts_early(self.flow):
                held = Held(buffer.last.outputs[0])
                yield Statement((held,), ("_Channels(", first, f", {buffer.channels})"))
                yield Statement((first,), (held, ".joined()"))
                self.fresh.discard(first)

    def _of_nodes(self) -> Iterator[Statement]:
        for node in self.flow.nodes:
            if node in self.fusion.clamps:
                if node not in self.in_calls:
                    yield self._clamp(node, self.fusion.clamps[node])
            elif node in self.fusion.included:
                continue
            elif node in self.fusion.calls:
                yield from self._fused(self.fusion.calls[node])
            elif node in self.buffers:
                yield from self._joined(node, self.buffers[node])
            else:
                yield self._plain(node)

    def _images(self) -> Iterator[Value]:
        """The inputs that a convolution reads."""
        for value in self.graph.inputs:
            readers = self.flow.readers.get(value, [])
            if any(node is not None and layer_name(node) == "Conv2d" for node in readers):
                yield value

    # ---- fused calls ----------------------------------------------------------------------------------

    def _clamp(self, norm: Node, result: Value) -> Statement:
        x = self.flow.source(norm.inputs[0])
        in_place = self._may_overwrite(x)
        self.fresh.add(result)
        method = "clamp_" if in_place else "clamp"
        parts = (f"{CALLS}.{method}(", x, ", ", Path(_path(norm)), ")")
        return Statement((result,), parts, x if in_place else None)

    def _fused(self, call: FusedCall) -> Iterator[Statement]:
        x = self.flow.source(call.node.inputs[0])
        for pool, conv in self.fusion.pools_first.items():
            if conv is call.node:
                pooled = Value(pool, 0, None, x.dtype)
                yield self._function(pool, [x], pooled)
                x = pooled
        self.fresh.add(call.result)
        method = "linear" if layer_name(call.node) == "Linear" else "conv"
        operands: list[Part] = [x]
        overwritten = None
        if call.other is not None:
            method += "_add"
            operands += [", ", call.other]
            if method == "conv_add" and self._may_overwrite(call.other):
                method, overwritten = "conv_add_", call.other
        if call.clamped in self.in_calls:
            assert call.clamped is not None
            method = "preact_conv"
            operands = [self.flow.source(call.clamped.inputs[0]), ", ", Path(_path(call.clamped))]
        parts: list[Part] = [f"{CALLS}.{method}(", *operands, ", ", Path(_path(call.node))]
        if call.clamped is not None and call.clamped not in self.in_calls:
            parts += [", pre=", Path(_path(call.clamped))]
        if call.norm is not None:
            parts += [", norm=", Path(_path(call.norm))]
        if call.activation:
            parts.append(f', act="{call.activation}"')
        yield Statement((call.result,), (*parts, ")"), overwritten)

    def _joined(self, node: Node, buffer: Buffer) -> Iterator[Statement]:
        """The statements that append tensors to a buffer."""
        held, result = Held(buffer.last.outputs[0]), node.outputs[0]
        if node is buffer.nodes[0] and not buffer.starts_early(self.flow):
            yield Statement((held,), ("_Channels(", buffer.first, f", {buffer.channels})"))
        for value in buffer.appended[node]:
            yield Statement((result,), (held, ".append(", value, ")"))
        if node is buffer.last and buffer.is_free(self.flow):
            self.fresh.add(result)

    def _may_overwrite(self, value: Value) -> bool:
        """Whether no other statement reads a value, or shares its memory."""
        return value in self.fresh and len(self.flow.readers[value]) == 1

    # ---- single nodes ---------------------------------------------------------------------------------

    def _plain(self, node: Node) -> Statement:
        layer, inputs = node.layer, list(self.flow.inputs(node))
        name = layer_name(node)
        if isinstance(layer, TensorSource):
            return Statement((node.outputs[0],), (f"{CALLS}.tensor(", Path(_path(node)), ")"))
        if name in FUNCTIONS and len(node.outputs) == 1:
            return self._function(node, inputs, node.outputs[0])
        if layer is None or (not name and not isinstance(layer, Module)):
            raise UnsupportedNodeError(f"`{node.path}` is a function of a custom layer")
        return self._call(node, inputs)

    def _function(self, node: Node, inputs: list[Value], result: Value) -> Statement:
        """The call of a layer without weights as a function."""
        layer = node.layer
        assert isinstance(layer, Module)
        arguments = {k: v for k, v in layer.changed().items() if k != "inplace"}
        function = FUNCTIONS[layer_name(node)]
        texts = [repr(arguments.pop(k)) for k in layer.positional if k in arguments]
        if function == "torch.flatten":
            texts = [repr(arguments.pop("start_dim", 1))]
        overwritten = None
        if layer_name(node) in ("ReLU", "ReLU6", "Hardswish", "SiLU") and self._may_overwrite(
            inputs[0]
        ):
            overwritten, arguments["inplace"] = inputs[0], True
        if layer_name(node) in ACTIVATIONS or layer_name(node).endswith("Pool2d"):
            self.fresh.add(result)
        texts += [f"{k}={v!r}" for k, v in arguments.items()]
        parts = (f"{function}(", inputs[0], "".join(f", {t}" for t in texts), ")")
        return Statement((result,), parts, overwritten)

    def _call(self, node: Node, inputs: list[Value]) -> Statement:
        """The call as the layer writes it, of a module by its path."""
        layer = node.layer
        assert isinstance(layer, Module | Function)
        pieces: dict[str, tuple[Part, ...]] = {"_module_": (f"{CALLS}[", Path(_path(node)), "]")}
        names = []
        for number, value in enumerate(inputs):
            pieces[f"_input{number}_"] = (value,)
            names.append(f"_input{number}_")
        if layer.overwrites():
            pieces["_input0_"] = (inputs[0], ".clone()")
        keys = layer.call_arguments if isinstance(layer, Module) else tuple(layer.arguments)
        texts = {key: self._argument(node, getattr(layer, key), pieces) for key in keys}
        if isinstance(layer, Module):
            written = layer.write("_module_", *names, **texts)
        else:
            written = layer.write(*names, **texts)
        parts = [p for text in _PLACEHOLDER.split(written) for p in pieces.get(text, (text,)) if p]
        if layer_name(node) in _FRESH:
            self.fresh.update(node.outputs)
        return Statement(tuple(_target(node, self.flow)), tuple(parts))

    def _argument(self, node: Node, value: object, pieces: dict[str, tuple[Part, ...]]) -> str:
        """The text of an argument, with placeholders for sizes of tensors."""
        if isinstance(value, list | tuple):
            inner = [self._argument(node, v, pieces) for v in value]
            return f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
        if not is_symbolic(value):
            return repr(value)
        text = f"_size{len(pieces)}_"
        pieces[text] = self._size(node, value)
        return text

    def _size(self, node: Node, size: Symbolic) -> tuple[Part, ...]:
        """A symbolic size as an expression of dimensions."""
        parts = size_parts(size, [*self.flow.inputs(node), *self.graph.inputs], self.computed)
        if parts is None:
            raise UnsupportedNodeError(
                f"`{node.path}` requires the size {size}, which no tensor has"
            )
        return parts


def _clamps_in_calls(fusion: Fusion, flow: Dataflow) -> Iterator[Node]:
    """The clamps that the one convolution that reads them computes."""
    for norm, result in fusion.clamps.items():
        reader = flow.only_reader(result)
        call = fusion.calls.get(reader) if reader is not None else None
        if call is None or call.other is not None or layer_name(call.node) != "Conv2d":
            continue
        if call.node not in fusion.pools_first.values():
            yield norm


def _path(node: Node) -> str:
    """The path of the module that a node applies."""
    return (node.owner or node).path


def _target(node: Node, flow: Dataflow) -> Iterator[str | Operand]:
    """The results of a call as it returns them; `_` for one that nothing reads."""
    layer, outputs = node.layer, node.outputs
    assert layer is not None
    if len(outputs) == 1:
        yield outputs[0]
        return
    read: dict[str, str | Operand] = {
        name: value if flow.readers.get(value) else "_"
        for name, value in zip(node.result_names, outputs, strict=True)
    }
    names = layer.returned if len(layer.results) == len(outputs) else node.result_names
    yield from _nested(names, read)


def _nested(names: Names, read: dict[str, str | Operand]) -> Iterator[str | Operand]:
    for number, name in enumerate(names):
        if number:
            yield ", "
        if isinstance(name, str):
            yield read[name]
        else:
            yield "("
            yield from _nested(name, read)
            yield ")"
    if len(names) == 1:
        yield ","
