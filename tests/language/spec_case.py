"""Short specs for the tests of the language: what they compile to, and what they are rejected for."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn

import netspec
from netspec import Diagnostic, Network

torch.set_num_threads(1)


def whole(text: str) -> str:
    """A complete file from what a test cares about; the input is an image unless it says another."""
    has_inputs = re.search(r"^inputs:", text, re.MULTILINE)
    inputs = "" if has_inputs else "inputs: {image: [N, 3, H, W]}\n"
    return f"netspec: 1\n{inputs}{text.strip()}\n"


def good(text: str, preset: str | None = None, **params: Any) -> Network:
    """The network of a spec about which there is nothing to say."""
    network = netspec.load(whole(text), preset=preset, **params)
    assert [d.message for d in network.diagnostics] == []
    return network


def module(text: str, preset: str | None = None, **params: Any) -> nn.Module:
    """The module of a spec about which there is nothing to say."""
    torch.manual_seed(0)
    return good(text, preset, **params).compile().eval()


def keys(text: str, **params: Any) -> list[str]:
    """Its `state_dict` keys, in order."""
    return list(module(text, **params).state_dict())


def modules(text: str, **params: Any) -> list[str]:
    """The paths of its modules, in order."""
    return [name for name, _ in module(text, **params).named_modules()][1:]


def shape(text: str, **params: Any) -> list[str]:
    """The shape of its only output, as it prints."""
    (value,) = good(text, **params).elaborate().outputs.values
    assert value.shape is not None
    return [str(size) for size in value.shape]


def same(text: str, expected: nn.Module, *inputs: torch.Tensor, **params: Any) -> None:
    """Hold a spec against a module written by hand: the same keys in order, the same results."""
    ours = module(text, **params)
    theirs = expected.eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict(), strict=True)
    torch.testing.assert_close(ours(*inputs), theirs(*inputs), rtol=0, atol=0)


def image(*sizes: int) -> torch.Tensor:
    """A random tensor, the same for the same sizes."""
    return torch.randn(
        *(sizes or (2, 3, 8, 8)), generator=torch.Generator().manual_seed(sum(sizes))
    )


def rejected(
    marked: str, code: str, *words: str, preset: str | None = None, **params: Any
) -> Diagnostic:
    """The one error of a spec, at the place between « and », with these words in what it says."""
    text = whole(marked)
    start, end = text.find("«"), text.find("»") - 1
    text = text.replace("«", "").replace("»", "")
    diagnostics = netspec.load(text, preset=preset, **params).diagnostics
    assert [(d.severity, d.code) for d in diagnostics] == [("error", code)], [
        d.message for d in diagnostics
    ]
    (diagnostic,) = diagnostics
    if start >= 0:
        assert diagnostic.span is not None
        assert diagnostic.span.text == text[start:end]
        assert (diagnostic.span.start, diagnostic.span.end) == (start, end)
    diagnostic_text = text_of(diagnostic)
    for word in words:
        assert word in diagnostic_text, diagnostic_text
    return diagnostic


def warned(marked: str, code: str, *words: str) -> Diagnostic:
    """The one warning of a spec that still compiles."""
    text = whole(marked)
    start, end = text.find("«"), text.find("»") - 1
    text = text.replace("«", "").replace("»", "")
    network = netspec.load(text)
    assert [(d.severity, d.code) for d in network.diagnostics] == [("warning", code)]
    network.compile()
    (diagnostic,) = network.diagnostics
    assert diagnostic.span is not None
    if start >= 0:
        assert (diagnostic.span.start, diagnostic.span.end) == (start, end)
    for word in words:
        assert word in text_of(diagnostic), text_of(diagnostic)
    return diagnostic


def text_of(diagnostic: Diagnostic) -> str:
    """All the words of a diagnostic."""
    labels = (f"{label.span.text} {label.text}" for label in diagnostic.labels)
    helps = (help_.text for help_ in diagnostic.helps)
    return "\n".join([diagnostic.message, diagnostic.label, *labels, *diagnostic.notes, *helps])
