"""A spec as an `nn.Module`: what it gives, that it learns, and what it does with a wrong input."""

from __future__ import annotations

import sys
import time

import torch
from torch import nn

import netspec

SPEC = "specs/densenet121.yaml"
BATCH = 2
CLASSES = 1000


def main() -> None:
    """Compile the spec, run it, train it for a step, and hand it an image that is too small."""
    torch.manual_seed(0)
    begun = time.perf_counter()
    model = netspec.compile(SPEC)
    took = time.perf_counter() - begun
    weights = sum(p.numel() for p in model.parameters())
    print(f"compiled {SPEC} in {took:.2f} s: {type(model).__name__}, {weights:,} parameters")
    forward(model)
    train(model)
    reject(model)


def forward(model: nn.Module) -> None:
    """One image, no gradients."""
    model.eval()
    image = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        scores = model(image)
    print(f"forward: {list(image.shape)} -> {list(scores.shape)}")


def train(model: nn.Module) -> None:
    """One step on random data: the loss of the same batch goes down."""
    model.train()
    images, labels = torch.randn(BATCH, 3, 64, 64), torch.randint(CLASSES, (BATCH,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = nn.functional.cross_entropy(model(images), labels)
    before.backward()
    optimizer.step()
    after = nn.functional.cross_entropy(model(images), labels)
    print(f"one training step: loss {before.item():.3f} -> {after.item():.3f}")


def reject(model: nn.Module) -> None:
    """The compiled module enforces the sizes that the check inferred."""
    try:
        model(torch.randn(1, 3, 24, 24))
    except ValueError as error:
        print(f"a 24×24 image is rejected: {error}")
    else:
        sys.exit("a 24×24 image should have been rejected")


if __name__ == "__main__":
    main()
