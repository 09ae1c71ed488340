"""Advice on faults that resemble published ones: other layers, numbers of axes and ways of writing."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from netspec.advice import apply
from netspec.check import Report, check_text
from netspec.diagnostics import Help
from netspec.fix import fix


class Fault(NamedTuple):
    """A spec, the code and line of its one finding, and the first help."""

    spec: str
    code: str
    line: int
    help: str
    edited: bool = True


FAULTS = {
    "same_of_a_pool": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n"
        "  - {op: MaxPool2d, kernel_size: 3, stride: 2, padding: same}",
        "NS108", 4, "only `Conv1d`, `Conv2d` and `Conv3d` take `same`: write a number", edited=False,
    ),
    "same_of_a_transposed_convolution": Fault(
        "inputs: {sequence: [N, 3, 32]}\nbody:\n"
        "  - {op: ConvTranspose1d, out_channels: 4, kernel_size: 3, padding: valid}",
        "NS108", 4, "only `Conv1d`, `Conv2d` and `Conv3d` take `valid`: write a number", edited=False,
    ),
    "same_with_a_stride_and_unequal_windows": Fault(
        "inputs: {image: [N, 3, H, W]}\nbody:\n"
        "  - {op: Conv2d, out_channels: 64, kernel_size: [3, 4], stride: 2, dilation: 2, padding: same}",
        "NS108", 4, "write the padding as a number: [2, 3]",
    ),
    "prelu_of_channels_last": Fault(
        "inputs: {image: [N, 14, 14, 96]}\nbody:\n  - {op: PReLU, num_parameters: 96}",
        "NS209", 4,
        "96 is the last axis of [N, 14, 14, 96], and `PReLU` takes the channels second: "
        "put `{op: Permute, dims: [0, 3, 1, 2]}` before it", edited=False,
    ),
    "a_volume_of_an_odd_depth": Fault(
        "inputs: {volume: [N, 1, 17, 16, 16]}\nbody:\n"
        "  - down: {op: MaxPool3d, kernel_size: 2}\n"
        "  - up: {op: Upsample, scale_factor: 2}\n"
        "  - both: {op: Concat, from: [up, input]}",
        "NS202", 6,
        "give `up` the size of the other input: `Interpolate` with "
        "`size: [volume.size(2), volume.height, volume.width]`",
    ),
    "a_sequence_of_an_odd_length": Fault(
        "inputs: {sequence: [N, 4, 17]}\nbody:\n"
        "  - down: {op: AvgPool1d, kernel_size: 2}\n"
        "  - up: {op: Upsample, scale_factor: 2}\n"
        "  - both: {op: Add, from: [up, input]}",
        "NS203", 6,
        "give `up` the size of the other input: `Interpolate` with `size: [sequence.size(2)]`",
    ),
    "mean_that_keeps_its_axes": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 16, kernel_size: 3}\n"
        "  - {op: Mean, dim: [2, 3], keepdim: true}\n  - {op: Linear, out_features: 10}",
        "NS410", 6, "put `Flatten` before `2`, to read all channels",
    ),
}  # fmt: skip


def report(text: str) -> Report:
    return check_text(text, "net.yaml")


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_help_leaves_no_finding(name: str) -> None:
    fault = FAULTS[name]
    text = f"netspec: 1\n{fault.spec}\n"
    [finding] = report(text).diagnostics
    assert finding.span is not None
    line = text[: finding.span.start].count("\n") + 1
    first = finding.helps[0]
    assert (finding.code, line, first.text) == (fault.code, fault.line, fault.help)
    assert bool(first.edits) == fault.edited
    if fault.edited:
        assert report(apply(text, first.edits)).diagnostics == ()


def test_a_stride_that_nobody_wrote_is_no_certain_fix_for_the_other_branch() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 8, 32, 32]}\nbody:\n  - j:\n      op: Concat\n      branches:\n"
        "        a: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n"
        "        b: {op: LPPool2d, norm_type: 2, kernel_size: 2}\n"
    )
    checked = report(text)
    [finding] = checked.diagnostics
    help_: Help = finding.helps[0]
    assert help_.text == "`stride: 2` in `a` makes the sizes agree"
    assert report(apply(text, help_.edits)).valid
    assert fix(checked, report).text == text


def test_a_parameter_called_same_is_a_number() -> None:
    text = (
        "netspec: 1\nparams: {same: 1}\ninputs: {image: [N, 3, 32, 32]}\nbody:\n"
        "  - {op: MaxPool2d, kernel_size: 3, padding: same}\n"
    )
    assert report(text).valid
