"""The networks of the gallery learn: a loss that falls, weights that all have a gradient, tasks that are mastered."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import gallery
import pytest
import torch
from sampling import some
from torch import Tensor, nn

import netspec

ROOT = Path(__file__).parents[2]
TEXTBOOK = [name for name in gallery.NAMES if name.startswith("textbook/")]
# Large linear layers make these slow to start; their parameters are what a step costs.
LARGE = {"textbook/alexnet", "textbook/vgg11"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.sweep) if n in LARGE else n for n in TEXTBOOK]
)
def test_a_network_of_the_textbooks_takes_a_training_step(name: str) -> None:
    torch.manual_seed(0)
    graph, module = gallery.graph(name), gallery.network(name).compile().train()
    # Large enough that pooling leaves some units of every layer alive.
    sizes = {
        symbol: next(s for s in range(32, 500) if s in d) for symbol, d in graph.domains.items()
    }
    images = torch.randn(4, *gallery.shape(graph.inputs[0], {**sizes, "N": 4})[1:])
    labels = torch.arange(4)
    before = {key: weight.clone() for key, weight in module.named_parameters()}
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    loss = nn.functional.cross_entropy(module(images), labels)
    loss.backward()
    assert all(weight.grad is not None for weight in module.parameters())
    optimizer.step()
    unchanged_keys = [
        key for key, weight in module.named_parameters() if torch.equal(weight, before[key])
    ]
    # A scale or bias may have no gradient at all where the next batch norm takes it out again.
    assert [key for key in unchanged_keys if before[key].dim() > 1] == []


def _losses(module: nn.Module, loss: Any, steps: int, rate: float = 0.003) -> list[float]:
    """Train on what `loss` computes; the losses."""
    optimizer = torch.optim.Adam(module.train().parameters(), lr=rate)
    loss_history = []
    for _ in range(steps):
        value = loss()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        loss_history.append(value.item())
    assert all(weight.grad is not None for weight in module.parameters())
    return loss_history


@pytest.mark.parametrize(
    "name", some(["inception_mnist", "lenet", "residual_mnist", "densenet"], 2)
)
def test_a_textbooks_network_learns_a_few_pictures(name: str) -> None:
    torch.manual_seed(0)
    module = gallery.network(f"textbook/{name}").compile()
    images, labels = torch.randn(16, 1, 28, 28), torch.arange(16) % 10
    if name == "densenet":
        images = nn.functional.interpolate(images, size=32)
    losses = _losses(module, lambda: nn.functional.cross_entropy(module(images), labels), 20)
    assert losses[-1] < 0.98 * losses[0]


def test_a_u_net_learns_to_find_the_bright_pixels() -> None:
    torch.manual_seed(0)
    module = netspec.compile(gallery.FOLDER / "unet.yaml", widths=[4, 8, 8, 8])
    image = torch.randn(4, 1, 32, 32)
    bright = (image[:, 0] > 0.5).long()
    losses = _losses(module, lambda: nn.functional.cross_entropy(module(image), bright), 60, 0.01)
    assert losses[-1] < 0.5 * losses[0]


def test_an_autoencoder_learns_to_draw_what_it_saw() -> None:
    torch.manual_seed(0)
    module = netspec.compile(gallery.FOLDER / "autoencoder.yaml")
    rows = torch.arange(28)
    images = torch.stack([((rows[:, None] + k) % 8 < 4).float().expand(28, 28) for k in range(8)])
    losses = _losses(
        module,
        lambda: nn.functional.mse_loss(module(images[:, None])["image"], images[:, None]),
        60,
        0.01,
    )
    assert losses[-1] < 0.5 * losses[0]
    reconstructed = module.eval()(images[:, None])
    assert reconstructed["code"].shape == (8, 16)
    assert reconstructed["image"].min() >= 0
    assert reconstructed["image"].max() <= 1


def test_a_siamese_network_learns_which_pictures_belong_together() -> None:
    torch.manual_seed(0)
    module = netspec.compile(gallery.FOLDER / "siamese.yaml", widths=[8, 16], embedding=16)
    originals = torch.randn(4, 1, 14, 14)

    def pairs(count: int) -> tuple[Tensor, Tensor, Tensor]:
        left = torch.randint(4, (count,))
        right = torch.where(torch.rand(count) < 0.5, left, torch.randint(4, (count,)))
        noisy = [originals[k] + 0.3 * torch.randn(count, 1, 14, 14) for k in (left, right)]
        return noisy[0], noisy[1], (left == right).float()[:, None]

    def loss() -> Tensor:
        left, right, same = pairs(32)
        return nn.functional.binary_cross_entropy_with_logits(module(left, right), same)

    losses = _losses(module, loss, 80, 0.01)
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])
    left, right, _ = pairs(8)
    with torch.no_grad():
        assert torch.allclose(module.eval()(left, right), module(right, left), atol=1e-5)


def test_an_lstm_learns_which_word_a_text_ends_with() -> None:
    torch.manual_seed(0)
    module = netspec.compile(
        gallery.FOLDER / "text_lstm.yaml", vocabulary=20, embedding=16, hidden=16, dropout=0.0
    )

    def loss() -> Tensor:
        tokens = torch.randint(1, 20, (32, 9))
        return nn.functional.cross_entropy(module(tokens), (tokens[:, -1] > 9).long())

    losses = _losses(module, loss, 80, 0.01)
    assert losses[-1] < 0.3 * losses[0]


def test_a_gpt_learns_to_sort() -> None:
    """Three digits, a mark, and the same digits in order: everything after the mark is predicted correctly."""
    torch.manual_seed(0)
    module = netspec.compile(
        gallery.FOLDER / "gpt.yaml", vocabulary=11, context=7, depth=2, heads=4, width=64
    )

    def texts(count: int) -> Tensor:
        digits = torch.randint(10, (count, 3))
        mark = torch.full((count, 1), 10)
        return torch.cat([digits, mark, digits.sort(1).values], 1)

    def loss() -> Tensor:
        text = texts(64)
        logits = module(text[:, :-1])
        return nn.functional.cross_entropy(logits[:, 3:].flatten(0, 1), text[:, 4:].flatten())

    losses = _losses(module, loss, 200)
    assert losses[-1] < 0.2 * losses[0]
    text = texts(64)
    generated = text[:, :4]
    with torch.no_grad():
        for _ in range(3):
            generated = torch.cat([generated, module.eval()(generated)[:, -1:].argmax(-1)], 1)
    assert (generated == text).all(1).float().mean() > 0.9


def test_a_gpt_does_not_see_what_comes_later_and_has_one_table_of_tokens() -> None:
    torch.manual_seed(0)
    module = netspec.compile(gallery.FOLDER / "gpt.yaml", depth=2).eval()
    text = torch.randint(64, (1, 20))
    other = text.clone()
    other[:, 12:] = (other[:, 12:] + 1) % 64
    with torch.no_grad():
        same = (module(text) == module(other)).all(-1)[0]
    assert same[:12].all()
    assert not same[12:].any()
    assert module.lm_head.weight is module.transformer.wte.weight
    with pytest.raises(ValueError, match="T <= 64"):
        module(torch.zeros(1, 65, dtype=torch.int64))


def test_a_feature_pyramid_trains_as_deep_as_its_backbone_goes() -> None:
    torch.manual_seed(0)
    module = netspec.compile(gallery.FOLDER / "resnet_fpn.yaml", preset="resnet18_fpn", channels=16)
    image = torch.randn(2, 3, 64, 64)

    def loss() -> Tensor:
        return sum((level - 1).square().mean() for level in module(image).values())  # type: ignore[return-value]

    losses = _losses(module, loss, 6, 0.001)
    assert losses[-1] < 0.9 * losses[0]


def test_the_example_trains_a_spec(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = str(gallery.FOLDER / "textbook" / "residual_mnist.yaml")
    monkeypatch.setattr(sys, "argv", ["train.py", spec, "--steps", "20", "--set", "num_classes=5"])
    runpy.run_path(str(ROOT / "examples" / "train.py"), run_name="__main__")
    output_lines = capsys.readouterr().out.splitlines()
    losses = [float(line.rpartition(" ")[2]) for line in output_lines[:-1]]
    assert losses[-1] < 0.5 * losses[0]
    assert output_lines[-1].startswith("residual_mnist: ")
    assert output_lines[-1].endswith("by chance 20%")
    assert int(output_lines[-1].split()[1].rstrip("%")) > 60
