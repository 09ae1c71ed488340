"""A decoder that does not come back to the expected size: the helps of NS210, made and run with torch."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import netspec
from netspec.advice import apply

ENCODER = {1: "Conv1d", 2: "Conv2d", 3: "Conv3d"}


def spec(sides: list[int], *decoder: str, channels: int = 3, encoders: int = 1) -> str:
    shape = f"[N, {channels}, {', '.join(map(str, sides))}]"
    conv = f"{{op: {ENCODER[len(sides)]}, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}}"
    steps = [f"e{k}: {conv}" for k in range(encoders)] + list(decoder)
    body = "".join(f"  - {step}\n" for step in steps)
    return f"netspec: 1\ninputs: {{image: {shape}}}\nbody:\n{body}  - s: {{op: Sigmoid, expect: {shape}}}\n"


def up(axes: int, kernel: int = 3, padding: int = 1, more: str = "") -> str:
    return (
        f"d: {{op: ConvTranspose{axes}d, out_channels: 3, kernel_size: {kernel}, stride: 2, "
        f"padding: {padding}{more}}}"
    )


CASES = {
    "one too many": (spec([29, 29], up(2, more=", output_padding: 1")), "`output_padding: 0` in `d`"),
    "one too few": (spec([28, 28], up(2)), "`output_padding: 1` in `d`"),
    "one axis": (spec([29, 28], up(2)), "`output_padding: [0, 1]` in `d`"),
    "one axis of three": (spec([9, 8, 9], up(3)), "`output_padding: [0, 1, 0]` in `d`"),
    "a sequence": (spec([28], up(1)), "`output_padding: 1` in `d`"),
    "deeper": (
        spec(
            [28, 28], *(f"d{k}: {{op: ConvTranspose2d, out_channels: 3, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}}" for k in range(3)), encoders=3
        ),
        "`output_padding: 0` in `d0`",
    ),
    "no output_padding does": (spec([29, 29], up(2, 2, 0)), "add `{op: Interpolate, size: [29, 29]}` before `s`"),
    "a factor": (
        spec([29, 27], "u: {op: Upsample, scale_factor: 2}", "c: {op: Conv2d, out_channels: 3, kernel_size: 3, padding: 1}"),
        "set the size of `u` instead of a factor: `size: [29, 27]`",
    ),
    "a factor of a volume": (
        spec([9, 9, 9], "u: {op: Interpolate, scale_factor: 2, mode: trilinear}", "c: {op: Conv3d, out_channels: 3, kernel_size: 1}"),
        "set the size of `u` instead of a factor: `size: [9, 9, 9]`",
    ),
    "in a block": (
        spec([29, 29], "{op: Up, w: 8}", "{op: Up, w: 3}", encoders=2).replace(
            "body:", "blocks: {Up: {params: {w: 8}, body: [{op: ConvTranspose2d, out_channels: '=w', kernel_size: 4, stride: 2, padding: 1}, ReLU]}}\nbody:", 1
        ),
        "add `{op: Interpolate, size: [29, 29]}` before `s`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_help_brings_the_expected_size(case: str) -> None:
    text, words = CASES[case]
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.code == "NS210"
    assert diagnostic.helps[0].text.startswith(words)
    assert not diagnostic.helps[0].safe
    network = netspec.load(apply(text, diagnostic.helps[0].edits))
    assert network.diagnostics == ()
    graph = network.report.graph
    assert graph is not None
    image = torch.zeros(2, *(int(str(s)) for s in graph.inputs[0].shape[1:]))  # type: ignore[index]
    assert network.compile()(image).shape == image.shape


def test_torch_agrees_on_the_sizes_that_come_without_help() -> None:
    image = torch.zeros(1, 3, 29, 28)
    down = nn.Conv2d(3, 8, 3, stride=2, padding=1)(image)
    assert nn.ConvTranspose2d(8, 3, 3, stride=2, padding=1)(down).shape[2:] == (29, 27)
    text = CASES["one axis"][0]
    assert (
        "has the shape [N, 3, 29, 27], expected [N, 3, 29, 28]"
        in netspec.load(text).diagnostics[0].message
    )


@pytest.mark.parametrize(
    "text",
    [
        # other channels: the sides are not all that is wrong
        spec([29, 29], "d: {op: ConvTranspose2d, out_channels: 4, kernel_size: 2, stride: 2}"),
        # nothing makes the map larger
        spec([29, 29], "c: {op: Conv2d, out_channels: 3, kernel_size: 1}").replace("stride: 2, ", ""
        ).replace("expect: [N, 3, 29, 29]", "expect: [N, 3, 31, 31]"),
        # a different number of dimensions
        spec([29, 29], up(2), "Flatten"),
    ],
)  # fmt: skip
def test_no_help_where_other_things_differ(text: str) -> None:
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.code == "NS210"
    assert diagnostic.helps == ()


def test_a_join_with_one_odd_side_is_helped_by_that_side() -> None:
    text = spec([29, 28], up(2)).replace(
        "s: {op: Sigmoid, expect: [N, 3, 29, 28]}", "s: {op: Sub, from: [d, image]}"
    )
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.helps[0].text == "`output_padding: [0, 1]` in `d` makes the sizes agree"
    assert netspec.load(apply(text, diagnostic.helps[0].edits)).diagnostics == ()
