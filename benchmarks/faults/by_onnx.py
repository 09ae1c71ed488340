"""A case as an ONNX model with the weights that its text declares, through ONNX's own strict checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnx
from onnx import TensorProto, helper

from benchmarks.faults.cases import Step, steps

OPSET = 21


class NotTranslatedError(Exception):
    """An op that this translation does not have."""


class _Model:
    """The nodes and weights of a graph that is being written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.shapes: dict[str, list[int]] = {}
        """The shapes that a reader of the text sees: only to fill in what the text omits."""
        self.channels: dict[str, int] = {}
        """The channels that a reader sees, where the rest of a shape requires arithmetic."""

    def weight(self, name: str, shape: list[int]) -> str:
        """A weight of zeros."""
        size = 1
        for axis in shape:
            size *= axis
        self.weights.append(
            helper.make_tensor(name, TensorProto.FLOAT, shape, bytes(4 * size), raw=True)
        )
        return name

    def node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """One node."""
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))


def verdict(text: str) -> tuple[str, str]:
    """`rejects` or `accepts`, and what the checker says; raises `NotTranslatedError`."""
    model = _model(text)
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:  # the checker has several classes of its own
        return "rejects", " ".join(str(error).split())[:200]
    return "accepts", ""


def _model(text: str) -> onnx.ModelProto:
    inputs, body = steps(text)
    written = _Model()
    for name, declaration in inputs.items():
        if declaration["dtype"] != "float32":
            raise NotTranslatedError("integers")
        written.shapes[name] = list(declaration["shape"])
    for step in body:
        rule = _RULES.get(step.op)
        if rule is None:
            raise NotTranslatedError(step.op)
        rule(written, step, step.inputs)
    # A graph must say the rank of its outputs; that of a shape is known, whatever the tensor is.
    written.node("Shape", [body[-1].name], "its_shape")
    graph = helper.make_graph(
        written.nodes,
        "case",
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, g["shape"])
            for n, g in inputs.items()
        ],
        [helper.make_tensor_value_info("its_shape", TensorProto.INT64, ["rank"])],
        written.weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])


def _pair(value: Any, axes: int) -> list[int]:
    return list(value) if isinstance(value, list) else [value] * axes


def _axes(step: Step) -> int:
    return int(step.op.removesuffix("d")[-1])


def _conv(model: _Model, step: Step, inputs: list[str]) -> None:
    a, axes = step.arguments, _axes(step)
    kernel = _pair(a["kernel_size"], axes)
    came = model.shapes.get(inputs[0])
    if came and len(came) == axes + 1:
        raise NotTranslatedError("a picture without a batch")
    seen = came[1] if came and len(came) > 1 else model.channels.get(inputs[0])
    channels = a.get("in_channels", seen)
    if channels is None:
        raise NotTranslatedError("channels that only inference knows")
    transposed = step.op.startswith("ConvTranspose")
    shape = [channels, a["out_channels"]] if transposed else [a["out_channels"], channels]
    weight = model.weight(f"{step.name}.weight", [*shape, *kernel])
    padding = a.get("padding", 0)
    pads: dict[str, Any] = (
        {"pads": _pair(padding, axes) * 2} if padding != "same" else {"auto_pad": "SAME_UPPER"}
    )
    model.node(
        "ConvTranspose" if transposed else "Conv", [inputs[0], weight], step.name, kernel_shape=kernel,
        strides=_pair(a.get("stride", 1), axes), **pads,
    )  # fmt: skip
    model.channels[step.name] = a["out_channels"]


def _pool(model: _Model, step: Step, inputs: list[str]) -> None:
    a, axes = step.arguments, _axes(step)
    kernel = _pair(a["kernel_size"], axes)
    op = "MaxPool" if step.op.startswith("Max") else "AveragePool"
    stride = a.get("stride", a["kernel_size"])
    model.node(
        op, inputs, step.name, kernel_shape=kernel, strides=_pair(stride, axes),
        pads=_pair(a.get("padding", 0), axes) * 2, ceil_mode=int(a.get("ceil_mode", False)),
    )  # fmt: skip
    came = model.shapes.get(inputs[0])
    if came and len(came) == axes + 1:
        raise NotTranslatedError("a picture without a batch")
    seen = came[1] if came and len(came) > 1 else model.channels.get(inputs[0])
    if seen is not None:
        model.channels[step.name] = seen


def _linear(model: _Model, step: Step, inputs: list[str]) -> None:
    a = step.arguments
    came = model.shapes.get(inputs[0]) or []
    features = a.get("in_features", came[-1] if came else None)
    if features is None:
        raise NotTranslatedError("features that only inference knows")
    weight = model.weight(f"{step.name}.weight", [features, a["out_features"]])
    model.node("MatMul", [inputs[0], weight], step.name)
    model.shapes[step.name] = [*came[:-1], a["out_features"]] if came else []


def _flatten(model: _Model, step: Step, inputs: list[str]) -> None:
    a = step.arguments
    if "end_dim" in a:
        raise NotTranslatedError("Flatten of some axes")
    model.node("Flatten", inputs, step.name, axis=a.get("start_dim", 1))
    model.shapes[step.name] = []


def _as_it_is(op: str, **attributes: str) -> Callable[[_Model, Step, list[str]], None]:
    def rule(model: _Model, step: Step, inputs: list[str]) -> None:
        arguments = {name: step.arguments.get(key, 1) for name, key in attributes.items()}
        model.node(op, inputs, step.name, **arguments)
        if inputs[0] in model.shapes and len(inputs) == 1:
            model.shapes[step.name] = model.shapes[inputs[0]]
        if inputs[0] in model.channels and op != "Concat":
            model.channels[step.name] = model.channels[inputs[0]]

    return rule


_RULES: dict[str, Callable[[_Model, Step, list[str]], None]] = {
    **{f"Conv{n}d": _conv for n in (1, 2, 3)},
    "ConvTranspose2d": _conv,
    **{f"{kind}Pool{n}d": _pool for n in (1, 2, 3) for kind in ("Max", "Avg")},
    "Linear": _linear,
    "Flatten": _flatten,
    "ReLU": _as_it_is("Relu"),
    "Sigmoid": _as_it_is("Sigmoid"),
    "LogSoftmax": _as_it_is("LogSoftmax", axis="dim"),
    "Concat": _as_it_is("Concat", axis="dim"),
    "Add": _as_it_is("Add"),
}
