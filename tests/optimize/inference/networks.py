"""Networks to fold, and the error of a result."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import torch
from torch import Tensor, nn

import netspec
from netspec import Network


def pair(
    network: Network, seed: int = 0, shape: tuple[int, ...] | None = None
) -> tuple[nn.Module, nn.Module]:
    """A network as plain module and as module for inference, with the same weights.

    The normalizations have scales of both signs, and some of zero. Their statistics are those of a batch with
    items of the shape; random ones without it.
    """
    torch.manual_seed(seed)
    plain, folded = network.compile().eval(), network.compile(optimize="inference")
    with torch.no_grad():
        for module in plain.modules():
            if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 2)
                if module.affine:
                    module.weight.uniform_(0.5, 1.5)
                    module.weight[1::7] *= -1
                    module.weight[:1] = 0
                    module.bias.normal_(0, 0.3)
                module.momentum = 0.1 if shape is None else 1.0
        if shape is not None:
            plain.train()(*[torch.randn(4, *shape[1:]) for _ in network.elaborate().inputs])
            plain.eval()
    folded.load_state_dict(plain.state_dict())
    return plain, folded


def tensors(result: object) -> list[Tensor]:
    """The tensors of a result, whatever holds them."""
    if isinstance(result, Tensor):
        return [result]
    values = result.values() if isinstance(result, dict) else result
    assert not isinstance(values, Tensor)
    return [t for value in values for t in tensors(value)]  # type: ignore[attr-defined]


def errors(plain: nn.Module, folded: nn.Module, *inputs: Tensor) -> tuple[float, float]:
    """The relative errors of the plain and of the folded module; the reference is float64."""
    assert folded._folded.calls_for(*inputs) is not None  # type: ignore[operator, union-attr]
    with torch.no_grad():
        results = [tensors(module(*inputs)) for module in (plain, folded)]
        wide = [x.double() if x.is_floating_point() else x for x in inputs]
        reference = tensors(plain.double()(*wide))
        plain.float()
    size = sum(float(t.square().sum()) for t in reference) or 1.0
    eager, fused = (
        sum(float((a.double() - b).square().sum()) for a, b in zip(result, reference, strict=True))
        for result in results
    )
    return (eager / size) ** 0.5, (fused / size) ** 0.5


def random_network(seed: int) -> Network:
    """A network of convolutions, normalizations, activations, sums, concatenations and pools."""
    random = Random(seed)
    steps = list(_steps(random))
    text = "netspec: 1\nname: net\ninputs: {image: [N, 4, H, W]}\nbody:\n" + "\n".join(steps)
    return netspec.load(text)


def _steps(random: Random) -> Iterator[str]:
    names = {"image": 4}
    for number in range(random.randint(6, 16)):
        source = random.choice([*names][-4:])
        channels, name = names[source], f"s{number}"
        kind = random.choice(["conv", "conv", "norm", "act", "add", "concat", "preact", "pool"])
        same = [n for n, c in names.items() if c == channels]
        if kind == "conv":
            kernel = random.choice([1, 3])
            channels = random.choice([4, 8])
            arguments = f"out_channels: {channels}, kernel_size: {kernel}, padding: {kernel // 2}"
            bias = random.choice(["true", "false"])
            yield f"  - {name}: {{op: Conv2d, from: {source}, {arguments}, bias: {bias}}}"
        elif kind == "norm":
            affine = random.choice(["true", "true", "false"])
            yield f"  - {name}: {{op: BatchNorm2d, from: {source}, affine: {affine}}}"
        elif kind == "act":
            op = random.choice(["ReLU", "ReLU", "Hardswish", "SiLU", "GELU", "ELU", "LeakyReLU"])
            yield f"  - {name}: {{op: {op}, from: {source}}}"
        elif kind == "add":
            yield f"  - {name}: {{op: Add, from: [{source}, {random.choice(same)}]}}"
        elif kind == "concat":
            other = random.choice([*names])
            channels += names[other]
            yield f"  - {name}: {{op: Concat, from: [{source}, {other}]}}"
        elif kind == "preact":
            yield f"  - {name}n: {{op: BatchNorm2d, from: {source}}}"
            yield f"  - {name}r: {{op: ReLU, from: {name}n}}"
            yield f"  - {name}: {{op: Conv2d, from: {name}r, out_channels: 8, kernel_size: 1}}"
            channels = 8
        else:
            yield f"  - {name}: {{op: AvgPool2d, from: {source}, kernel_size: 3, stride: 1, padding: 1}}"
        names[name] = channels
    yield f"  - last: {{op: AdaptiveAvgPool2d, from: {name}, output_size: 1}}"
    yield "  - {op: Flatten}"
    yield "  - {op: Linear, out_features: 5}"
