"""A compiled spec is what one would have written by hand: the same weights, the same results."""

from __future__ import annotations

import gallery
import pytest
import textbook
import torch
from torch import nn

EVERY_NETWORK = pytest.mark.parametrize("name", textbook.BY_NAME)


def _spec(name: str) -> str:
    return name if name == "unet" else f"textbook/{name}"


def _both(name: str) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(7)
    ours = gallery.network(_spec(name)).compile()
    torch.manual_seed(7)
    return ours, textbook.BY_NAME[name]()


@EVERY_NETWORK
def test_the_same_seed_gives_the_same_weights_and_the_same_results(name: str) -> None:
    ours, by_hand = _both(name)
    for mine, its in zip(ours.parameters(), by_hand.parameters(), strict=True):
        assert torch.equal(mine, its)
    for sizes in gallery.several(gallery.graph(_spec(name)))[:3][-2:]:
        image = gallery.inputs(gallery.graph(_spec(name)), sizes)[0]
        for training in (False, True):
            ours.train(training)
            by_hand.train(training)
            results = []
            for module in (ours, by_hand):
                torch.manual_seed(0)
                with torch.no_grad():
                    results.append(module(image))
            assert torch.equal(*results)


@pytest.mark.parametrize("name", ["densenet", "lenet", "residual_mnist"])
def test_weights_of_the_textbooks_network_load_by_their_names(name: str) -> None:
    ours, by_hand = _both(name)
    by_hand.load_state_dict(ours.state_dict(), strict=True)
    ours.load_state_dict(by_hand.state_dict(), strict=True)
