"""Names of layers in other places: functions of PyTorch, layers of Keras and operators of ONNX.

Names that differ from a layer's only in case and underscores (`F.conv_transpose2d`, `torch.flatten`) need no
row; the tables below hold the rest. Tests hold them against the modules and functions of torch.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from netspec.layers import OPS
from netspec.layers.out_of_scope import OUT_OF_SCOPE

_MODULES = frozenset({
    "torch", "nn", "F", "functional", "Tensor", "special", "linalg", "ops", "torchvision", "timm", "tf",
    "tensorflow", "keras", "layers", "jax", "flax", "linen", "jnp", "np", "numpy", "math", "einops", "onnx",
})  # fmt: skip
"""The names before the dot of a function or a class in other programs."""
_OF_TORCH = frozenset({"torch", "nn", "F", "functional", "Tensor", "special", "linalg"})

_SAME = {
    # functions of torch
    "cat": "Concat", "concatenate": "Concat", "view": "Reshape", "swapdims": "Swapaxes",
    "broadcastto": "Expand", "bmm": "MatMul", "mm": "MatMul", "mv": "MatMul", "dot": "MatMul",
    "amax": "Max", "amin": "Min", "vectornorm": "Norm", "clip": "Clamp", "absolute": "Abs",
    "moveaxis": "Movedim", "arctan2": "Atan2", "arcsin": "Asin", "arccos": "Acos",
    "arctan": "Atan", "arcsinh": "Asinh", "arccosh": "Acosh", "arctanh": "Atanh", "fix": "Trunc", "greater": "Gt",
    "greaterequal": "Ge", "less": "Lt", "lessequal": "Le", "notequal": "Ne", "equal": "Eq",
    "cast": "AsType", "to": "AsType", "type": "AsType",
    "range": "Arange", "scatterelements": "Scatter", "gatherelements": "Gather", "negative": "Neg",
    "subtract": "Sub", "divide": "Div", "truedivide": "Div", "multiply": "Mul", "expit": "Sigmoid",
    "batchnorm": "BatchNorm", "instancenorm": "InstanceNorm", "nativelayernorm": "LayerNorm",
    "nativechannelshuffle": "ChannelShuffle", "multiheadattentionforward": "MultiheadAttention",
    "rnntanh": "RNN", "rnntanhcell": "RNNCell", "upsamplebilinear": "UpsamplingBilinear2d",
    "upsamplenearest": "UpsamplingNearest2d", "stochasticdepth": "DropPath",
    # layers of Keras, operators of ONNX, and common words
    "dense": "Linear", "fc": "Linear", "fullyconnected": "Linear", "gemm": "Linear", "innerproduct": "Linear",
    "swish": "SiLU", "hswish": "Hardswish", "hsigmoid": "Hardsigmoid", "plus": "Add",
    "convolution": "Conv", "maxpooling": "MaxPool", "averagepooling": "AvgPool", "averagepool": "AvgPool",
    "batchnormalization": "BatchNorm", "instancenormalization": "InstanceNorm",
    "layernormalization": "LayerNorm", "groupnormalization": "GroupNorm", "rmsnormalization": "RMSNorm",
    "zeropadding": "ZeroPad", "spatialdropout": "Dropout",
    "simplernn": "RNN", "simplernncell": "RNNCell", "lrn": "LocalResponseNorm",
    "sdpa": "ScaledDotProductAttention",
}  # fmt: skip
"""Name, in small letters without underscores and the number of axes, to the layer it is another name of."""

_NEARLY = {
    "viewas": ("Reshape", "with the `shape` of the other tensor"),
    "expandas": ("Expand", "with the `size` of the other tensor"),
    "ravel": ("Flatten", "with `start_dim: 0`"),
    "t": ("Transpose", "with `dim0: 0, dim1: 1`"),
    "hstack": ("Concat", "with `dim: 1`"),
    "vstack": ("Concat", "with `dim: 0`"),
    "clampmin": ("Clamp", "with `min`"),
    "clampmax": ("Clamp", "with `max`"),
    "rnnrelu": ("RNN", "with `nonlinearity: relu`"),
    "rnnrelucell": ("RNNCell", "with `nonlinearity: relu`"),
    "maxpoolwithindices": ("MaxPool", "with `return_indices: true`"),
    "fractionalmaxpoolwithindices": ("FractionalMaxPool", "with `return_indices: true`"),
    "adaptivemaxpoolwithindices": ("AdaptiveMaxPool", "with `return_indices: true`"),
    "pooling": ("MaxPool", "or `AvgPool` with the same number of dimensions"),
    "upsampling": ("Upsample", "with `scale_factor`, which Keras calls `size`"),
    "globalaveragepooling": ("AdaptiveAvgPool", "with `output_size: 1`, followed by `Flatten`"),
    "globalmaxpooling": ("AdaptiveMaxPool", "with `output_size: 1`, followed by `Flatten`"),
    "globalaveragepool": ("AdaptiveAvgPool", "with `output_size: 1`"),
    "globalavgpool": ("AdaptiveAvgPool", "with `output_size: 1`"),
    "globalmaxpool": ("AdaptiveMaxPool", "with `output_size: 1`"),
    "depthwiseconv": ("Conv", "with `groups`, the number of input channels"),
    "separableconv": ("Conv", "twice: with `groups`, the number of input channels, then `kernel_size: 1`"),
    "bidirectional": ("LSTM", "with `bidirectional: true`, also for `GRU` and `RNN`"),
    "eltwise": ("Add", "or `Mul` or `Maximum`"),
    "average": ("Add", "and a `Div` by the number of inputs"),
    "depthtospace": ("PixelShuffle", "which expects the channels as in torch"),
    "spacetodepth": ("PixelUnshuffle", "which expects the channels as in torch"),
}  # fmt: skip
"""Names whose arguments differ too: the layer, and the arguments to write."""

_WITH_OTHER_NUMBERS = {"batchnormalization": "its `momentum` is 1 minus that of Keras"}
"""Names with an argument that has another value here."""

_LOSSES = {
    "binarycrossentropy": "BCELoss", "binarycrossentropywithlogits": "BCEWithLogitsLoss",
}  # fmt: skip
_OPEN_SHAPE = (
    "the size of its result depends on the values of its input, so that no shape can be inferred: use `Where` or "
    "`MaskedFill` with a mask, or `TopK` with a fixed number, or compute it in the training code"
)
_OWN = "declare a custom layer (`--layers FILE.py`), or compute it in the training code"
_NONE = {
    **dict.fromkeys((
        "gumbelsoftmax", "pdist", "convtbc", "rearrange", "lambda", "groupedmm", "scaledmm", "scaledgroupedmm",
    ), _OWN),
    **dict.fromkeys((
        "nonzero", "argwhere", "unique", "uniqueconsecutive", "maskedselect", "bincount", "nms", "booleanmask",
    ), _OPEN_SHAPE),
    "inputlayer": "declare inputs under `inputs`",
    "placeholder": "declare inputs under `inputs`",
    "activation": "write the activation as an op, such as `ReLU`",
    "timedistributed": "use the layer directly: layers such as `Linear` act on every position",
    "checkpoint": "set `checkpoint: true` on the step",
}  # fmt: skip
"""Names without a corresponding layer, with the help."""

_AXES = re.compile(r"[123]d")


class Translation(NamedTuple):
    """A name from elsewhere in the words of netspec."""

    layers: tuple[str, ...]
    """The layers; several if they differ only in their number of dimensions; empty if there is none."""
    certain: bool
    """Whether nothing but the name has to change."""
    remark: str = ""
    """The arguments to write in addition or instead."""


@cache
def translated(name: str) -> Translation | None:
    """The layer of a name in another library; None if it is unknown.

    >>> translated("F.relu").layers, translated("torch.cat").layers, translated("nn.Conv").layers
    (('ReLU',), ('Concat',), ('Conv1d', 'Conv2d', 'Conv3d'))
    >>> translated("GlobalAveragePooling2D").remark
    'with `output_size: 1`, followed by `Flatten`'
    """
    module, bare = without_module(name)
    if bare in OPS:
        return Translation((bare,), certain=True)
    if bare in OUT_OF_SCOPE:
        return Translation((), False, OUT_OF_SCOPE[bare])
    word = bare.replace("_", "").lower()
    if word == "transpose" and module and module not in _OF_TORCH:
        return Translation(("Permute",), False, "with `dims`, all dimensions in their new order")
    if same := _layers(word):
        return Translation(same, certain=True)
    stem, axes = _AXES.sub("", word), "".join(_AXES.findall(word)[:1])
    if stem in _SAME:
        return Translation(_of_axes(_SAME[stem], axes), True, _WITH_OTHER_NUMBERS.get(stem, ""))
    if stem in _NEARLY:
        layer, remark = _NEARLY[stem]
        return Translation(_of_axes(layer, axes), False, remark)
    if stem.endswith("transpose") and stem.startswith("conv"):
        return Translation(_of_axes("ConvTranspose", axes), certain=True)
    return _no_layer(word)


def complemented_argument(name: str) -> str:
    """The argument of a layer of Keras whose value is 1 minus that of PyTorch.

    >>> complemented_argument("BatchNormalization"), complemented_argument("Dense")
    ('momentum', '')
    """
    stem = without_module(name)[1].replace("_", "").lower()
    return "momentum" if stem in _WITH_OTHER_NUMBERS else ""


def method_of_tensors(name: str) -> str | None:
    """The layer for a method of tensors: `view` of `x.view(-1, 8)`.

    >>> method_of_tensors("view"), method_of_tensors("Bottleneck")
    ('Reshape', None)
    """
    translations = translated(name) if name.islower() else None
    return (
        translations.layers[0]
        if translations is not None and translations.certain and len(translations.layers) == 1
        else None
    )


def without_module(name: str) -> tuple[str, str]:
    """The module prefix of a name, if layers are imported from it elsewhere, and the bare name.

    >>> without_module("torch.nn.functional.relu"), without_module("mine.Block")
    (('torch', 'relu'), ('', 'mine.Block'))
    """
    module, dot, _ = name.partition(".")
    return (module, name.rpartition(".")[2]) if dot and module in _MODULES else ("", name)


def _no_layer(word: str) -> Translation | None:
    loss = _losses().get(word)
    if loss is not None:
        return Translation((), False, OUT_OF_SCOPE[loss])
    return Translation((), False, _NONE[word]) if word in _NONE else None


@cache
def _losses() -> dict[str, str]:
    """Functions of losses, to their classes."""
    losses = {name.removesuffix("Loss").lower(): name for name in OUT_OF_SCOPE if "Loss" in name}
    return {**losses, **{f"{word}loss": name for word, name in losses.items()}, **_LOSSES}


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    """The layers by their names in small letters; those of several numbers of axes without it, too."""
    layers_by_word: dict[str, tuple[str, ...]] = {}
    for name in OPS:
        layers_by_word[name.lower()] = (name,)
    for name in OPS:
        if _AXES.search(name) and (stem := _AXES.sub("", name).lower()) not in map(str.lower, OPS):
            layers_by_word[stem] = (*layers_by_word.get(stem, ()), name)
    return layers_by_word


def _layers(word: str) -> tuple[str, ...]:
    return _by_word().get(word) or _by_word().get(word.removesuffix("layer")) or ()


def _of_axes(layer: str, axes: str) -> tuple[str, ...]:
    """The layers of a stem, such as `MaxPool`, with that many dimensions; all if it is unknown."""
    layers = _by_word()[layer.lower()]
    fitting = tuple(name for name in layers if axes and name.lower().endswith(axes))
    with_axes = _by_word().get(f"{layer.lower()}{axes}", ()) if axes else ()
    return with_axes or fitting or layers
