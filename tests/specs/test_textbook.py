"""A compiled spec is what one would have written by hand: the same weights, the same results."""

from __future__ import annotations

import gallery
import pytest
import textbook
import torch
from torch import nn

EVERY_NETWORK = pytest.mark.parametrize("name", textbook.BY_NAME)


def _both(name: str) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(7)
    ours = gallery.network(name).compile()
    torch.manual_seed(7)
    return ours, textbook.BY_NAME[name]()


@EVERY_NETWORK
def test_the_same_seed_gives_the_same_weights_and_the_same_results(name: str) -> None:
    ours, by_hand = _both(name)
    for mine, its in zip(ours.parameters(), by_hand.parameters(), strict=True):
        assert torch.equal(mine, its)
    for sizes in gallery.several(gallery.graph(name))[1:3]:
        image = gallery.inputs(gallery.graph(name), sizes)[0]
        for training in (False, True):
            ours.train(training)
            by_hand.train(training)
            with torch.no_grad():
                assert torch.equal(ours(image), by_hand(image))


@pytest.mark.parametrize("name", ["densenet_small", "lenet", "residual_mnist"])
def test_weights_of_the_textbooks_network_load_by_their_names(name: str) -> None:
    ours, by_hand = _both(name)
    by_hand.load_state_dict(ours.state_dict(), strict=True)
    ours.load_state_dict(by_hand.state_dict(), strict=True)


@pytest.mark.parametrize("name", ["inception_mnist", "lenet", "residual_mnist"])
def test_training_on_a_few_pictures_learns_them(name: str) -> None:
    torch.manual_seed(0)
    module = gallery.network(name).compile().train()
    images, labels = torch.randn(16, 1, 28, 28), torch.arange(16) % 10
    optimizer = torch.optim.Adam(module.parameters(), lr=0.002)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(module(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.98 * losses[0]
    assert all(weight.grad is not None for weight in module.parameters())
