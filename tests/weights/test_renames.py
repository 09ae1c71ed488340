"""Rules for other names: an offered rule has been tried, and a rule that fails is reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from time import process_time

import pytest
import torch

import netspec
from netspec.diagnostics import Diagnostic
from netspec.syntax.rename_rules import rename_spans
from netspec.weights import Checkpoint
from netspec.weights.agreement import agreement
from netspec.weights.checkpoint import StoredTensor
from netspec.weights.rename_search import find_rules
from netspec.weights.renaming import renamed_key

NET = """netspec: 1
inputs: {image: [N, 3, 16, 16]}
blocks:
  Layer:
    params: {width: int}
    body:
      - conv: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1, bias: false}
      - norm: BatchNorm2d
body:
  - stem: {op: Layer, width: 8}
  - layers: {op: Layer, width: 8, repeat: 12}
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flat: Flatten
  - head: {op: Linear, out_features: 10}
"""
VGG = """netspec: 1
inputs: {image: [N, 8, 16, 16]}
body:
  - features:
    - {op: Conv2d, out_channels: 8, kernel_size: 3}
    - ReLU
    - {op: MaxPool2d, kernel_size: 2}
    - {op: Conv2d, out_channels: 16, kernel_size: 3}
    - ReLU
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flat: Flatten
  - classifier:
    - {op: Linear, out_features: 20}
    - ReLU
    - {op: Linear, out_features: 20}
    - ReLU
    - {op: Linear, out_features: 5}
"""
FLAT = """netspec: 1
inputs: {v: [N, 8]}
body: [{op: Linear, out_features: 16}, ReLU, {op: Linear, out_features: 4}]
"""
INNER = """netspec: 1
inputs: {image: [N, 3, 16, 16]}
body:
  - net:
    - conv: {op: Conv2d, out_channels: 8, kernel_size: 3}
    - norm: BatchNorm2d
"""
Change = Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]


def weights_of(text: str) -> dict[str, torch.Tensor]:
    return dict(netspec.compile(text).state_dict())


def diagnostics_of(text: str, weights: dict[str, torch.Tensor]) -> list[Diagnostic]:
    network = netspec.load(text)
    held = {k: StoredTensor(tuple(v.shape), str(v.dtype)[6:]) for k, v in weights.items()}
    spec = network.report.spec
    assert spec is not None
    start = spec.root.span
    return agreement(
        network.elaborate(), Checkpoint("w.pt", held), spec.rename, start, rename_spans(spec)
    )


def offered(diagnostics: list[Diagnostic]) -> dict[str, str]:
    """The rules that the helps offer."""
    texts = [help.text for d in diagnostics for help in d.helps if "`rename: " in help.text]
    return dict(re.findall(r'"([^"]+)": "([^"]*)"', texts[0])) if texts else {}


def with_rules(text: str, rules: dict[str, str]) -> str:
    listed = ", ".join(f'"{old}": "{new}"' for old, new in rules.items())
    return f"{text}rename: {{{listed}}}\n"


def keys(change: Callable[[str], str]) -> Change:
    return lambda weights: {change(key): tensor for key, tensor in weights.items()}


def numbered(path: str, change: Callable[[int], int]) -> Callable[[str], str]:
    """The change of names that gives the members of a sequence other numbers."""
    return lambda key: re.sub(
        rf"^{re.escape(path)}\.(\d+)\.", lambda m: f"{path}.{change(int(m[1]))}.", key
    )


@pytest.mark.parametrize(
    ("text", "change", "rules"),
    [
        (VGG, numbered("classifier", lambda k: k * 3 // 2),
         {"classifier.3.": "classifier.2", "classifier.6.": "classifier.4"}),
        (VGG, numbered("classifier", lambda k: k + 2),
         {"classifier.2.": "classifier.0", "classifier.4.": "classifier.2", "classifier.6.": "classifier.4"}),
        (VGG, numbered("classifier", lambda k: k + 1), None),
        (NET, numbered("layers", lambda k: k + 1), {f"layers.{k + 1}.": f"layers.{k}" for k in range(12)}),
        (NET, numbered("layers", lambda k: k + (k > 5)), {f"layers.{k + 1}.": f"layers.{k}" for k in range(6, 12)}),
        (NET, lambda key: re.sub(r"layers\.(\d+)\.", r"layer\1.", key),
         {f"layer{k}.": f"layers.{k}" for k in range(12)}),
        (NET, lambda key: re.sub(r"layers\.(\d+)\.", r"h.\1.block.", key), {"h.*.block.": "layers.*"}),
        (NET, lambda key: key.replace("layers.", "layer."), {"layer.": "layers"}),
        (NET, lambda key: f"module.model.{key}", {"module.model.": ""}),
        (VGG, lambda key: f"0.{key}", {"0.": ""}),
        (FLAT, lambda key: f"0.{key}", {"0.": ""}),
        (NET, lambda key: key.replace("norm.weight", "norm.gamma").replace("norm.bias", "norm.beta"),
         {"gamma": "weight", "beta": "bias"}),
        (INNER, lambda key: key.removeprefix("net."), {"*.": "net.*"}),
    ],
)  # fmt: skip
def test_a_rule_that_is_offered_makes_the_file_load(text, change, rules) -> None:
    weights = keys(change)(weights_of(text))
    first, *others = diagnostics_of(text, weights)
    assert others == []
    offered_rules = offered([first])
    assert rules is None or offered_rules == rules
    assert all(len(old.removesuffix(".")) > 1 or old in ("*.", "0.") for old in offered_rules)
    module = netspec.compile(text)
    module.load_state_dict(
        {renamed_key(k, offered_rules): v for k, v in weights.items()}, strict=True
    )
    assert all(torch.equal(v, weights[k]) for k, v in keys(change)(module.state_dict()).items()), (
        "a weight came to the place of another"
    )
    assert diagnostics_of(with_rules(text, offered_rules), weights) == []


def test_what_is_too_much_or_missing_does_not_hide_a_prefix() -> None:
    weights = weights_of(NET)
    other = {f"encoder.{k}": v for k, v in weights.items() if not k.startswith("head")}
    other["decoder.weight"] = torch.zeros(99, 8)
    diagnostics = diagnostics_of(NET, other)
    assert offered(diagnostics) == {"encoder.": ""}
    assert [d.message for d in diagnostics] == [
        "78 weights of the network have different names in `w.pt`",
        "2 weights of the network are not in `w.pt`",
        "1 weight of `w.pt` is not in the network",
    ]
    after = diagnostics_of(with_rules(NET, {"encoder.": ""}), other)
    assert [d.message for d in after] == [d.message for d in diagnostics[1:]]


def test_other_classes_behind_a_prefix_are_a_shape_and_no_name() -> None:
    weights = {f"bert.{k}": v for k, v in weights_of(NET).items()}
    weights |= {"bert.head.weight": torch.zeros(7, 8), "bert.head.bias": torch.zeros(7)}
    weights |= {"cls.predictions.weight": torch.zeros(3, 8)}
    diagnostics = diagnostics_of(NET, weights)
    assert offered(diagnostics) == {"bert.": ""}
    assert [d.code for d in diagnostics] == ["NS602", "NS603", "NS604"]
    assert diagnostics[2].span is not None
    assert (diagnostics[2].span.text, diagnostics[2].label) == ("10", "10 here, 7 in the file")


def test_rules_of_the_spec_stay_in_what_is_offered() -> None:
    weights = {f"module.{k}".replace("norm", "bn"): v for k, v in weights_of(NET).items()}
    text = with_rules(NET, {"bn": "norm"})
    rules = offered(diagnostics_of(text, weights))
    assert rules == {"bn": "norm", "module.": ""}
    assert diagnostics_of(with_rules(NET, rules), weights) == []


def test_what_fits_two_ways_is_not_offered() -> None:
    twins = "netspec: 1\ninputs: {v: [N, 8]}\nbody:\n  - left: {op: Linear, out_features: 8}\n  - right: {op: Linear, out_features: 8}\n"
    weights = weights_of(twins)
    other = {k.replace("left", "one").replace("right", "two"): v for k, v in weights.items()}
    assert offered(diagnostics_of(twins, other)) == {}


def test_names_that_changed_places_are_not_offered() -> None:
    swapped = {
        k.replace("conv", "#").replace("norm", "conv").replace("#", "norm"): v
        for k, v in weights_of(NET).items()
    }
    assert offered(diagnostics_of(NET, swapped)) == {}


@pytest.mark.parametrize("seed", range(60))
def test_rules_bring_a_file_closer_and_break_nothing(seed: int) -> None:
    r = Random(seed)
    expected = {k: tuple(v.shape) for k, v in weights_of(r.choice([NET, VGG])).items()}
    file = dict(expected)
    for _ in range(r.randint(1, 3)):
        old = r.choice([part for key in file for part in key.split(".")])
        new = r.choice(["", "x", "conv", "norm.1", "0", "module", "3"])
        at_start = r.random() < 0.5
        rule = {f"{old}." if at_start else old: new}
        changed = {renamed_key(k, rule): s for k, s in file.items()}
        if len(changed) == len(file):
            file = changed
    if r.random() < 0.5:
        file = {f"m.{k}": s for k, s in file.items()}
    for key in r.sample(list(file), r.randint(0, 4)):
        del file[key]
    rules = find_rules(expected, file)
    names = [renamed_key(k, rules) for k in file]
    agreed = {k for k, s in file.items() if expected.get(k) == s}
    after = {n for n, s in zip(names, file.values(), strict=True) if expected.get(n) == s}
    assert len(set(names)) == len(names)
    assert (after > agreed) if rules else (after == agreed)


def test_a_search_in_many_names_is_bounded() -> None:
    expected = {f"model.layers.{k}.{p}.weight": (k % 7, 3) for k in range(400) for p in "abcdefgh"}
    file = {f"m.h{k}.{p}.w{k % 3}": (k % 7, 3) for k in range(400) for p in "abcdefgh"}
    start = process_time()
    find_rules(expected, file)
    assert process_time() - start < 10


# ---- rules of the spec ---------------------------------------------------------------------------------


def test_two_weights_with_one_name() -> None:
    diagnostics = diagnostics_of(with_rules(NET, {"conv": "norm"}), weights_of(NET))
    first = diagnostics[0]
    assert (first.code, first.severity) == ("NS606", "error")
    assert (
        first.message == "2 weights of `w.pt` get the same name from `rename`: `stem.norm.weight`"
    )
    assert first.notes == (
        "`stem.conv.weight`, `stem.norm.weight` all become `stem.norm.weight`; the same holds for those of 12 more names",
    )
    assert first.span is not None
    assert first.span.text == '"conv"'
    assert [d.code for d in diagnostics] == ["NS606", "NS602"]


def test_a_rule_that_nothing_matches() -> None:
    [diagnostic] = diagnostics_of(with_rules(NET, {"stage": "layers"}), weights_of(NET))
    assert (diagnostic.code, diagnostic.severity) == ("NS606", "warning")
    assert diagnostic.message == "the rule `stage` matches no weight of `w.pt`"
    assert diagnostic.span is not None
    assert diagnostic.span.text == '"stage"'


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"stage*": "layers"}, "the rule `rename: stage*` has a `*` inside a part of a name"),
        ({"h.*": "layer*"}, "the rule `rename: h.*` has a `*` inside a part of a name"),
        ({"h.*": "*.layers.*"}, "the rule `rename: h.*` has more `*` in the new name than in the old one"),
        ({"a..b": "c"}, "the rule `rename: a..b` has an empty part in a name"),
    ],
)  # fmt: skip
def test_a_rule_that_can_never_match(rule: dict[str, str], message: str) -> None:
    [diagnostic] = netspec.load(with_rules(NET, rule)).diagnostics
    assert (diagnostic.code, diagnostic.message) == ("NS025", message)
    assert diagnostic.span is not None
    assert diagnostic.span.text == f'"{next(iter(rule))}"'
