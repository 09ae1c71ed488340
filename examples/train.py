"""Train a spec on pictures that are made up: `python examples/train.py specs/textbook/lenet.yaml`.

Each class has a picture of its own; what the network sees is that picture under noise. A network that learns tells
the classes of pictures that it has not seen. Any spec with one picture in and scores for classes out will do:

    python examples/train.py specs/resnet.yaml --preset resnet18 --set num_classes=10 --size 64 --steps 50
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

import torch
from torch import Tensor, nn

import netspec
from netspec.graph.nodes import axes

NOISE = 1.0


class Pictures:
    """An endless supply of pictures with their classes."""

    def __init__(self, shape: tuple[int, ...], classes: int, seed: int = 0) -> None:
        self.random = torch.Generator().manual_seed(seed)
        self.originals = torch.randn(classes, *shape, generator=self.random)

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of pictures and classes, never the same twice."""
        while True:
            labels = torch.randint(len(self.originals), (size,), generator=self.random)
            noise = torch.randn(size, *self.originals.shape[1:], generator=self.random)
            yield self.originals[labels] + NOISE * noise, labels


def scores(module: nn.Module, images: Tensor) -> Tensor:
    """What a network says of the classes; of several outputs the first."""
    output = module(images)
    return next(iter(output.values())) if isinstance(output, dict) else output


def loss_of(scores: Tensor, labels: Tensor, *, probabilities: bool) -> Tensor:
    """Cross entropy, of scores or of what a softmax made of them."""
    if probabilities:
        return nn.functional.nll_loss(scores.clamp_min(1e-9).log(), labels)
    return nn.functional.cross_entropy(scores, labels)


def train(
    network: netspec.Network, steps: int, batch: int, rate: float, size: int | None = None
) -> None:
    """Train a network, and say how it goes."""
    graph = network.elaborate()
    sizes = {**graph.examples, **({"H": size, "W": size} if size else {})}
    shape = axes(graph.inputs[0].shape or (), sizes)[1:]
    classes = axes(graph.outputs.values[0].shape or (), sizes)[-1]
    probabilities = graph.outputs.values[0].node.op == "Softmax"
    module = network.compile().train()
    optimizer = torch.optim.Adam(module.parameters(), lr=rate)
    batches = Pictures(shape, classes).batches(batch)
    for step in range(steps):
        images, labels = next(batches)
        loss = loss_of(scores(module, images), labels, probabilities=probabilities)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % max(1, steps // 10) == 0 or step == steps - 1:
            print(f"step {step:>4}: loss {loss.item():.3f}")
    images, labels = next(batches)
    with torch.no_grad():
        right = (scores(module.eval(), images).argmax(1) == labels).float().mean().item()
    print(
        f"{network.name}: {right:.0%} of {batch} new pictures classified correctly; by chance {1 / classes:.0%}"
    )


def main() -> None:
    """Read the command line, and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("spec", help="a spec with one picture in and scores for classes out")
    parser.add_argument("--preset", help="a preset of the spec")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--size", type=int, help="height and width of the pictures, where they are open"
    )
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-3, help="learning rate of Adam")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    params = {name: json.loads(value) for name, _, value in (s.partition("=") for s in args.set)}
    network = netspec.load(args.spec, preset=args.preset, **params)
    train(network, args.steps, args.batch, args.rate, args.size)


if __name__ == "__main__":
    main()
