"""Squeeze on axes of open size: the conditions, compared with torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

import netspec

CRNN = """# github.com/meijieru/crnn.pytorch issues 4, 84: images 64 high; the convolutions end at height 3, not 1
netspec: 1
%sinputs: {image: [N, 1, %s, W]}
body:
  - pool: {op: MaxPool2d, kernel_size: 2, stride: 2}
  - pool2: {op: MaxPool2d, kernel_size: 4, stride: 4}
  - pool3: {op: MaxPool2d, kernel_size: [2, 2], stride: [2, 1], padding: [0, 1]}
  - conv: {op: Conv2d, out_channels: 5, kernel_size: 2}
  - squeeze: {op: Squeeze, dim: 2}
  - seq: {op: Permute, dims: [2, 0, 1]}
"""


def torch_runs(height: int) -> bool:
    x = F.max_pool2d(torch.zeros(2, 1, height, 40), 2, 2)
    x = F.max_pool2d(F.max_pool2d(x, 4, 4), (2, 2), (2, 1), (0, 1))
    x = F.conv2d(x, torch.zeros(5, 1, 2, 2)).squeeze(2)
    return x.dim() == 3


def test_an_open_axis_that_is_squeezed_has_to_be_one() -> None:
    network = netspec.load(CRNN % ("", "H"))
    assert [d.code for d in network.diagnostics] == ["NS301"]
    assert network.report.graph is not None
    domain = network.report.graph.domains["H"]
    assert domain.describe("H") == "32 <= H <= 47"
    for height in range(32, 70):
        assert torch_runs(height) == (height in domain)


def test_the_range_can_be_declared() -> None:
    (diagnostic,) = netspec.load(CRNN % ("", "H")).diagnostics
    assert "`dims: {H: {min: 32, max: 47}}`" in diagnostic.helps[0].text
    network = netspec.load(CRNN % ("dims: {H: {min: 32, max: 47}}\n", "H"))
    assert network.diagnostics == ()
    module = network.compile()
    module(torch.zeros(1, 1, 47, 40))
    for height in (31, 48):
        with pytest.raises(ValueError, match="32 <= H <= 47"):
            module(torch.zeros(1, 1, height, 40))


def test_a_declared_range_that_is_too_wide_is_an_error() -> None:
    (diagnostic,) = netspec.load(CRNN % ("dims: {H: {min: 32, max: 48}}\n", "H")).diagnostics
    assert diagnostic.code == "NS302"
    assert "H = 48" in diagnostic.message


def test_the_squeeze_that_drops_nothing_is_to_blame() -> None:
    (diagnostic,) = netspec.load(CRNN % ("", 64)).diagnostics
    assert diagnostic.path == "squeeze"
    assert (
        "the height is 3, and `seq` (Permute) does not accept [N, 5, 3, W//8]" in diagnostic.message
    )


def test_a_squeeze_that_drops_nothing_is_fine_where_the_result_is() -> None:
    text = "netspec: 1\ninputs: {a: [N, 3, 4]}\nbody: [{op: Squeeze, dim: 1}, {op: Linear, out_features: 2}]\n"
    assert netspec.load(text).diagnostics == ()


def test_an_axis_that_cannot_be_one_stays() -> None:
    text = (
        "netspec: 1\ndims: {H: {min: 2}}\ninputs: {a: [N, H, 4]}\nbody: [{op: Squeeze, dim: 1}]\n"
    )
    network = netspec.load(text)
    assert network.diagnostics == ()
    assert [str(s) for s in network.report.graph.outputs.values[0].shape] == ["N", "H", "4"]


def test_an_axis_that_can_only_be_one_goes_without_being_named() -> None:
    text = "netspec: 1\ndims: {H: {max: 1}}\ninputs: {a: [N, H, 4]}\nbody: [Squeeze]\n"
    network = netspec.load(text)
    assert network.report.graph is not None
    assert [str(s) for s in network.report.graph.outputs.values[0].shape or ()] == ["N", "4"]
    assert network.compile()(torch.zeros(3, 1, 4)).shape == (3, 4)


IDLE = {
    # steps after `sq`, which squeezes the height 5 of [N, 3, 5, 4]: what shows the mistake
    "rank": ("c: {op: Conv1d, out_channels: 4, kernel_size: 2}", "`c` (Conv1d) does not accept"),
    "steps between": ("ReLU", "Dropout", "c: BatchNorm1d", "`c` (BatchNorm1d) does not accept"),
    "turned": (
        "{op: Transpose, dim0: 1, dim1: 2}",
        "c: {op: Linear, in_features: 3, out_features: 2}",
        "`c` receives [N, 5, 3, 4], not [N, 4, 3]",
    ),
    "declared": (
        "{op: Mean, dim: -1}",
        "c: {op: Linear, in_features: 3, out_features: 2}",
        "`c` receives [N, 3, 5], not [N, 3]",
    ),
    "expected": ("c: {op: ReLU, expect: [N, 3, 4]}", "`c` is expected to have [N, 3, 4]"),
}


@pytest.mark.parametrize("case", IDLE)
def test_the_squeeze_is_to_blame_for_what_a_later_step_shows(case: str) -> None:
    *steps, consequence = IDLE[case]
    body = "".join(f"  - {step}\n" for step in ("sq: {op: Squeeze, dim: 2}", *steps))
    text = f"netspec: 1\ninputs: {{a: [N, 3, %s, 4]}}\nbody:\n{body}"
    (diagnostic,) = netspec.load(text % 5).diagnostics
    assert diagnostic.path == "sq"
    assert "removes only dimensions of size 1, but the height is 5" in diagnostic.message
    assert consequence in diagnostic.message
    assert torch.zeros(2, 3, 5, 4).squeeze(2).shape == (2, 3, 5, 4)
    assert netspec.load(text % 1).diagnostics == ()


WITHOUT_DIM = {
    # input, layer before, layer after `sq: Squeeze`: what the message says
    "a map that is not pooled to 1": (
        "[N, 8, 6, 6]", "{op: AvgPool2d, kernel_size: 3}", "{op: Linear, in_features: 8, out_features: 2}",
        "the height is 2 and the width is 2, and `c` receives [N, 8, 2, 2], not [N, 8]",
    ),
    "one side that is not 1": (
        "[N, 8, 3, 6]", "{op: AvgPool2d, kernel_size: 3}", "{op: Linear, in_features: 8, out_features: 2}",
        "the width is 2, and `c` receives [N, 8, 2], not [N, 8]",
    ),
    "steps of a sequence": (
        "[N, 8, 6]", "{op: AvgPool1d, kernel_size: 3}", "{op: BatchNorm1d, expect: [N, 8]}",
        "the length is 2, and `c` is expected to have [N, 8]",
    ),
    "the batch": (
        "[1, 8, 3, 3]", "{op: AvgPool2d, kernel_size: 3}", "BatchNorm1d",
        "`Squeeze` without `dim` drops the batch of size 1 as well, and `c` (BatchNorm1d) does not accept [8]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WITHOUT_DIM)
def test_a_squeeze_without_dim_is_to_blame(case: str) -> None:
    shape, before, after, consequence = WITHOUT_DIM[case]
    text = f"netspec: 1\ninputs: {{a: {shape}}}\nbody:\n  - {before}\n  - sq: Squeeze\n  - c: {after}\n"
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.path == "sq"
    assert consequence in diagnostic.message


def test_the_dims_that_keep_the_batch_of_one_are_offered() -> None:
    text = "netspec: 1\ninputs: {a: [1, 8, 3, 3]}\nbody:\n  - {op: AvgPool2d, kernel_size: 3}\n  - %s\n  - BatchNorm1d\n"
    (diagnostic,) = netspec.load(text % "Squeeze").diagnostics
    assert [h.text for h in diagnostic.helps] == ["set `dim: [2, 3]`"]
    assert torch.zeros(1, 8, 1, 1).squeeze().shape == (8,)
    fixed = netspec.load(text % "{op: Squeeze, dim: [2, 3]}")
    assert [d.severity for d in fixed.diagnostics if d.severity == "error"] == []
    assert fixed.compile().eval()(torch.zeros(1, 8, 3, 3)).shape == (1, 8)


def test_an_open_height_that_cannot_become_one_is_the_squeeze() -> None:
    text = CRNN % ("dims: {H: {multiple_of: 32}}\n", "H")
    text = text.replace("kernel_size: 2}\n  - squeeze", "kernel_size: 1}\n  - squeeze")
    text = text.replace("  - seq: {op: Permute, dims: [2, 0, 1]}", "  - {op: GRU, hidden_size: 2}")
    diagnostics = netspec.load(text.replace("multiple_of: 32", "min: 64")).diagnostics
    assert [d.path for d in diagnostics if d.severity == "error"] == ["squeeze"]
