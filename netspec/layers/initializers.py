"""The functions of `torch.nn.init` that fill a tensor, and their arguments."""

from __future__ import annotations

from typing import NamedTuple

from netspec.layer.argument_kinds import NUMBER, POSITIVE, PROBABILITY, Choice, Kind, Number


class Initializer(NamedTuple):
    """The parameters of a function of `torch.nn.init` other than the tensor, and the tensors that it accepts."""

    arguments: dict[str, Kind]
    required: tuple[str, ...] = ()
    fewest_axes: int = 0
    most_axes: int = 99


_NONLINEARITY = Choice(
    "relu",
    "leaky_relu",
    "linear",
    "tanh",
    "sigmoid",
    "selu",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
)
_KAIMING = Initializer(
    {"a": NUMBER, "mode": Choice("fan_in", "fan_out"), "nonlinearity": _NONLINEARITY}, fewest_axes=2
)
_XAVIER = Initializer({"gain": NUMBER}, fewest_axes=2)
_SPREAD = Number(0)

INITIALIZERS = {
    "constant_": Initializer({"val": NUMBER}, ("val",)),
    "dirac_": Initializer({"groups": POSITIVE}, fewest_axes=3, most_axes=5),
    "eye_": Initializer({}, fewest_axes=2, most_axes=2),
    "kaiming_normal_": _KAIMING,
    "kaiming_uniform_": _KAIMING,
    "normal_": Initializer({"mean": NUMBER, "std": _SPREAD}),
    "ones_": Initializer({}),
    "orthogonal_": Initializer({"gain": NUMBER}, fewest_axes=2),
    "sparse_": Initializer({"sparsity": PROBABILITY, "std": _SPREAD}, ("sparsity",), 2, 2),
    "trunc_normal_": Initializer({"mean": NUMBER, "std": _SPREAD, "a": NUMBER, "b": NUMBER}),
    "uniform_": Initializer({"a": NUMBER, "b": NUMBER}),
    "xavier_normal_": _XAVIER,
    "xavier_uniform_": _XAVIER,
    "zeros_": Initializer({}),
}
"""The functions of `torch.nn.init` that fill a tensor; a test holds the table against torch."""
