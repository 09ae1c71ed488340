"""What a compiled module does when it runs: checkpoints, copies, exports."""

from __future__ import annotations

import copy
import pickle
import runpy
import sys

import pytest
import torch
from torch import nn

import netspec
from language.spec_case import good, image, module, whole

CHECKPOINTED = """
blocks: {B: [{op: Conv2d, out_channels: 4, kernel_size: 3}, BatchNorm2d, ReLU]}
body:
  - a: {op: B%s}
  - g: {body: [BatchNorm2d, {op: Conv2d, out_channels: 3, kernel_size: 1}, {op: Sub, from: [previous, aside]}], from: a%s}
  - bn: {op: BatchNorm2d%s}
  - r: {op: B, repeat: 2%s}
"""


def trained(text: str) -> tuple[torch.Tensor, dict[str, torch.Tensor], list[torch.Tensor]]:
    """One step of training: the result, the buffers afterwards, the gradients."""
    made = module(text).train()
    out = made(image(3, 3, 12, 12))
    out.square().sum().backward()
    return out, dict(made.named_buffers()), [p.grad for p in made.parameters()]


def with_checkpoints(switch: str) -> str:
    """The same network with and without."""
    text = CHECKPOINTED % ((switch,) * 4)
    return text.replace(
        "  - g:", "  - aside: {op: Conv2d, out_channels: 3, kernel_size: 1}\n  - g:"
    )


def test_a_checkpoint_changes_nothing_but_memory() -> None:
    plain, plain_buffers, plain_gradients = trained(with_checkpoints(""))
    out, buffers, gradients = trained(with_checkpoints(", checkpoint: true"))
    torch.testing.assert_close(out, plain)
    torch.testing.assert_close(gradients, plain_gradients)
    assert list(buffers) == list(plain_buffers)
    for name, value in buffers.items():
        assert torch.equal(value, plain_buffers[name]), name


def test_a_checkpoint_recomputes() -> None:
    made = module(
        "body: [c: {op: Conv2d, out_channels: 3, kernel_size: 1, checkpoint: true}, d: {op: Conv2d, out_channels: 3, kernel_size: 1}]"
    ).train()
    calls = {"c": 0, "d": 0}
    for name in calls:
        getattr(made, name).register_forward_pre_hook(
            lambda *_, n=name: calls.__setitem__(n, calls[n] + 1)
        )
    made(image()).sum().backward()
    assert calls == {"c": 2, "d": 1}


def test_a_checkpoint_may_be_computed() -> None:
    text = 'body: ["c{i}": {op: Conv2d, out_channels: 3, kernel_size: 1, checkpoint: i > 0, repeat: 3}]'
    made = module(text).train()
    calls = [0, 0, 0]
    for n in range(3):
        getattr(made, f"c{n}").register_forward_pre_hook(
            lambda *_, n=n: calls.__setitem__(n, calls[n] + 1)
        )
    made(image()).sum().backward()
    assert calls == [1, 2, 2]


def test_dropout_is_the_same_in_both_passes() -> None:
    made = module(
        "body: [g: {checkpoint: true, body: [{op: Dropout, p: 0.5}, {op: Conv2d, out_channels: 3, kernel_size: 1}]}]"
    ).train()
    a = image().requires_grad_()
    torch.manual_seed(3)
    out = made(a)
    out.sum().backward()
    torch.manual_seed(3)
    dropped = nn.functional.dropout(torch.ones_like(a), 0.5)
    assert torch.equal(a.grad == 0, dropped == 0)


def test_an_inline_group_can_be_checkpointed_or_says_not() -> None:
    text = "body: [g: {checkpoint: true, inline: true, body: [c: {op: Conv2d, out_channels: 3, kernel_size: 1}]}]"
    if any(d.severity == "error" for d in netspec.load(whole(text)).diagnostics):
        return
    made = module(text).train()
    calls = []
    made.c.register_forward_pre_hook(lambda *_: calls.append(1))
    made(image()).sum().backward()
    assert len(calls) == 2


def test_a_module_can_be_copied_pickled_and_saved() -> None:
    made = module(
        "blocks: {B: [{op: Conv2d, out_channels: 4, kernel_size: 3}, BatchNorm2d]}\nbody: [a: B, {op: B, repeat: 2}]"
    )
    a = image()
    expected = made(a)
    torch.testing.assert_close(copy.deepcopy(made)(a), expected)
    torch.testing.assert_close(pickle.loads(pickle.dumps(made))(a), expected)


def test_a_module_moves_with_its_constants() -> None:
    made = module("body: [c: {op: Constant, value: [[[1.5]]]}, {op: Mul, from: [input, c]}]")
    assert list(made.state_dict()) == []
    assert made.double()(image().double()).dtype == torch.float64


def test_a_module_survives_fx_and_export() -> None:
    text = "dims: {H: {min: 4}, W: {min: 4}}\nbody: [c: {op: Conv2d, out_channels: 4, kernel_size: 3}, g: [BatchNorm2d, {op: Add, from: [previous, c]}], {op: Reshape, shape: [x.batch, -1]}]"
    made = module(text)
    a = image()
    torch.testing.assert_close(torch.fx.symbolic_trace(made)(a), made(a))
    exported = torch.export.export(made, (a,))
    torch.testing.assert_close(exported.module()(a), made(a))


def test_the_printed_source_needs_torch_alone_and_gives_the_same_module(tmp_path) -> None:
    network = good(
        "blocks: {B: [{op: Conv2d, out_channels: 4, kernel_size: 3}, {op: DropPath, p: 0.1}]}\nbody: [a: B, {op: Interpolate, size: [input.height, 5]}]"
    )
    path = tmp_path / "net.py"
    path.write_text("import sys\nsys.modules['netspec'] = None\n" + network.source())
    saved = sys.modules["netspec"]
    try:
        made = runpy.run_path(str(path))["Text"]().eval()
    finally:
        sys.modules["netspec"] = saved
    ours = network.compile().eval()
    made.load_state_dict(ours.state_dict(), strict=True)
    torch.testing.assert_close(made(image()), ours(image()))


@pytest.mark.parametrize("seed", [0, 1])
def test_weights_start_as_those_of_a_module_written_by_hand(seed: int) -> None:
    network = good(
        "blocks: {B: {params: {w: int}, body: [{op: Conv2d, out_channels: w, kernel_size: 3}, BatchNorm2d]}}\nbody: [{op: B, w: 4}, {op: B, w: 5, repeat: 2}, {op: AdaptiveAvgPool2d, output_size: 1}, Flatten, {op: Linear, out_features: 3}]"
    )
    torch.manual_seed(seed)
    ours = network.compile()
    torch.manual_seed(seed)
    theirs = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)), nn.Sequential(nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5)),
        nn.Sequential(nn.Conv2d(5, 5, 3), nn.BatchNorm2d(5)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3),
    )  # fmt: skip
    for (name, mine), (other, his) in zip(
        ours.state_dict().items(), theirs.state_dict().items(), strict=True
    ):
        assert name == other
        assert torch.equal(mine, his)
