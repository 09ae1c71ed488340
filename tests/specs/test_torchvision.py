"""Specs with torchvision's names take its weights and compute what it computes, bit for bit."""

from __future__ import annotations

import re

import gallery
import pytest
import torch
import torchvision_oracle
import torchvision_page
from torch import Tensor, nn
from torchvision_parity import FAMILIES, compare, give_weights, modules, pairs, picture

import netspec

SMALL = {
    "vgg": "vgg11_bn",
    "googlenet": "googlenet",
    "inception_v3": "inception_v3",
    "resnet": "resnet18",
    "densenet121": "densenet121",
    "squeezenet": "squeezenet1_1",
    "mobilenet_v2": "mobilenet_v2",
    "mobilenet_v3": "mobilenet_v3_small",
    "shufflenet_v2": "shufflenet_v2_x0_5",
    "efficientnet": "efficientnet_b0",
    "mnasnet": "mnasnet0_5",
    "regnet": "regnet_y_400mf",
    "convnext": "convnext_tiny",
    "vit": "vit_b_32",
}
"""A small member of each family but the large AlexNet."""


SLOW = {
    "vgg",
    "inception_v3",
    "vit",
    "densenet121",
    "regnet",
    "efficientnet",
    "mnasnet",
    "mobilenet_v2",
}
"""Families whose smallest member takes seconds to train."""


def _marked(family: str, preset: str, *, long: bool) -> object:
    return pytest.param(family, preset, marks=pytest.mark.sweep if long else (), id=preset)


EVERY_PRESET = pytest.mark.parametrize(
    ("family", "preset"),
    [_marked(f, p, long=SMALL.get(f) != p or f == "vgg") for f, p in pairs()],
)
SMALL_ONES = pytest.mark.parametrize(
    ("family", "preset"), [_marked(f, p, long=f in SLOW) for f, p in SMALL.items()]
)
SAME_START = [
    pytest.param(f, marks=pytest.mark.sweep if f in {"vgg", "alexnet", "convnext"} else ())
    for f in FAMILIES
    if f not in {"inception_v3", "vit"}
]


@EVERY_PRESET
def test_keys_shapes_and_outputs_are_torchvisions(family: str, preset: str) -> None:
    row = compare(family, preset)
    assert row.difference == 0.0
    assert row in torchvision_page.rows()


def test_every_family_has_presets_that_torchvision_has_as_functions() -> None:
    models = torchvision_oracle.models()
    assert {family for family, _ in pairs()} == set(FAMILIES)
    assert [preset for _, preset in pairs() if preset not in models.list_models()] == []
    assert {"resnet": 10, "regnet": 15, "efficientnet": 11}.items() <= {
        family: sum(f == family for f, _ in pairs()) for family in FAMILIES
    }.items()


def test_the_page_has_a_row_for_every_preset_and_no_other() -> None:
    assert [(row.family, row.preset) for row in torchvision_page.rows()] == pairs()


@SMALL_ONES
def test_a_training_step_gives_torchvisions_outputs_gradients_and_statistics(
    family: str, preset: str
) -> None:
    ours, theirs = modules(family, preset)
    give_weights(ours, theirs, shared=False)
    image = picture(gallery.member(family, preset).elaborate())
    batch = torch.cat([image, 0.5 * image])
    for mine, its in zip(_trained(ours, batch), _trained(theirs, batch), strict=True):
        assert torch.equal(mine, its)
    # Sums in another order: of an auxiliary head's gradient and the trunk's; of pixels in another memory order.
    off = 1e-4 if family in {"googlenet", "convnext"} else 0.0
    for (name, mine), its in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert mine.grad is not None, name
        assert its.grad is not None, name
        apart = (mine.grad - its.grad).abs().max() / its.grad.abs().max()
        assert apart <= off, (name, apart)
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name


def _trained(module: nn.Module, batch: Tensor) -> list[Tensor]:
    """What a module gives in training mode; its gradients are computed."""
    torch.manual_seed(5)
    for weight in module.parameters():
        weight.requires_grad_()
    outputs = gallery.tensors(module.train()(batch))
    sum(output.square().mean() for output in outputs).backward()  # type: ignore[union-attr]
    return outputs


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


INIT = re.compile("^#   (init: .*)$", re.MULTILINE)
"""Rules that a header offers for those who want torchvision's initial weights."""


@pytest.mark.parametrize("family", SAME_START)
def test_the_same_seed_gives_torchvisions_initial_weights(family: str) -> None:
    assert _differing(family, SMALL.get(family, family)) == []


def test_inceptions_initial_weights_are_torchvisions_up_to_the_auxiliary_head() -> None:
    differing = _differing("inception_v3", "inception_v3")
    assert {key.split(".")[0] for key in differing} == {"AuxLogits"}


def _differing(family: str, preset: str) -> list[str]:
    """The keys whose initial values are not torchvision's, from one seed."""
    torch.manual_seed(1)
    theirs = torchvision_oracle.model(preset, init_weights=True).state_dict()
    torch.manual_seed(1)
    text = (gallery.FOLDER / f"{family}.yaml").read_text()
    rules = INIT.search(text)
    text += f"\n{rules[1]}\n" if rules else ""
    ours = netspec.load(text, preset=preset).compile().state_dict()
    return [key for key in theirs if not torch.equal(ours[key], theirs[key])]


@pytest.mark.parametrize(
    "depth", [18, pytest.param(50, marks=pytest.mark.sweep), pytest.param(101, marks=pytest.mark.sweep)]
)  # fmt: skip
def test_a_feature_pyramid_is_torchvisions(depth: int) -> None:
    theirs = torchvision_oracle.feature_pyramid(f"resnet{depth}")
    ours = netspec.compile(gallery.FOLDER / "resnet_fpn.yaml", preset=f"resnet{depth}_fpn")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    give_weights(ours, theirs)
    image = torch.randn(1, 3, 97, 67)
    with torch.no_grad():
        mine, its = ours.eval()(image), theirs.eval()(image)
    assert list(its) == ["0", "1", "2", "3", "pool"]
    for a, b in zip(mine.values(), its.values(), strict=True):
        assert torch.equal(a, b)
