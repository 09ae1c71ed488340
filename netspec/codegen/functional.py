"""Layers without state and without a name: a call of a function where they are applied, and no module.

What is listed here is equal to the module bit for bit (`torch.nn.functional` is what the module calls).
"""

from __future__ import annotations

from typing import Final

from netspec.codegen.sites import Site
from netspec.graph import Node

FUNCTIONS: Final[dict[str, str]] = {
    "ReLU": "F.relu",
    "ReLU6": "F.relu6",
    "LeakyReLU": "F.leaky_relu",
    "ELU": "F.elu",
    "SELU": "F.selu",
    "CELU": "F.celu",
    "GELU": "F.gelu",
    "SiLU": "F.silu",
    "Mish": "F.mish",
    "Hardswish": "F.hardswish",
    "Hardsigmoid": "F.hardsigmoid",
    "Softplus": "F.softplus",
    "Softsign": "F.softsign",
    "LogSigmoid": "F.logsigmoid",
    "Sigmoid": "torch.sigmoid",
    "Tanh": "torch.tanh",
    "Softmax": "F.softmax",
    "LogSoftmax": "F.log_softmax",
    "MaxPool1d": "F.max_pool1d",
    "MaxPool2d": "F.max_pool2d",
    "MaxPool3d": "F.max_pool3d",
    "AvgPool1d": "F.avg_pool1d",
    "AvgPool2d": "F.avg_pool2d",
    "AvgPool3d": "F.avg_pool3d",
    "AdaptiveAvgPool1d": "F.adaptive_avg_pool1d",
    "AdaptiveAvgPool2d": "F.adaptive_avg_pool2d",
    "AdaptiveAvgPool3d": "F.adaptive_avg_pool3d",
    "AdaptiveMaxPool1d": "F.adaptive_max_pool1d",
    "AdaptiveMaxPool2d": "F.adaptive_max_pool2d",
    "AdaptiveMaxPool3d": "F.adaptive_max_pool3d",
    "PixelShuffle": "F.pixel_shuffle",
    "PixelUnshuffle": "F.pixel_unshuffle",
    "Flatten": "torch.flatten",
    "Dropout": "F.dropout",
    "Dropout1d": "F.dropout1d",
    "Dropout2d": "F.dropout2d",
    "Dropout3d": "F.dropout3d",
    "AlphaDropout": "F.alpha_dropout",
}
"""The function for a layer; its arguments have the names that the module's have."""

TRAINED: Final = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"})
"""Those that do something while training only."""


def as_call(site: Site) -> str | None:
    """The function that a site is written as, or None where it is a module."""
    first = site.first
    if not isinstance(first, Node) or not site.unnamed or first.owner is not None:
        return None
    if site.body.is_level and site.body.plan.body is site.body and site.body.plan.is_numbered:
        return None  # with it, the modules are numbered without a gap
    names = {type(node.layer).__name__ for node in site.nodes}
    if len(names) != 1 or any(node.checkpoint for node in site.nodes):
        return None
    if any(len(node.outputs) != 1 for node in site.nodes):
        return None
    layer = first.layer
    if layer is not None and getattr(layer, "return_indices", False):
        return None
    step = site.step
    if step.op is None or step.op.text != next(iter(names)):
        return None
    return FUNCTIONS.get(names.pop())
