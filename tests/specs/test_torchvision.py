"""Specs with torchvision's names take its weights and compute what it computes, bit for bit."""

from __future__ import annotations

import pathlib

import gallery
import pytest
import torch
import torchvision_oracle
from torch import nn

import netspec

SPECS = ["densenet121", "resnet18"]


def _same_weights(ours: nn.Module, theirs: nn.Module) -> None:
    """Give both modules the same weights and statistics, none of them at its default."""
    with torch.no_grad():
        for name, tensor in theirs.state_dict().items():
            if name.endswith(("running_mean", "bias")):
                tensor.normal_(std=0.1)
            elif name.endswith("running_var"):
                tensor.uniform_(0.8, 1.2)
    ours.load_state_dict(theirs.state_dict(), strict=True)


@pytest.fixture(scope="module", params=SPECS)
def pair(request: pytest.FixtureRequest) -> tuple[nn.Module, nn.Module]:
    """Our module and torchvision's, with the same weights."""
    torch.manual_seed(0)
    theirs = torchvision_oracle.model(request.param)
    ours = gallery.network(request.param).compile()
    _same_weights(ours, theirs)
    return ours, theirs


def test_the_keys_are_torchvisions_in_name_and_order(pair: tuple[nn.Module, nn.Module]) -> None:
    ours, theirs = pair
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert [n for n, _ in ours.named_buffers()] == [n for n, _ in theirs.named_buffers()]


@pytest.mark.parametrize("size", [(224, 224), (97, 131), (64, 33)])
def test_the_outputs_are_torchvisions(
    pair: tuple[nn.Module, nn.Module], size: tuple[int, int]
) -> None:
    ours, theirs = (module.eval() for module in pair)
    image = torch.randn(1, 3, *size)
    with torch.no_grad():
        assert torch.equal(ours(image), theirs(image))


@pytest.mark.parametrize("size", [(224, 224), (97, 131)])
def test_a_training_step_gives_torchvisions_outputs_gradients_and_statistics(
    pair: tuple[nn.Module, nn.Module], size: tuple[int, int]
) -> None:
    image = torch.randn(1, 3, *size)
    outputs = []
    for module in pair:
        module.train().zero_grad()
        outputs.append(module(image))
        outputs[-1].square().mean().backward()
    assert torch.equal(*outputs)
    ours, theirs = pair
    for (name, mine), (_, its) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert mine.grad is not None, name
        assert torch.equal(mine.grad, its.grad), name
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name


def test_torchvisions_densenet_is_valid_from_29_as_ours_says() -> None:
    theirs = torchvision_oracle.model("densenet121").eval()
    ours = gallery.compiled("densenet121")
    with torch.no_grad():
        for height, width in [(28, 29), (29, 28)]:
            with pytest.raises(RuntimeError, match="too small"):
                theirs(torch.zeros(1, 3, height, width))
            with pytest.raises(ValueError, match="H >= 29 and W >= 29"):
                ours(torch.zeros(1, 3, height, width))
        assert theirs(torch.zeros(1, 3, 29, 29)).shape == ours(torch.zeros(1, 3, 29, 29)).shape


def test_the_initial_weights_are_torchvisions_where_the_spec_has_its_rule() -> None:
    torch.manual_seed(1)
    theirs = torchvision_oracle.model("resnet18").state_dict()
    torch.manual_seed(1)
    ours = gallery.network("resnet18").compile().state_dict()
    assert [key for key in theirs if not torch.equal(ours[key], theirs[key])] == []


# The folder torchvision/ beside this file: networks that the gallery has no room for.
MORE = sorted(path.stem for path in (pathlib.Path(__file__).parent / "torchvision").glob("*.yaml"))
FAMILIES = {
    "resnet50": ["resnet50", "resnet101", "resnext50_32x4d"],
    "vgg16_bn": ["vgg16_bn", "vgg16"],
}


@pytest.mark.parametrize(
    ("spec", "name"), [(spec, name) for spec in MORE for name in FAMILIES.get(spec, [spec])]
)
def test_more_networks_have_torchvisions_keys_and_shapes(spec: str, name: str) -> None:
    network = _other(spec, preset=None if name == spec else name)
    assert network.diagnostics == ()
    with torch.device("meta"):
        ours, theirs = network.compile(), torchvision_oracle.model(name)
    shapes = [(key, value.shape) for key, value in theirs.state_dict().items()]
    assert [(key, value.shape) for key, value in ours.state_dict().items()] == shapes


@pytest.mark.parametrize("name", [name for name in MORE if name not in {"alexnet", "vgg16_bn"}])
def test_more_networks_compute_what_torchvisions_do(name: str) -> None:
    torch.manual_seed(0)
    ours, theirs = _other(name).compile().eval(), torchvision_oracle.model(name).eval()
    _same_weights(ours, theirs)
    image = torch.randn(1, 3, 97, 67)
    with torch.no_grad():
        assert torch.equal(ours(image), theirs(image))


def _other(name: str, preset: str | None = None) -> netspec.Network:
    return netspec.load(
        pathlib.Path(__file__).parent / "torchvision" / f"{name}.yaml", preset=preset
    )
