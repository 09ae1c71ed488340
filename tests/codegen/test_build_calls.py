"""What a person sees of a compiled module: names, its print, its failures, its rejections."""

from __future__ import annotations

import re
import traceback

import pytest
import torch
from small_networks import SPECS, Make, dense, lenet, mixed, unet

import netspec


def test_a_hook_is_set_by_the_name_in_the_spec() -> None:
    module = dense().eval()
    seen: list[tuple[int, ...]] = []
    layer = module.get_submodule("features.denseblock2.denselayer1")
    handle = layer.register_forward_hook(lambda _m, _i, output: seen.append(tuple(output.shape)))
    module(torch.zeros(1, 3, 32, 32))
    handle.remove()
    module(torch.zeros(1, 3, 32, 32))
    assert seen == [(1, 12, 4, 4)]


def test_it_prints_as_the_blocks_it_is_made_of() -> None:
    lines = str(dense()).splitlines()
    assert lines[:3] == [
        "DenseNet121(",
        "  (features): Sequential(",
        "    (conv0): Conv2d(3, 8, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)",
    ]
    assert "      (denselayer1): DenseLayer(" in lines
    assert "    (transition1): Transition(" in lines


def test_a_failing_call_shows_the_generated_line_and_the_line_of_the_spec() -> None:
    module = dense().eval()
    module.get_submodule("features.denseblock1.denselayer2.conv1").double()
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 3, 32, 32))
    shown = "".join(traceback.format_exception(caught.value))
    spec = (SPECS / "densenet121.yaml").read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(spec, 1) if "- conv1:" in text)
    assert re.search(rf"out = self\.conv1\(out\)  # densenet121\.yaml:{line}\n", shown)


def test_an_input_of_the_wrong_type_is_shown_where_it_enters() -> None:
    with pytest.raises(RuntimeError) as caught:
        dense()(torch.zeros(1, 3, 32, 32, dtype=torch.int64))
    shown = "".join(traceback.format_exception(caught.value))
    spec = (SPECS / "densenet121.yaml").read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(spec, 1) if "- features:" in text)
    assert re.search(rf"x = self\.features\(image\)  # densenet121\.yaml:{line}\n", shown)


@pytest.mark.parametrize(
    ("make", "shape", "message"),
    [
        (dense, (3, 32, 32), "`image` must be [N, 3, H, W] with H >= 5 and W >= 5, "
         "not [3, 32, 32]"),
        (dense, (1, 1, 32, 32), "[N, 3, H, W] with H >= 5 and W >= 5, not [1, 1, 32, 32]"),
        (dense, (1, 3, 4, 32), "[N, 3, H, W] with H >= 5 and W >= 5, not [1, 3, 4, 32]"),
        (unet, (1, 1, 24, 32), "`image` must be [N, 1, H, W] with H divisible by 16 and "
         "W divisible by 16, not [1, 1, 24, 32]"),
        (lenet, (1, 1, 32, 32), "`image` must be [N, 1, 28, 28], not [1, 1, 32, 32]"),
        (mixed, (8, 9), "`image` must be [N, 3, H, W], not [8, 9]"),
    ],
)  # fmt: skip
def test_an_input_of_the_wrong_shape_is_rejected_with_the_right_one(
    make: Make, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(message)}$"):
        make()(torch.zeros(shape))


def test_what_differs_between_the_uses_of_a_block_reaches_its_functions() -> None:
    module = netspec.compile("""
netspec: 1
inputs: {features: [N, 2]}
blocks:
  Power: {params: {exponent: float}, body: [{op: Pow, exponent: exponent}]}
body:
  - square: {op: Power, exponent: 2.0}
  - cube: {op: Power, exponent: 3.0}
""")
    assert module(torch.tensor([[1.0, 2.0]])).tolist() == [[1.0, 64.0]]
