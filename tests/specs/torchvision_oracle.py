"""torchvision's models with a CPU build of torch; a test that needs one is skipped without it.

The wheel's compiled part is for CUDA and does not load here; what then stops `import torchvision`
is that it describes operators that are not declared. The models need none of them, so any
declaration will do.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from typing import Any

import pytest
import torch

_LIBRARIES: list[torch.library.Library] = []
"""What a library declares is gone when the library is."""


def model(name: str, *, init_weights: bool = False) -> torch.nn.Module:
    """A model of torchvision by its name; `init_weights` is for the two that ask whether to start theirs."""
    asked = {"init_weights": init_weights} if name in {"googlenet", "inception_v3"} else {}
    made = getattr(models(), name)(weights=None, **asked)
    assert isinstance(made, torch.nn.Module)
    return made


def feature_pyramid(backbone: str) -> torch.nn.Module:
    """A feature pyramid on a ResNet of torchvision, with batch norms that learn."""
    models()
    made = importlib.import_module(
        "torchvision.models.detection.backbone_utils"
    ).resnet_fpn_backbone(backbone_name=backbone, weights=None, norm_layer=torch.nn.BatchNorm2d)
    assert isinstance(made, torch.nn.Module)
    return made


def models() -> Any:
    """The module `torchvision.models`."""
    module_spec = importlib.util.find_spec("torchvision")
    if module_spec is None or module_spec.origin is None:
        pytest.skip("torchvision is not installed")
    if not _LIBRARIES:
        _declare_operators(
            os.path.join(os.path.dirname(module_spec.origin), "_meta_registrations.py")
        )
    return importlib.import_module("torchvision.models")


def _declare_operators(registrations: str) -> None:
    """Declare every operator that torchvision describes without having it."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    with open(registrations, encoding="utf-8") as file:
        text = file.read()
    described = re.findall(r'register_(?:fake|meta)\("(?:torchvision::)?(\w+)"\)', text)
    for name in sorted({n for n in described if not hasattr(torch.ops.torchvision, n)}):
        library.define(f"{name}(Tensor x) -> Tensor")
    _LIBRARIES.append(library)
